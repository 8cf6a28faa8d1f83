package mezzotint.text;

import static mezzotint.testing.ReferenceText.add;
import static mezzotint.testing.ReferenceText.addRow;
import static mezzotint.testing.ReferenceText.attention;
import static mezzotint.testing.ReferenceText.gated;
import static mezzotint.testing.ReferenceText.linear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.kernel.reference.ReferenceKernels;
import mezzotint.kernel.reference.ReferenceNorms;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;
import mezzotint.testing.GradientCheck;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ByteTextEncoderTest {
    private static final ByteTextEncoder.Config TINY = new ByteTextEncoder.Config(8, 2, 2, 21, 3, 5);
    private static final List<String> PROMPTS = List.of("A red fox", "草莓", "", "Erdbeere mit Sahne und Zucker");

    private final TestDevice device = new TestDevice();
    private final Parameters parameters = new Parameters(device.arena(64 << 20), new PhiloxRandom(5));
    private final ByteTextEncoder encoder = new ByteTextEncoder(TINY, parameters.scope("text"));

    /** States of the real tokens of each prompt. */
    private static float[][] states(TextTokens tokens, List<String> prompts) {
        float[] all = tokens.embeddings().toFloats();
        int stride = all.length / prompts.size();
        float[][] states = new float[prompts.size()][];
        for (int b = 0; b < states.length; b++) {
            int length = BytePrompt.of(prompts.get(b), TINY.maxTokens()).length();
            states[b] = Arrays.copyOfRange(all, b * stride, b * stride + length * TINY.width());
        }
        return states;
    }

    private float[][] encode(List<String> prompts) {
        try (var activations = device.arena(32 << 20);
                var tape = Tape.inference(device.kernels(), activations)) {
            return states(encoder.encode(tape, prompts), prompts);
        }
    }

    private void varyCase() {
        Tensor table = parameters.get("text.case.weight").value();
        table.set(Tensors.normals(3, 2 * TINY.width()));
    }

    private Map<String, double[]> values() {
        Map<String, double[]> values = new HashMap<>();
        parameters.all().forEach(p -> values.put(p.name(), Tensors.doubles(p.value())));
        return values;
    }

    @Test
    void agreesWithItsDefinition() {
        varyCase();
        float[][] states = encode(PROMPTS);
        for (int b = 0; b < states.length; b++) {
            double[] expected = reference(values(), BytePrompt.of(PROMPTS.get(b), TINY.maxTokens()));
            // about 20 sums of 8 to 24 float32 products after each other
            RelativeError.assertRelativeError(PROMPTS.get(b), states[b], expected, 3e-6);
        }
    }

    @Test
    void gradientsAreTheSlopesOfTheDefinition() {
        varyCase();
        Map<String, float[]> weights = new HashMap<>();
        for (String prompt : PROMPTS) {
            int count = BytePrompt.of(prompt, TINY.maxTokens()).length() * TINY.width();
            weights.put(prompt, Tensors.normals(prompt.hashCode(), count));
        }
        backward(weights);
        Map<String, double[]> point = values();
        for (Parameter parameter : parameters.all()) {
            GradientCheck.assertSlope(
                    parameter.name(),
                    parameter.gradient().orElseThrow().toFloats(),
                    moved -> {
                        Map<String, double[]> at = new HashMap<>(point);
                        at.put(parameter.name(), moved);
                        return loss(at, weights);
                    },
                    point.get(parameter.name()),
                    parameter.name().equals("text.bytes.weight") ? 500 : 60, // of the bytes' rows a tenth is used
                    2e-5); // float32 forward and backward through two blocks
        }
    }

    private void backward(Map<String, float[]> weights) {
        try (var activations = device.arena(32 << 20);
                var gradients = device.arena(32 << 20);
                var tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor out = encoder.encode(tape, PROMPTS).embeddings();
            float[] gradOut = new float[Math.toIntExact(out.shape().elements())];
            int stride = gradOut.length / PROMPTS.size();
            for (int b = 0; b < PROMPTS.size(); b++) {
                float[] own = weights.get(PROMPTS.get(b));
                System.arraycopy(own, 0, gradOut, b * stride, own.length);
            }
            tape.backward(out, tape.constant(gradOut, out.shape().dims()));
        }
    }

    private static double loss(Map<String, double[]> w, Map<String, float[]> weights) {
        double sum = 0;
        for (String prompt : PROMPTS) {
            double[] states = reference(w, BytePrompt.of(prompt, TINY.maxTokens()));
            for (int i = 0; i < states.length; i++) {
                sum += states[i] * weights.get(prompt)[i];
            }
        }
        return sum;
    }

    /** The definition, in float64. */
    private static double[] reference(Map<String, double[]> w, BytePrompt prompt) {
        int d = TINY.width();
        double[] x = new double[prompt.length() * d];
        for (int i = 0; i < prompt.length(); i++) {
            addRow(w.get("text.bytes.weight"), prompt.ids()[i], x, i * d, d);
            addRow(w.get("text.positions.weight"), i, x, i * d, d);
            addRow(w.get("text.case.weight"), prompt.upper()[i] ? 1 : 0, x, i * d, d);
            for (int n = 2; n <= TINY.longestNgram(); n++) {
                int row = prompt.bucket(i, n, TINY.hashBuckets());
                addRow(w.get("text.ngrams." + n + ".weight"), row, x, i * d, d);
            }
        }
        for (int i = 0; i < x.length; i++) {
            x[i] *= Math.sqrt(d);
        }
        for (int i = 0; i < TINY.layers(); i++) {
            String block = "text.blocks." + i + ".";
            double[] normed = rms(w.get(block + "attention_norm.weight"), x);
            double[] qkv = w.get(block + "qkv.weight");
            double[] q = linear(normed, Arrays.copyOfRange(qkv, 0, d * d), null, d);
            double[] k = linear(normed, Arrays.copyOfRange(qkv, d * d, 2 * d * d), null, d);
            double[] v = linear(normed, Arrays.copyOfRange(qkv, 2 * d * d, 3 * d * d), null, d);
            double[] attended = attention(q, k, v, TINY.heads(), d);
            double[] h = add(x, linear(attended, w.get(block + "attention_out.weight"), null, d));
            normed = rms(w.get(block + "mlp_norm.weight"), h);
            double[] gate = linear(normed, w.get(block + "gate.weight"), null, d);
            double[] up = linear(normed, w.get(block + "up.weight"), null, d);
            double[] hidden = gated(gate, up, ReferenceKernels::geluTanh);
            x = add(h, linear(hidden, w.get(block + "down.weight"), null, hidden.length / prompt.length()));
        }
        return rms(w.get("text.norm.weight"), x);
    }

    private static double[] rms(double[] scale, double[] x) {
        return ReferenceNorms.rmsNorm(x, scale, x.length / scale.length, scale.length, 1e-6)[0];
    }

    @Test
    void ignoresPaddingAndCompanions() {
        float[][] together = encode(PROMPTS);
        for (int b = 0; b < PROMPTS.size(); b++) {
            double[] alone = Tensors.doubles(encode(List.of(PROMPTS.get(b)))[0]);
            // Masked tokens have no part in any sum; only where vectors end, and so the last bit of an exponential,
            // differs.
            RelativeError.assertRelativeError(PROMPTS.get(b), together[b], alone, 1e-6);
        }
    }

    @Test
    void tellsPromptsApart() {
        List<String> similar = List.of("a cat", "a car", "car a", "a cats", "a cat.", "кот", "кит", "猫", "狗", "");
        float[][] states = encode(similar);
        for (int i = 0; i < states.length; i++) {
            for (int j = 0; j < i; j++) {
                assertFalse(Arrays.equals(states[i], states[j]), similar.get(i) + " and " + similar.get(j));
            }
        }
    }

    @Test
    void capitalsMeanNothingUntilTrained() {
        assertArrayEquals(encode(List.of("A Red FOX"))[0], encode(List.of("a red fox"))[0]);
        varyCase();
        assertFalse(Arrays.equals(encode(List.of("A Red FOX"))[0], encode(List.of("a red fox"))[0]));
    }

    @Test
    void padsToAMultipleOfEightAndMasksIt() {
        try (var activations = device.arena(32 << 20);
                var tape = Tape.inference(device.kernels(), activations)) {
            TextTokens tokens = encoder.encode(tape, List.of("abc", ""));
            assertEquals("(2, 8, 8)", tokens.embeddings().shape().toString());
            byte[] mask = Tensors.bytes(tokens.mask());
            assertArrayEquals(new byte[] {1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, mask);
            TextTokens cut = encoder.encode(tape, List.of("x".repeat(100)));
            assertEquals("(1, 21, 8)", cut.embeddings().shape().toString());
        }
    }

    @Provide
    Arbitrary<List<String>> anyPrompts() {
        return Arbitraries.strings()
                .withChars(Character.MIN_VALUE, Character.MAX_VALUE)
                .ofMaxLength(40)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    @Property(tries = 100)
    void encodesAnyUnicodeToFiniteStates(@ForAll("anyPrompts") List<String> prompts) {
        for (float[] states : encode(prompts)) {
            assertTrue(states.length >= TINY.width());
            for (float state : states) {
                assertTrue(Float.isFinite(state));
            }
        }
    }

    @Test
    void refusesNoPrompts() {
        var e = assertThrows(IllegalArgumentException.class, () -> encode(List.of()));
        assertEquals("encode: expected at least one prompt, got none", e.getMessage());
    }

    @Test
    void refusesImpossibleSizes() {
        var e = assertThrows(IllegalArgumentException.class, () -> new ByteTextEncoder.Config(10, 1, 3, 8, 1, 1));
        assertEquals(
                "byte text encoder: width 10, 1 layers, 3 heads: expected heads that divide the width", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new ByteTextEncoder.Config(8, 1, 2, 0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ByteTextEncoder.Config(8, 1, 2, 8, 1, 0));
    }

    @Test
    void namesAndSizesAreAsConfigured() {
        assertEquals("bytes-1", encoder.name());
        assertEquals(8, encoder.width());
        assertEquals(21, encoder.maxTokens());
        assertEquals(TINY, encoder.config());
        assertTrue(parameters.all().stream().allMatch(p -> p.name().startsWith("text.")));
    }
}
