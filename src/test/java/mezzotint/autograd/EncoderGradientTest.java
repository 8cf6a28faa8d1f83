package mezzotint.autograd;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels.Resample.Taps;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Which gradient goes into which slot, for every operation of {@link EncoderOperations}. */
class EncoderGradientTest {
    private static Map<String, Supplier<TapeBench>> operations() {
        Map<String, Supplier<TapeBench>> all = new LinkedHashMap<>();
        pictures(all);
        norms(all);
        activations(all);
        attention(all);
        products(all);
        layouts(all);
        return all;
    }

    private static void pictures(Map<String, Supplier<TapeBench>> all) {
        var geometry = new ConvolutionGeometry(2, 1, 0, 1, 2, 1);
        all.put(
                "convolution with bias",
                () -> bench((t, in, p) -> t.encoders().convolution(in[0], p[0], p[1], geometry))
                        .input(2, 5, 4, 3)
                        .parameter(4, 3, 3, 2)
                        .parameter(4));
        all.put(
                "convolution in groups",
                () -> bench((t, in, p) -> t.encoders().convolution(in[0], p[0], null, geometry.withGroups(3)))
                        .input(2, 5, 4, 3)
                        .parameter(6, 1, 3, 2));
        all.put(
                "maxPool",
                () -> bench((t, in, p) -> t.encoders().maxPool(t.add(in[0], apart(t)), new PoolingGeometry(3, 2, 1)))
                        .input(1, 4, 3, 2));
        all.put(
                "averagePool",
                () -> bench((t, in, p) -> t.encoders().averagePool(in[0], new PoolingGeometry(3, 2, 1), false))
                        .input(2, 5, 4, 3));
        all.put(
                "resample",
                () -> bench((t, in, p) -> t.encoders().resample(in[0], taps(t, 0, 1, 2), taps(t, 1, 0)))
                        .input(2, 4, 3, 3));
    }

    /** Numbers so far apart that the largest of a window stays the largest when they move. */
    private static Tensor apart(Tape tape) {
        float[] apart = new float[24];
        for (int i = 0; i < apart.length; i++) {
            apart[i] = 8 * (i * 7 % apart.length);
        }
        return tape.constant(apart, 1, 4, 3, 2);
    }

    /** Two taps for each start. */
    private static Taps taps(Tape tape, int... starts) {
        int n = starts.length;
        return new Taps(
                tape.allocate(Shape.of(n), DType.I32).set(starts), tape.constant(Tensors.normals(n, 2 * n), n, 2));
    }

    private static void norms(Map<String, Supplier<TapeBench>> all) {
        all.put(
                "groupNorm",
                () -> bench((t, in, p) -> t.encoders().groupNorm(in[0], 2, p[0], p[1], 1e-5f))
                        .input(2, 2, 3, 6)
                        .parameter(6)
                        .parameter(6));
        all.put(
                "layerNorm",
                () -> bench((t, in, p) -> t.encoders().layerNorm(in[0], p[0], p[1], 1e-5f))
                        .input(2, 3, 7)
                        .parameter(7)
                        .parameter(7));
    }

    private static void activations(Map<String, Supplier<TapeBench>> all) {
        all.put(
                "relu",
                () -> bench((t, in, p) -> t.encoders().relu(t.add(in[0], farFromZero(t))))
                        .input(3, 5));
        all.put(
                "geluTanh",
                () -> bench((t, in, p) -> t.encoders().geluTanh(in[0])).input(3, 5));
        all.put(
                "quickGelu",
                () -> bench((t, in, p) -> t.encoders().quickGelu(in[0])).input(3, 5));
        all.put(
                "multiply",
                () -> bench((t, in, p) -> t.encoders().multiply(in[0], in[1]))
                        .input(3, 5)
                        .input(3, 5));
        all.put(
                "scaleShift",
                () -> bench((t, in, p) -> t.encoders().scaleShift(in[0], p[0], p[1]))
                        .input(2, 3, 5)
                        .parameter(5)
                        .parameter(5));
        all.put(
                "scale alone",
                () -> bench((t, in, p) -> t.encoders().scaleShift(in[0], p[0], null))
                        .input(2, 3, 5)
                        .parameter(5));
        all.put(
                "shift alone",
                () -> bench((t, in, p) -> t.encoders().scaleShift(in[0], null, p[0]))
                        .input(2, 3, 5)
                        .parameter(5));
        all.put(
                "divideByLast",
                () -> bench((t, in, p) -> t.encoders().divideByLast(t.add(in[0], farFromZero(t)), 0.5f))
                        .input(3, 5));
    }

