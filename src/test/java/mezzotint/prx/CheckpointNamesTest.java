package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import mezzotint.io.WeightsFolder;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import org.junit.jupiter.api.Test;

class CheckpointNamesTest {
    private static final Path PIXEL = Path.of("src/test/resources/golden/transformer_pixel/transformer");

    /** A source's tensors under other names. */
    private record Renamed(NamedTensors source, Map<String, String> sourceName) implements NamedTensors {
        @Override
        public Set<String> names() {
            return sourceName.keySet();
        }

        @Override
        public Shape shape(String name) {
            return source.shape(sourceName.get(name));
        }

        @Override
        public float[] values(String name) {
            return source.values(sourceName.get(name));
        }

        @Override
        public String toString() {
            return "checkpoint";
        }
    }

    private static Renamed renamed(NamedTensors source, UnaryOperator<String> rename) {
        Map<String, String> names = new LinkedHashMap<>();
        source.names().forEach(name -> names.put(rename.apply(name), name));
        return new Renamed(source, names);
    }

    /** The table of the training code's names, from the published ones. */
    private static String trainingName(String name, String ending) {
        return name.replace("attention.img_qkv_proj", "img_qkv_proj")
                .replace("attention.txt_kv_proj", "txt_kv_proj")
                .replace("attention.norm_q.weight", "qk_norm.query_norm." + ending)
                .replace("attention.norm_k.weight", "qk_norm.key_norm." + ending)
                .replace("attention.norm_added_k.weight", "k_norm." + ending)
                .replace("attention.to_out.0.weight", "attn_out.weight");
    }

    @Test
    void findsEveryTensorUnderTheTrainingCodesNames() {
        try (WeightsFolder folder = WeightsFolder.open(PIXEL)) {
            NamedTensors published = new StoredTensors(folder.weights());
            for (String ending : new String[] {"scale", "weight"}) {
                for (String prefix : new String[] {"", "state.model.denoiser.", "denoiser.", "ema_denoiser.model."}) {
                    NamedTensors stored = renamed(published, name -> prefix + trainingName(name, ending));
                    assertTrue(stored.names().contains(prefix + "blocks.1.k_norm." + ending));
                    assertSame(published, new CheckpointNames(stored));
                }
            }
            assertSame(published, new CheckpointNames(published));
        }
    }

    private static void assertSame(NamedTensors expected, NamedTensors actual) {
        assertEquals(new HashSet<>(expected.names()), new HashSet<>(actual.names()));
        for (String name : expected.names()) {
            assertEquals(expected.shape(name), actual.shape(name));
            assertArrayEquals(expected.values(name), actual.values(name), name);
        }
    }

    @Test
    void seesNothingBesideTheDenoiserAndTheRawOneFirst() {
        try (WeightsFolder folder = WeightsFolder.open(PIXEL)) {
            NamedTensors published = new StoredTensors(folder.weights());
            Map<String, String> names = new LinkedHashMap<>();
            for (String name : published.names()) {
                names.put("state.model.denoiser." + trainingName(name, "scale"), name);
                // An average that holds other numbers of the same shapes.
                names.put("state.model.ema_denoiser.model." + trainingName(name, "scale"), "txt_in.bias");
            }
            names.put("state.model.ema_denoiser._is_active", "txt_in.bias");
            names.put("state.model.repa_loss.weight", "txt_in.bias");
            assertSame(published, new CheckpointNames(new Renamed(published, names)));
        }
    }

    @Test
    void refusesOneTensorUnderTwoNames() {
        try (WeightsFolder folder = WeightsFolder.open(PIXEL)) {
            NamedTensors published = new StoredTensors(folder.weights());
            Map<String, String> names = new LinkedHashMap<>();
            published.names().forEach(name -> names.put(trainingName(name, "scale"), name));
            names.put("blocks.0.k_norm.weight", "blocks.0.attention.norm_added_k.weight");
            var thrown = assertThrows(
                    ShapeMismatchException.class, () -> new CheckpointNames(new Renamed(published, names)));
            assertTrue(
                    Pattern.matches(
                            "checkpoint: blocks\\.0\\.k_norm\\.scale and blocks\\.0\\.k_norm\\.weight are the same tensor;"
                                    + " expected one of them",
                            thrown.getMessage()),
                    thrown::getMessage);
        }
    }
}
