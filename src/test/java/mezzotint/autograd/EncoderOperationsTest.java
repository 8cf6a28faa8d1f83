package mezzotint.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels.Resample.Taps;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.kernel.reference.ReferenceEncoders;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the operations of the encoders give, and what they say when shapes do not fit. */
class EncoderOperationsTest {
    private static final int B = 2;
    private static final int L = 7;
    private static final int S = 9;
    private static final int D = 5;

    @FunctionalInterface
    private interface Body {
        void run(Tape tape);
    }

    private static void onTape(Body body) {
        TestDevice device = new TestDevice();
        try (TensorArena activations = device.arena(8 << 20);
                Tape tape = Tape.inference(device.kernels(), activations)) {
            body.run(tape);
        }
    }

    @Test
    void everyHeadAsksTheKeysOfItsGroup() {
        for (long blockBytes : new long[] {1, 4 * 3 * S, 4 * 3 * L * S, 1 << 20}) {
            attention(6, 2, true, blockBytes);
        }
        attention(1, 1, false, 4 * 3 * S);
    }

    private static void attention(int heads, int keyHeads, boolean masked, long blockBytes) {
        onTape(t -> {
            float[] q = Tensors.normals(1, B * heads * L * D);
            float[] k = Tensors.normals(2, B * keyHeads * S * D);
            float[] v = Tensors.normals(3, B * keyHeads * S * D);
            boolean[] seen = new boolean[B * L * S];
            for (int i = 0; i < seen.length; i++) {
                // The second query of the first sample sees nothing.
                seen[i] = i % 4 != 1 && i / S != 1;
            }
            Tensor out = MaskedAttention.attention(
                    t,
                    t.constant(q, B, heads, L, D),
                    t.constant(k, B, keyHeads, S, D),
                    t.constant(v, B, keyHeads, S, D),
                    masked ? t.allocate(Shape.of(B, L, S), DType.BOOL).set(seen) : null,
                    0.4f,
                    blockBytes);
            double[] expected = attention(q, k, v, masked ? seen : null, heads, keyHeads);
            RelativeError.assertRelativeError("blocks of " + blockBytes, out.toFloats(), expected, 1e-6);
        });
    }

    /** (B, L, H·D), straight from the formula. */
    private static double[] attention(float[] q, float[] k, float[] v, boolean[] seen, int heads, int keyHeads) {
        double[] scores = new double[B * heads * L * S];
        for (int at = 0; at < scores.length; at++) {
            int row = at / S; // (b, head, query)
            int keyRow = keyRow(row / L, heads, keyHeads) * S + at % S;
            for (int i = 0; i < D; i++) {
                scores[at] += (double) q[row * D + i] * k[keyRow * D + i];
            }
        }
        double[] p = ReferenceEncoders.softmax(scores, seen, B, heads, L, S, 0.4f);
        double[] out = new double[B * L * heads * D];
        for (int at = 0; at < p.length; at++) {
            int head = at / S / L % heads;
            int token = at / S / L / heads * L + at / S % L;
            int valueRow = keyRow(at / S / L, heads, keyHeads) * S + at % S;
            for (int i = 0; i < D; i++) {
                out[(token * heads + head) * D + i] += p[at] * v[valueRow * D + i];
            }
        }
        return out;
    }

    private static int keyRow(int sampleAndHead, int heads, int keyHeads) {
        return sampleAndHead / heads * keyHeads + sampleAndHead % heads * keyHeads / heads;
    }

    /** 4,096 queries and keys of one head: 64 MiB of scores, of which blocks of half exist at a time. */
    @Test
    void attentionKeepsNoScores() {
        TestDevice device = new TestDevice();
        try (TensorArena activations = device.arena(48 << 20);
                Tape tape = Tape.inference(device.kernels(), activations)) {
            Tensor x = tape.allocate(1, 1, 4096, 4);
            x.zero();
            long before = activations.used();
            Tensor out = tape.encoders().attention(x, x, x, null, 1);
            assertTrue(activations.peak() - before <= (33 << 20), () -> activations.peak() + " bytes");
            assertEquals(before + out.byteSize(), activations.used());
        }
    }

    @Test
    void productsGoSampleBySample() {
        onTape(t -> {
            Tensor a = t.constant(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2);
            Tensor b = t.constant(new float[] {1, 0, 1, 1, 0, 1, 2, 0}, 2, 2, 2);
            assertArrayEquals(
                    new float[] {3, 2, 7, 4, 12, 5, 16, 7},
                    t.encoders().products(a, b, false, false).toFloats());
            assertArrayEquals(
                    new float[] {4, 3, 6, 4, 14, 5, 16, 6},
                    t.encoders().products(a, b, true, false).toFloats());
            assertArrayEquals(
                    new float[] {1, 3, 3, 7, 6, 10, 8, 14},
                    t.encoders().products(a, b, false, true).toFloats());
        });
    }

