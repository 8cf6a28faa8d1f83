package mezzotint.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mezzotint.autograd.Tape;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;
import mezzotint.tensor.TensorArena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InceptionConversionTest {
    @TempDir
    Path folder;

    private final TinyTfjs model = new TinyTfjs(3);

    @Test
    void kernelsAreDequantisedAndTurned() {
        convert();
        try (SafeTensors weights = SafeTensors.open(folder.resolve("model.safetensors"))) {
            assertEquals(50 * 4, weights.names().size()); // the classifier stays out
            byte[] first = model.bytes.get("conv2d_1/kernel"); // (3, 3, 3 in, 1 out)
            float[] ours = weights.get("Conv2d_1a_3x3.conv.weight").toFloats(); // (1 out, 3 in, 3, 3)
            for (int c = 0; c < 3; c++) {
                for (int pixel = 0; pixel < 9; pixel++) {
                    assertEquals(TinyTfjs.value(first[pixel * 3 + c]), ours[c * 9 + pixel]);
                }
            }
            assertEquals(
                    Shape.of(1, 1, 1, 7),
                    weights.get("Mixed_6b.branch7x7_2.conv.weight").shape());
            assertEquals(
                    Shape.of(1, 1, 7, 1),
                    weights.get("Mixed_6c.branch7x7dbl_4.conv.weight").shape());
            float[] beta = weights.get("Mixed_6c.branch_pool.bn.bias").toFloats();
            assertEquals(TinyTfjs.value(model.bytes.get("batch_normalization_50/beta")[0]), beta[0]);
        }
    }

    @Test
    void theResultOpensAndLooks() {
        convert();
        try (Device device = CpuDevice.open();
                TensorArena weights = device.arena(VisionEncoders.weightBytes(folder));
                TensorArena activations = device.arena(16L << 20);
                Tape tape = Tape.inference(device.kernels(), activations)) {
            VisionEncoder encoder = VisionEncoders.open(folder, weights);
            int side = encoder.sideFor(3);
            VisionFeatures features = encoder.encode(tape, tape.allocate(2, 3, side, side + 16));
            assertEquals(3, features.rows());
            assertEquals(4, features.columns());
            assertEquals(Shape.of(2, 12, 4), features.tokens().shape());
            assertEquals(Shape.of(2, 4), features.pooled().shape());
        }
    }

    private void convert() {
        InceptionConversion.convert("tiny@1", model.model(), model.shards(), folder);
    }

    @Test
    void saysWhatAScriptLacks() {
        String script = model.model();
        List<String> shards = model.shards();
        assertMalformed("a script with a weightsManifest, got none", "exports={}", shards);
        assertMalformed("a whole weightsManifest, got one that does not end", script.substring(0, 900), shards);
        assertMalformed("shards of", script, shards.subList(0, 1));
        assertMalformed("a shard that exports a string, got none", script, List.of("", ""));
        assertMalformed("a shard in base64", script, List.of("h.exports=\"*\"", ""));
        assertMalformed("quantised to uint8", script.replace("\"uint8\"", "\"uint16\""), shards);
        assertMalformed("a weight called conv2d_7/kernel", script.replace("conv2d_7/", "conv2d_x/"), shards);
    }

    private void assertMalformed(String message, String script, List<String> shards) {
        var e = assertThrows(
                MalformedTfjsException.class, () -> InceptionConversion.convert("tiny@1", script, shards, folder));
        assertTrue(
                e.getMessage().startsWith("tiny@1: expected ") && e.getMessage().contains(message), e.getMessage());
    }

    /** Against the definition: normalisation after the convolution. */
    @Test
    void foldsTheNormalisationIn() {
        Map<String, float[]> tensors = Map.of(
                "u.conv.weight", new float[] {2, 3, 5, 7},
                "u.bn.weight", new float[] {0.5f, 4},
                "u.bn.bias", new float[] {1, -1},
                "u.bn.running_mean", new float[] {10, 20},
                "u.bn.running_var", new float[] {4, 0.25f});
        NamedTensors source = new NamedTensors() {
            @Override
            public Set<String> names() {
                return tensors.keySet();
            }

            @Override
            public Shape shape(String name) {
                return name.endsWith("conv.weight") ? Shape.of(2, 2, 1, 1) : Shape.of(2);
            }

            @Override
            public float[] values(String name) {
                return tensors.get(name).clone();
            }
        };
        InceptionWeights folded = new InceptionWeights(source, Set.of("u"));
        double first = 0.5 / Math.sqrt(4.001);
        double second = 4 / Math.sqrt(0.251);
        assertArrayEquals(
                new float[] {(float) (2 * first), (float) (3 * first), (float) (5 * second), (float) (7 * second)},
                folded.values("u.weight"),
                1e-5f);
        assertArrayEquals(
                new float[] {(float) (1 - 10 * first), (float) (-1 - 20 * second)}, folded.values("u.bias"), 1e-4f);
    }
}
