package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig.RopeAxes;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import mezzotint.text.TextTokens;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrxDenoiserTest {
    private static final PrxConfig PIXEL =
            new PrxConfig(3, 4, 10, 32, 3.5, 2, 2, new RopeAxes(8, 8), 10_000, 1000, 10_000, OptionalInt.of(12), true);
    private static final int T = 5;

    private final Tensors tensors = new Tensors(64 << 20);

    @AfterEach
    void free() {
        tensors.close();
    }

    /** Inputs of B pictures. */
    private record Inputs(float[] image, float[] times, float[] text, boolean[] mask, int tokens) {
        int batch() {
            return times.length;
        }

        Inputs only(int b) {
            return new Inputs(
                    part(image, b),
                    new float[] {times[b]},
                    part(text, b),
                    Arrays.copyOfRange(mask, b * tokens, (b + 1) * tokens),
                    tokens);
        }

        private float[] part(float[] all, int b) {
            int size = all.length / batch();
            return Arrays.copyOfRange(all, b * size, (b + 1) * size);
        }
    }

    private static Inputs inputs() {
        boolean[] mask = {true, true, false, true, false, false, true, true, true, true, true, false, false, false, true
        };
        return new Inputs(
                Tensors.normals(1, 3 * 3 * 8 * 12),
                new float[] {0.1f, 0.5f, 1},
                Tensors.normals(2, 3 * T * 10),
                mask,
                T);
    }

    private static PrxDenoiser denoiser(Tensors tensors, boolean recompute, boolean random) {
        Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(1));
        PrxDenoiser denoiser = new PrxDenoiser(PIXEL, parameters, recompute);
        if (random) {
            int seed = 50;
            for (Parameter p : parameters.all()) {
                float[] values = Tensors.normals(
                        seed++, Math.toIntExact(p.value().shape().elements()));
                for (int i = 0; i < values.length; i++) {
                    values[i] = 0.2f * values[i] + (p.name().contains("norm") ? 1 : 0);
                }
                p.value().set(values);
            }
        }
        return denoiser;
    }

    private static float[] output(Devices.Setup setup, PrxDenoiser denoiser, Inputs in) {
        TestDevice device = new TestDevice(setup.kernels());
        try (var activations = device.arena(16 << 20);
                Tape tape = Tape.inference(device.kernels(), activations)) {
            return forward(tape, denoiser, in, tape.constant(in.image, in.batch(), 3, 8, 12))
                    .toFloats();
        }
    }

    private static Tensor forward(Tape tape, PrxDenoiser denoiser, Inputs in, Tensor image) {
        Tensor mask = tape.allocate(Shape.of(in.batch(), in.tokens), DType.BOOL).set(in.mask);
        PrxText text = denoiser.text(tape, tape.constant(in.text, in.batch(), in.tokens, 10), mask);
        return denoiser.forward(tape, image, tape.constant(in.times, in.batch()), text);
    }

    private float[] output(Inputs in) {
        return output(Devices.one(), denoiser(tensors, false, true), in);
    }

    @Test
    void isExactlyZeroAtInitialisation() {
        assertArrayEquals(new float[3 * 3 * 8 * 12], output(Devices.one(), denoiser(tensors, false, false), inputs()));
    }

    @Test
    void maskedTextCanBeDropped() {
        Inputs in = inputs();
        boolean[] mask = in.mask.clone();
        Arrays.fill(mask, 2 * T, 3 * T, false); // a prompt without a single token, as the empty one can be
        mask[0] = false; // and one padded on the left; three real tokens are the most now
        mask[T + 1] = mask[T + 2] = mask[T + 3] = true;
        mask[T] = mask[T + 4] = false;
        Inputs masked = new Inputs(in.image, in.times, in.text, mask, T);
        PrxDenoiser denoiser = denoiser(tensors, false, true);
        for (Devices.Setup setup : List.of(Devices.one())) {
            TestDevice device = new TestDevice(setup.kernels());
            try (var activations = device.arena(16 << 20);
                    Tape tape = Tape.inference(device.kernels(), activations)) {
                Tensor image = tape.constant(in.image, 3, 3, 8, 12);
                float[] expected = forward(tape, denoiser, masked, image).toFloats();
                TextTokens all = new TextTokens(
                        tape.constant(in.text, 3, T, 10),
                        tape.allocate(Shape.of(3, T), DType.BOOL).set(mask));
                TextTokens kept = all.withoutMasked(tape);
                assertEquals(Shape.of(3, 3, 10), kept.embeddings().shape());
                PrxText text = denoiser.text(tape, kept.embeddings(), kept.mask());
                float[] dropped = denoiser.forward(tape, image, tape.constant(in.times, 3), text)
                        .toFloats();
                // The same numbers, summed in another order: a few roundings of 6e-8.
                RelativeError.assertRelativeError(dropped, Tensors.doubles(expected), 1e-6);
            }
        }
    }

    @Test
    void nothingIsDroppedWhereOnePromptIsFull() {
        try (Tape tape = Tape.inference(Devices.one().kernels(), tensors.arena())) {
            TextTokens tokens = new TextTokens(
                    tape.constant(Tensors.normals(1, 2 * T * 10), 2, T, 10),
                    tape.allocate(Shape.of(2, T), DType.BOOL)
                            .set(true, true, true, true, true, false, false, true, false, false));
            assertSame(tokens, tokens.withoutMasked(tape));
        }
    }

    @Test
    void tellsWhenItHasDoneWithABlock() {
        List<Integer> told = new ArrayList<>();
        PrxDenoiser denoiser = denoiser(tensors, false, true);
        float[] silent = output(Devices.one(), denoiser, inputs());
        assertArrayEquals(silent, output(Devices.one(), denoiser.tellingAfterBlocks(told::add), inputs()));
        assertEquals(List.of(0, 1, 0, 1, 2), told); // the text's keys and values, the blocks, the final layer
    }

    @Test
    void doesNotSeeTheOrderOfTextTokens() {
        Inputs in = inputs();
        int[] order = {3, 0, 4, 2, 1};
        float[] text = new float[in.text.length];
        boolean[] mask = new boolean[in.mask.length];
        for (int b = 0; b < in.batch(); b++) {
            for (int i = 0; i < T; i++) {
                System.arraycopy(in.text, (b * T + order[i]) * 10, text, (b * T + i) * 10, 10);
                mask[b * T + i] = in.mask[b * T + order[i]];
            }
        }
        // The same sums in another order: float32's 6e-8 a few times over.
        RelativeError.assertRelativeError(
                "permuted", output(new Inputs(in.image, in.times, text, mask, T)), Tensors.doubles(output(in)), 2e-6);
    }

    @Test
    void ignoresPaddedText() {
        Inputs in = inputs();
        float[] text = in.text.clone();
        for (int i = 0; i < in.mask.length; i++) {
            if (!in.mask[i]) {
                Arrays.fill(text, i * 10, (i + 1) * 10, 1000f * (i + 1));
            }
        }
        assertArrayEquals(output(in), output(new Inputs(in.image, in.times, text, in.mask, T)));
    }

    @Test
    void readsTextThatIsNotPadded() {
        Inputs in = inputs();
        float[] text = in.text.clone();
        text[0] += 1; // of the first prompt, whose first token is real
        float[] before = output(in);
        float[] after = output(new Inputs(in.image, in.times, text, in.mask, T));
        int size = before.length / 3;
        assertFalse(Arrays.equals(Arrays.copyOf(before, size), Arrays.copyOf(after, size)));
        assertArrayEquals(Arrays.copyOfRange(before, size, 3 * size), Arrays.copyOfRange(after, size, 3 * size));
    }

    /** The recorded case {@code allpad} says that it is upstream's; here, that text has no way in at all. */
    @Test
    void withoutARealTokenThePictureSeesItselfOnly() {
        Inputs in = inputs();
        float[] none = output(new Inputs(in.image, in.times, in.text, new boolean[3 * T], T));
        float[] other = output(new Inputs(in.image, in.times, Tensors.normals(77, 3 * 2 * 10), new boolean[6], 2));
        // Another number of text tokens may cut the sums elsewhere.
        RelativeError.assertRelativeError("no text", other, Tensors.doubles(none), 2e-6);
        assertTrue(Float.isFinite(none[0]));
    }

    @Test
    void picturesOfABatchAreIndependent() {
        Inputs in = inputs();
        float[] all = output(in);
        int size = all.length / 3;
        for (int b = 0; b < 3; b++) {
            // Products of more rows may be cut into other tiles.
            RelativeError.assertRelativeError(
                    "picture " + b,
                    output(in.only(b)),
                    Tensors.doubles(Arrays.copyOfRange(all, b * size, (b + 1) * size)),
                    2e-6);
        }
    }

    @Test
    void seesTheTimeAndTheSize() {
        Inputs in = inputs().only(0);
        float[] before = output(in);
        assertFalse(Arrays.equals(before, output(new Inputs(in.image, new float[] {0.11f}, in.text, in.mask, T))));
        try (var activations = new TestDevice().arena(16 << 20);
                Tape tape = Tape.inference(Devices.one().kernels(), activations)) {
            // The same four patches, tall or wide: all patches alike, so that only the size tells.
            float[] grey = new float[3 * 64];
            Arrays.fill(grey, 0.5f);
            PrxDenoiser denoiser = denoiser(tensors, false, true);
            float[] tall = forward(tape, denoiser, in, tape.constant(grey, 1, 3, 16, 4))
                    .toFloats();
            float[] wide = forward(tape, denoiser, in, tape.constant(grey, 1, 3, 4, 16))
                    .toFloats();
            assertFalse(Arrays.equals(Arrays.copyOf(tall, 4), Arrays.copyOf(wide, 4)));
        }
    }

    private static List<float[]> gradients(Devices.Setup setup, boolean recompute) {
        TestDevice device = new TestDevice(setup.kernels());
        List<float[]> all = new ArrayList<>();
        try (Tensors weights = new Tensors(32 << 20);
                var activations = device.arena(16 << 20);
                var gradients = device.arena(16 << 20);
                Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            PrxDenoiser denoiser = denoiser(weights, recompute, true);
            Inputs in = inputs();
            Tensor image = tape.watch(tape.constant(in.image, 3, 3, 8, 12));
            Tensor out = forward(tape, denoiser, in, image);
            tape.backward(out, tape.constant(Tensors.normals(9, 3 * 3 * 8 * 12), 3, 3, 8, 12));
            all.add(out.toFloats());
            all.add(tape.gradient(image).toFloats());
            denoiser.parameters()
                    .all()
                    .forEach(p -> all.add(p.gradient().orElseThrow().toFloats()));
        }
        return all;
    }

    private static void assertSameBits(String what, List<float[]> expected, List<float[]> actual) {
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), what + ", tensor " + i);
        }
    }

    @Test
    void recomputingGivesTheSameBits() {
        assertSameBits("recomputed", gradients(Devices.one(), false), gradients(Devices.one(), true));
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        Map<String, List<float[]>> first = new HashMap<>();
        for (Devices.Setup setup : Devices.all()) {
            List<float[]> here = gradients(setup, true);
            assertSameBits(setup.name(), first.computeIfAbsent(setup.bits(), bits -> here), here);
        }
    }

    @Test
    void everyParameterHasAGradient() {
        List<float[]> gradients = gradients(Devices.one(), false);
        for (int i = 0; i < gradients.size(); i++) {
            float[] gradient = gradients.get(i);
            boolean some = false;
            for (float g : gradient) {
                some |= g != 0;
            }
            assertTrue(some, "tensor " + i + " is all zero");
        }
    }

    @Test
    void namesWhatDoesNotFit() {
        PrxDenoiser denoiser = denoiser(tensors, false, false);
        PrxDenoiser other = new PrxDenoiser(
                new PrxConfig(3, 4, 10, 32, 3.5, 2, 1, new RopeAxes(8, 8), 1e4, 1e3f, 1e4f, OptionalInt.empty(), false),
                new Parameters(tensors.arena(), new PhiloxRandom(1)));
        try (var activations = new TestDevice().arena(16 << 20);
                Tape tape = Tape.inference(Devices.one().kernels(), activations)) {
            PrxText text = denoiser.text(tape, tape.constant(new float[2 * T * 10], 2, T, 10));
            Tensor times = tape.constant(new float[2], 2);
            assertMessage(
                    "text embeddings (2, 5, 9), expected (B, T, 10)",
                    () -> denoiser.text(tape, tape.allocate(2, T, 9)));
            String sides = ", expected (B, 3, height, width) with sides that are multiples of 4";
            assertMessage(
                    "denoiser: picture (2, 3, 31, 32)" + sides,
                    () -> denoiser.forward(tape, tape.allocate(2, 3, 31, 32), times, text));
            assertMessage(
                    "denoiser: picture (2, 4, 32, 32)" + sides,
                    () -> denoiser.forward(tape, tape.allocate(2, 4, 32, 32), times, text));
            assertMessage(
                    "denoiser: times (3), expected (2)",
                    () -> denoiser.forward(tape, tape.allocate(2, 3, 8, 8), tape.allocate(3), text));
            assertMessage(
                    "denoiser: text of 2 prompts for 2 blocks, expected 1 prompts for 2 blocks",
                    () -> denoiser.forward(tape, tape.allocate(1, 3, 8, 8), tape.allocate(1), text));
            assertMessage(
                    "denoiser: text of 2 prompts for 2 blocks, expected 2 prompts for 1 blocks",
                    () -> other.forward(tape, tape.allocate(2, 3, 8, 8), times, text));
        }
    }

    private static void assertMessage(String message, Runnable wrong) {
        assertEquals(
                message, assertThrows(ShapeMismatchException.class, wrong::run).getMessage());
    }
}
