package mezzotint.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import mezzotint.image.ImageNormalization;
import mezzotint.io.SafeTensors;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Memory;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.TensorArena;
import org.junit.jupiter.api.Test;

/** The published configurations make networks of the published numbers of parameters; nothing is loaded. */
class PublishedSizesTest {
    /** Memory that nobody touches: shapes need addresses only. */
    private record Nowhere(long byteSize) implements Memory {
        @Override
        public long address() {
            return 64;
        }

        @Override
        public void write(long offset, MemorySegment source) {} // weights that are all zero, dropped

        @Override
        public void read(long offset, MemorySegment target) {
            throw new AssertionError("nothing is read here");
        }

        @Override
        public void fill(long offset, long bytes, byte value) {
            throw new AssertionError("nothing is filled here");
        }

        @Override
        public void copyTo(long offset, Memory target, long targetOffset, long bytes) {
            throw new AssertionError("nothing is copied here");
        }

        @Override
        public void close() {}
    }

    private static Parameters parameters() {
        return Parameters.frozen(new TensorArena(new Nowhere(64L << 30)));
    }

    private static JsonNode json(String text) throws Exception {
        return new JsonMapper().readTree(text.replace('\'', '"'));
    }

    @Test
    void dinoV2LargeWithAndWithoutRegisters() throws Exception {
        String large =
                "'hidden_size':1024,'num_hidden_layers':24,'num_attention_heads':16,'mlp_ratio':4,'image_size':518,"
                    + "'patch_size':14,'hidden_act':'gelu','layer_norm_eps':1e-6,'qkv_bias':true,'use_swiglu_ffn':false}";
        Parameters plain = parameters();
        DinoV2 encoder = new DinoV2(json("{'model_type':'dinov2'," + large), plain);
        assertEquals(
                304_368_640 - 1024, plain.elements()); // as counted by torch, less the mask token, which is not loaded
        assertEquals(1024, encoder.width());
        assertEquals(518, encoder.trainedSide());
        assertEquals(224, encoder.sideFor(16));
        Parameters four = parameters();
        new DinoV2(json("{'model_type':'dinov2_with_registers','num_register_tokens':4," + large), four);
        assertEquals(plain.elements() + 4 * 1024, four.elements());
    }

    @Test
    void dinoV2BaseWithRegisters() throws Exception {
        Parameters parameters = parameters();
        new DinoV2(
                json("{'model_type':'dinov2_with_registers','hidden_size':768,'num_hidden_layers':12,"
                        + "'num_attention_heads':12,'image_size':518,'patch_size':14,'num_register_tokens':4}"),
                parameters);
        assertEquals(86.58, parameters.elements() / 1e6, 0.005); // millions, as timm counts them
    }

    @Test
    void dinoV2Giant() throws Exception {
        Parameters parameters = parameters();
        new DinoV2(
                json("{'model_type':'dinov2','hidden_size':1536,'num_hidden_layers':40,'num_attention_heads':24,"
                        + "'image_size':518,'patch_size':14,'use_swiglu_ffn':true}"),
                parameters);
        assertEquals(1136.48, parameters.elements() / 1e6, 0.005);
    }

    @Test
    void dinoV3Large() throws Exception {
        Parameters parameters = parameters();
        DinoV3 encoder = new DinoV3(
                json("{'model_type':'dinov3_vit','hidden_size':1024,'intermediate_size':4096,'num_hidden_layers':24,"
                        + "'num_attention_heads':16,'image_size':224,'patch_size':16,'num_register_tokens':4,"
                        + "'key_bias':false}"),
                parameters);
        assertEquals(303.13, parameters.elements() / 1e6, 0.005);
        assertEquals(512, encoder.sideFor(32));
    }

    @Test
    void clipLargeAtBothSizes() throws Exception {
        for (int side : new int[] {224, 336}) {
            Parameters parameters = parameters();
            ClipVision encoder = new ClipVision(
                    json("{'model_type':'clip','projection_dim':768,'vision_config':{'hidden_size':1024,"
                            + "'intermediate_size':4096,'num_hidden_layers':24,'num_attention_heads':16,'image_size':"
                            + side + ",'patch_size':14,'hidden_act':'quick_gelu'}}"),
                    parameters);
            assertEquals(side == 224 ? 303_966_208 : 304_293_888, parameters.elements());
            assertEquals(768, encoder.pooledWidth());
        }
    }