    /** Numbers that carry a normal one, moved a little, over no corner and no pole. */
    private static Tensor farFromZero(Tape tape) {
        float[] far = new float[15];
        for (int i = 0; i < far.length; i++) {
            far[i] = i % 2 == 0 ? 6 : -6;
        }
        for (int row = 0; row < 3; row++) {
            far[5 * row + 4] = 6;
        }
        return tape.constant(far, 3, 5);
    }

    private static void attention(Map<String, Supplier<TapeBench>> all) {
        all.put(
                "softmax",
                () -> bench((t, in, p) -> t.encoders().softmax(in[0], null, 0.7f))
                        .input(2, 2, 3, 5));
        all.put(
                "masked softmax",
                () -> bench((t, in, p) -> t.encoders().softmax(in[0], mask(t, 3, 5), 0.7f))
                        .input(2, 2, 3, 5));
        all.put("attention", () -> attention(2, 2, false));
        all.put("attention of one head", () -> attention(1, 1, true));
        all.put("masked attention with shared keys", () -> attention(6, 2, true));
        all.put(
                "attention block by block",
                () -> attention(
                        (t, in, p) -> MaskedAttention.attention(t, in[0], in[1], in[2], mask(t, 3, 5), 0.4f, 50),
                        4,
                        2));
    }

    private static TapeBench attention(int heads, int keyHeads, boolean masked) {
        return attention(
                (t, in, p) -> t.encoders().attention(in[0], in[1], in[2], masked ? mask(t, 3, 5) : null, 0.4f),
                heads,
                keyHeads);
    }

    private static TapeBench attention(TapeBench.Body body, int heads, int keyHeads) {
        return bench(body).input(2, heads, 3, 4).input(2, keyHeads, 5, 4).input(2, keyHeads, 5, 4);
    }

    /** For two samples. */
    private static Tensor mask(Tape tape, int queries, int keys) {
        boolean[] seen = new boolean[2 * queries * keys];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = i % 3 != 1;
        }
        return tape.allocate(Shape.of(2, queries, keys), DType.BOOL).set(seen);
    }

    private static void products(Map<String, Supplier<TapeBench>> all) {
        for (boolean left : new boolean[] {false, true}) {
            for (boolean right : new boolean[] {false, true}) {
                all.put(
                        "products, transposed " + left + " and " + right,
                        () -> bench((t, in, p) -> t.encoders().products(in[0], in[1], left, right))
                                .input(2, left ? 5 : 3, left ? 3 : 5)
                                .input(2, right ? 4 : 5, right ? 5 : 4));
            }
        }
    }

    private static void layouts(Map<String, Supplier<TapeBench>> all) {
        all.put(
                "permute",
                () -> bench((t, in, p) -> t.encoders().permute(in[0], 2, 0, 3, 1))
                        .input(2, 3, 4, 5));
        all.put(
                "concatenateLast",
                () -> bench((t, in, p) -> t.encoders().concatenateLast(in[0], in[1], in[0], in[2]))
                        .input(2, 3, 4)
                        .input(2, 3, 1)
                        .input(2, 3, 2));
        all.put(
                "sliceLast",
                () -> bench((t, in, p) -> t.encoders().sliceLast(in[0], 1, 4)).input(2, 3, 5));
        all.put(
                "a slice of a view used twice",
                () -> bench((t, in, p) -> {
                            Tensor x = t.silu(in[0]);
                            Tensor part = t.encoders().sliceLast(x.view(6, 4), 1, 3);
                            return t.encoders()
                                    .concatenateLast(part, t.encoders().sliceLast(x.view(6, 4), 0, 2));
                        })
                        .input(2, 3, 4));
    }

    private static TapeBench bench(TapeBench.Body body) {
        return new TapeBench(body);
    }

    @TestFactory
    Stream<DynamicTest> everyGradientIsTheSlope() {
        return operations().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    try (TapeBench bench = entry.getValue().get()) {
                        TapeGradientTest.assertSlopes(bench);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> aGradientDoesNotDependOnTheOthersWanted() {
        return operations().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    try (TapeBench bench = entry.getValue().get()) {
                        TapeGradientTest.assertIndependent(bench);
                    }
                }));
    }
}