    @Test
    void columnsAreJoinedAndCut() {
        onTape(t -> {
            Tensor a = t.constant(new float[] {1, 2, 3, 4}, 2, 2);
            Tensor b = t.constant(new float[] {5, 6}, 2, 1);
            Tensor joined = t.encoders().concatenateLast(a, b, a);
            assertArrayEquals(new float[] {1, 2, 5, 1, 2, 3, 4, 6, 3, 4}, joined.toFloats());
            Tensor cut = t.encoders().sliceLast(joined, 1, 3);
            assertArrayEquals(new float[] {2, 5, 4, 6}, cut.toFloats());
            assertEquals(Shape.of(2, 2), cut.shape());
        });
    }

    private static Tensor f(Tape tape, long... dims) {
        return tape.allocate(dims);
    }

    private static Parameter p(Tape tape, String name, long... dims) {
        return Parameter.frozen(name, tape.allocate(dims));
    }

    private static Map<String, Body> messages() {
        Map<String, Body> m = new LinkedHashMap<>();
        var one = ConvolutionGeometry.padded(1, 0);
        m.put(
                "convolution w: x (1, 4, 4, 3), weight (2, 2, 3, 3), 1 groups; expected the weight's second axis to be"
                        + " the last of x over the groups, and its first a multiple of the groups",
                t -> t.encoders().convolution(f(t, 1, 4, 4, 3), p(t, "w", 2, 2, 3, 3), null, one));
        m.put(
                "convolution w: bias (3), expected (2)",
                t -> t.encoders().convolution(f(t, 1, 4, 4, 3), p(t, "w", 2, 3, 3, 3), p(t, "b", 3), one));
        m.put(
                "convolution w: x (1, 2, 4, 3) is smaller than the window and would give 0 by 2 pixels",
                t -> t.encoders().convolution(f(t, 1, 2, 4, 3), p(t, "w", 2, 3, 3, 3), null, one));
        m.put(
                "maxPool: x (1, 2, 4, 3) is smaller than the window and would give 0 by 2 pixels",
                t -> t.encoders().maxPool(f(t, 1, 2, 4, 3), new PoolingGeometry(3, 1, 0)));
        m.put(
                "averagePool: x (4, 3), expected 4 axes",
                t -> t.encoders().averagePool(f(t, 4, 3), new PoolingGeometry(3, 1, 0), true));
        m.put(
                "resample: rows of 3 taps for a side of 2 pixels, expected 1 to 2",
                t -> t.encoders().resample(f(t, 1, 2, 2, 3), taps(t, 3), taps(t, 2)));
        m.put(
                "groupNorm s: x (2, 4, 6), 4 groups; expected (B, …, C) and groups that divide the channels",
                t -> t.encoders().groupNorm(f(t, 2, 4, 6), 4, p(t, "s", 6), p(t, "b", 6), 1e-6f));
        m.put(
                "layerNorm s: shift (5), expected (6)",
                t -> t.encoders().layerNorm(f(t, 2, 6), p(t, "s", 6), p(t, "b", 5), 1e-6f));
        m.put(
                "softmax: mask (1, 3, 4), expected (2, 3, 4)",
                t -> t.encoders().softmax(f(t, 2, 2, 3, 4), f(t, 1, 3, 4), 1));
        m.put(
                "softmax: mask is of F32, expected [BOOL, U8]",
                t -> t.encoders().softmax(f(t, 2, 2, 3, 4), f(t, 2, 3, 4), 1));
        m.put(
                "attention: query (1, 4, 3, 2), keys (1, 3, 3, 2); expected heads of the query in a multiple of those"
                        + " of the keys",
                t -> t.encoders().attention(f(t, 1, 4, 3, 2), f(t, 1, 3, 3, 2), f(t, 1, 3, 3, 2), null, 1));
        m.put(
                "products: a (2, 3, 4) transposed, b (2, 4, 5); expected as many samples, and a's columns to be b's"
                        + " rows",
                t -> t.encoders().products(f(t, 2, 3, 4), f(t, 2, 4, 5), true, false));
        m.put("multiply: b (3), expected the shape of a (2)", t -> t.encoders().multiply(f(t, 2), f(t, 3)));
        m.put("scaleShift s: scale (3), expected (2)", t -> t.encoders().scaleShift(f(t, 4, 2), p(t, "s", 3), null));
        m.put(
                "divideByLast: x (3, 1), expected a last axis of at least 2, the divisor its last",
                t -> t.encoders().divideByLast(f(t, 3, 1), 0));
        m.put(
                "permute: x (2, 3), order [0, 0]; expected each axis once, 6 axes at most",
                t -> t.encoders().permute(f(t, 2, 3), 0, 0));
        m.put(
                "concatenateLast: part (3, 2), expected (2, 2)",
                t -> t.encoders().concatenateLast(f(t, 2, 4), f(t, 3, 2)));
        m.put("sliceLast: columns [1, 5) of x (2, 4)", t -> t.encoders().sliceLast(f(t, 2, 4), 1, 5));
        return m;
    }

    private static Taps taps(Tape tape, int count) {
        return new Taps(tape.allocate(Shape.of(1), DType.I32).set(new int[1]), tape.allocate(1, count));
    }

    @TestFactory
    Stream<DynamicTest> namesWhatDoesNotFit() {
        return messages().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> onTape(tape -> {
                            var e = assertThrows(
                                    ShapeMismatchException.class,
                                    () -> entry.getValue().run(tape));
                            assertEquals(entry.getKey(), e.getMessage());
                        })));
    }
}