    /** Zeros of given shapes. */
    private record Zeros(Map<String, Shape> shapes) implements NamedTensors {
        @Override
        public Set<String> names() {
            return shapes.keySet();
        }

        @Override
        public Shape shape(String name) {
            return shapes.get(name);
        }

        @Override
        public float[] values(String name) {
            return new float[Math.toIntExact(shapes.get(name).elements())];
        }
    }

    /** The recorded network's channels are an eighth of the published ones. */
    @Test
    void inceptionWholeAndCut() {
        Map<String, Shape> shapes = new TreeMap<>();
        try (SafeTensors recorded =
                SafeTensors.open(Path.of("src/test/resources/golden/vision_inception_fid/weights.safetensors"))) {
            for (String name : recorded.names()) {
                long[] dims = recorded.get(name).shape().dims();
                dims[0] *= 8;
                if (dims.length == 4 && dims[1] != 3) {
                    dims[1] *= 8;
                }
                shapes.put(name, Shape.of(dims));
            }
        }
        shapes.put("fc.weight", Shape.of(1008, 2048)); // the classifier, which is not looked at
        Parameters whole = parameters();
        Inception fid = new Inception(new Zeros(shapes), InceptionCut.MIXED_7C, ImageNormalization.FID, whole);
        assertEquals(
                21_768_352, whole.elements()); // Keras' trainable parameters without its classifier: kernels and shifts
        assertEquals(2048, fid.pooledWidth());
        assertEquals(299, fid.sideFor(8));
        Inception cut = new Inception(new Zeros(shapes), InceptionCut.MIXED_6C, ImageNormalization.NONE, parameters());
        assertEquals(768, cut.width());
        assertEquals(160, cut.sideFor(8));
        assertEquals(288, cut.sideFor(16));
    }

    @Test
    void vggAndItsWeights() {
        int[] widths = {64, 128, 256, 512, 512};
        int[][] convolutions = {{0, 2}, {5, 7}, {10, 12, 14}, {17, 19, 21}, {24, 26, 28}};
        Map<String, Shape> shapes = new TreeMap<>();
        int in = 3;
        for (int slice = 0; slice < 5; slice++) {
            for (int index : convolutions[slice]) {
                String name = "net.slice%d.%d".formatted(slice + 1, index);
                shapes.put(name + ".weight", Shape.of(widths[slice], in, 3, 3));
                shapes.put(name + ".bias", Shape.of(widths[slice]));
                in = widths[slice];
            }
            shapes.put("lin%d.model.1.weight".formatted(slice), Shape.of(1, widths[slice], 1, 1));
            shapes.put("lins.%d.model.1.weight".formatted(slice), Shape.of(1, widths[slice], 1, 1));
        }
        shapes.put("scaling_layer.shift", Shape.of(1, 3, 1, 1));
        shapes.put("scaling_layer.scale", Shape.of(1, 3, 1, 1));
        Parameters parameters = parameters();
        new Lpips(new Zeros(shapes), parameters);
        assertEquals(
                14_714_688 + 1472,
                parameters.elements()); // VGG-16's convolutions, and a weight for each tapped channel
        shapes.remove("net.slice3.12.weight");
        var missing = assertThrows(ShapeMismatchException.class, () -> new Lpips(new Zeros(shapes), parameters()));
        assertTrue(missing.getMessage().contains("net.slice3.12.weight is missing"), missing.getMessage());
    }

    @Test
    void refusesAConfigurationThatDoesNotFit() {
        String clip = "{'model_type':'clip_vision_model',";
        assertRefused(clip + "'num_channels':4}", "num_channels, expected 3, got 4");
        assertRefused(clip + "'hidden_act':'mish'}", "hidden_act, expected one of [gelu, quick_gelu");
        assertRefused(clip + "'hidden_size':50}", "num_attention_heads, expected a divisor of hidden_size 50");
        assertRefused(clip + "'num_hidden_layers':'two'}", "num_hidden_layers, expected a whole number of at least 1");
        assertRefused(clip + "'layer_norm_eps':-1}", "layer_norm_eps, expected a number above 0, got -1");
    }

    private static void assertRefused(String config, String message) {
        var e = assertThrows(InvalidVisionConfigException.class, () -> new ClipVision(json(config), parameters()));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
