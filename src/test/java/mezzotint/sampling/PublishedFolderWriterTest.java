package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.io.AtomicFolders;
import mezzotint.io.Json;
import mezzotint.io.SafeTensor;
import mezzotint.io.ShardedWriter;
import mezzotint.io.WeightsFolder;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder written with the weights it was read with is the folder upstream wrote. */
class PublishedFolderWriterTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path scratch;

    private static Map<String, Tensor> weights(Tensors tensors, Path folder) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        try (WeightsFolder stored = WeightsFolder.open(folder)) {
            stored.weights()
                    .tensors()
                    .forEach(t -> weights.put(
                            t.name(), tensors.of(t.toFloats(), t.shape().dims())));
        }
        return weights;
    }

    @Test
    void writesWhatUpstreamWrites() throws IOException {
        for (String name : new String[] {"pipeline_pixel", "pipeline_latent_kl"}) {
            Path target = scratch.resolve(name);
            PublishedFolder source = PublishedFolder.open(GOLDEN.resolve(name));
            try (Tensors tensors = new Tensors()) {
                PublishedFolderWriter.write(
                        target,
                        source,
                        weights(tensors, source.transformerFolder()),
                        DType.F32,
                        ShardedWriter.USUAL_BYTES);
            }
            for (String json : new String[] {"model_index.json", "scheduler/scheduler_config.json"}) {
                assertEquals(Json.read(source.path().resolve(json)), Json.read(target.resolve(json)), json);
            }
            assertEquals(source.index(), PublishedFolder.open(target).index());
            assertEquals(source.transformer(), PublishedFolder.open(target).transformer());
            ObjectNode config = (ObjectNode) Json.read(target.resolve("transformer/config.json"));
            ObjectNode upstreams = (ObjectNode) Json.read(source.path().resolve("transformer/config.json"));
            upstreams.remove("_diffusers_version");
            upstreams
                    .fieldNames()
                    .forEachRemaining(key -> assertTrue(
                            config.has(key) || upstreams.get(key).isNull(), () -> key + " is missing in " + config));
            config.properties()
                    .forEach(e -> assertEquals(
                            upstreams.get(e.getKey()).asDouble(), e.getValue().asDouble(), e.getKey()));
            try (WeightsFolder a = WeightsFolder.open(source.transformerFolder());
                    WeightsFolder b = WeightsFolder.open(target.resolve("transformer"))) {
                assertEquals(a.weights().names(), b.weights().names());
                for (SafeTensor tensor : a.weights().tensors()) {
                    assertEquals(
                            -1,
                            tensor.data()
                                    .mismatch(b.weights().get(tensor.name()).data()),
                            tensor.name());
                }
            }
            assertEquals(files(source.path()), files(target));
        }
    }

    /** Names of all files but those that only the recording has. */
    private static long files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(name -> !name.equals("case.json") && !name.startsWith("runs"))
                    .count();
        }
    }

    @Test
    void writesTheFormThatLoadsUpstream() throws IOException {
        Path flat = scratch.resolve("flat");
        PublishedFolder golden = PublishedFolder.open(GOLDEN.resolve("pipeline_latent_kl"));
        Path again = scratch.resolve("again");
        try (Tensors tensors = new Tensors()) {
            Map<String, Tensor> weights = weights(tensors, golden.transformerFolder());
            PublishedFolderWriter.write(flat, golden, weights, DType.BF16, 20_000);
            ObjectNode index = (ObjectNode) Json.read(flat.resolve("model_index.json"));
            index.putArray("text_encoder").add("diffusers").add("T5GemmaEncoder");
            Json.write(flat.resolve("model_index.json"), index);
            Path config = flat.resolve("text_encoder/config.json");
            ObjectNode encoder = (ObjectNode) Json.read(config).get("encoder");
            Json.write(config, encoder);

            PublishedFolderWriter.write(again, PublishedFolder.open(flat), weights, DType.BF16, 20_000);
            assertEquals(
                    "[\"prx\",\"T5GemmaEncoder\"]",
                    Json.read(again.resolve("model_index.json"))
                            .get("text_encoder")
                            .toString());
            assertEquals(
                    encoder,
                    Json.read(again.resolve("text_encoder/config.json")).get("encoder"));
            assertEquals(
                    "t5gemma",
                    Json.read(again.resolve("text_encoder/config.json"))
                            .get("model_type")
                            .asText());
            try (WeightsFolder stored = WeightsFolder.open(again.resolve("transformer"))) {
                assertTrue(stored.weights().source().endsWith(".index.json"), "several files");
                Tensor weight = weights.get("txt_in.weight");
                Tensor narrow =
                        tensors.arena().allocate(weight.shape(), DType.BF16).set(weight.toFloats());
                assertArrayEquals(
                        narrow.toFloats(), stored.weights().get("txt_in.weight").toFloats());
            }
        }
        AtomicFolders.delete(flat);
    }
}
