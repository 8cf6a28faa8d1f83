package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import mezzotint.kernel.reference.ReferenceAttention;
import mezzotint.kernel.reference.ReferenceAttention.Sizes;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class AttentionTest {
    /** Elements of each gradient that are compared with slopes; half as many where the definition takes its time. */
    private static final int COORDINATES = 48;

    @Property(tries = 8)
    void isItsDefinition(@ForAll("sizes") Sizes sizes, @ForAll @IntRange(min = 0, max = 3) int every) {
        verify(sizes, every == 0 || sizes.t() == 0 ? null : mask(sizes, every), 1);
    }

    @Provide
    Arbitrary<Sizes> sizes() {
        return Combinators.combine(
                        Arbitraries.of(1, 2),
                        Arbitraries.of(1, 2),
                        Arbitraries.of(1, 5, 13, 15, 16, 17, 31, 33),
                        Arbitraries.of(0, 1, 5, 7, 13, 17),
                        Arbitraries.of(1, 6, 13, 15, 31, 33),
                        Arbitraries.of(1, 3, 8, 15, 16, 24, 31, 33, 40))
                .as(Sizes::new);
    }

    /** The first token of every text is masked, and then all but every {@code every}-th. */
    private static boolean[] mask(Sizes s, int every) {
        boolean[] real = new boolean[s.b() * s.t()];
        for (int i = 0; i < real.length; i++) {
            real[i] = i % s.t() != 0 && i % every == 0;
        }
        return real;
    }

    private static void verify(Sizes s, boolean[] real, double spread) {
        try (var tensors = new Tensors()) {
            testCase(tensors, s, real, spread).verify();
        }
    }

    private static KernelCase testCase(Tensors tensors, Sizes s, boolean[] real, double spread) {
        float scale = (float) (spread / Math.sqrt(s.d()));
        var test = new KernelCase(tensors)
                .input("query", tensors.normal(1, s.b(), s.h(), s.l(), s.d()))
                .input("keys", tensors.normal(2, s.b(), s.h(), s.k(), s.d()))
                .input("values", tensors.normal(3, s.b(), s.h(), s.k(), s.d()));
        if (s.t() > 0) {
            test.input("textKeys", tensors.normal(4, s.b(), s.h(), s.t(), s.d()))
                    .input("textValues", tensors.normal(5, s.b(), s.h(), s.t(), s.d()));
        }
        Tensor mask = real == null ? null : tensors.of(real, s.b(), s.t());
        test.outputs(Shape.of(s.b(), s.l(), (long) s.h() * s.d()), Shape.of(s.b(), s.h(), s.l()))
                .forward((kernels, out, in) -> kernels.attention().forward(out[0], out[1], inputs(in, mask, scale)))
                .backward((kernels, gradients, gradOut, out, in) -> kernels.attention()
                        .backward(inputs(gradients, null, 0), gradOut, out[0], out[1], inputs(in, mask, scale)))
                .firstBackward((kernels, gradients, gradOut, out, in) -> kernels.attention()
                        .firstBackward(inputs(gradients, null, 0), gradOut, out[0], out[1], inputs(in, mask, scale)))
                .reference(in -> ReferenceAttention.attention(
                        s, in[0], s.t() > 0 ? in[3] : null, s.t() > 0 ? in[4] : null, in[1], in[2], real, scale))
                .coordinates(
                        (long) s.b() * s.h() * s.l() * (s.t() + s.k()) * s.d() > 200_000
                                ? COORDINATES / 2
                                : COORDINATES)
                // Scores are rounded to 2⁻²⁴ of their size, here up to about 4, and the exponential passes that on.
                .tolerance(2e-6, 1e-5);
        // bf16 has 8 bits: weights, results and the slopes of scores are rounded to 2⁻⁹ of their size, by about 2e-3
        // together.
        return isAverage(s, real) ? test.alsoInBFloat16(1e-2, 1e-2) : test;
    }

    /** Whether there are enough queries, keys and elements of each gradient for errors to be what they are on average. */
    private static boolean isAverage(Sizes s, boolean[] real) {
        int tokens = s.b() * s.t();
        for (int i = 0; real != null && i < real.length; i++) {
            tokens -= real[i] ? 0 : 1;
        }
        int keys = s.b() * s.k();
        int fewest = Math.min(s.t() > 0 ? tokens : keys, s.k() > 0 ? keys : tokens);
        return s.l() >= 5 && tokens + keys >= 8 * s.b() && fewest * s.h() * s.d() >= COORDINATES;
    }

    private static AttentionInputs inputs(Tensor[] x, Tensor mask, float scale) {
        Tensor[] all = Arrays.copyOf(x, 5);
        return new AttentionInputs(all[0], all[3], all[4], all[1], all[2], mask, scale);
    }

    @Example
    void takesTheModelsOwnShape() {
        boolean[] real = new boolean[32];
        Arrays.fill(real, 0, 11, true);
        verify(new Sizes(1, 1, 64, 32, 64, 64), real, 1);
    }

    @Example
    void takesSeveralBlocksOfQueries() {
        verify(new Sizes(1, 1, 193, 3, 20, 16), null, 1);
    }

    /** On the CPU a strip of rows holds 704 of a head's elements, and the rest goes through a second time. */
    @Example
    void takesHeadsWiderThanAStrip() {
        verify(new Sizes(1, 1, 17, 2, 15, 721), null, 1);
    }

    @Example
    void survivesScoresFarBeyondTheRangeOfTheExponential() {
        try (var tensors = new Tensors()) {
            // Scores of about ±200 are rounded to 2⁻²⁴ of that, and the exponential passes the error on.
            testCase(tensors, new Sizes(1, 1, 17, 5, 31, 16), null, 50)
                    .backward(null)
                    .tolerance(2e-5, 0)
                    .verify();
            // Two tiles of keys on tensor cores: the later one holds the highest scores of about half the rows.
            testCase(tensors, new Sizes(1, 1, 17, 5, 70, 64), null, 50)
                    .backward(null)
                    .tolerance(2e-5, 0)
                    .verify();
        }
    }

    /** Sizes around the tiles of the kernels on tensor cores, which take 64 or 128 rows by 32 or 64 columns. */
    @Property(tries = 6)
    void takesHeadsOfTensorCores(
            @ForAll("tensorCoreSizes") Sizes sizes, @ForAll @IntRange(min = 0, max = 2) int every) {
        verify(sizes, every == 0 || sizes.t() == 0 ? null : mask(sizes, every), 1);
    }

    @Provide
    Arbitrary<Sizes> tensorCoreSizes() {
        return Combinators.combine(
                        Arbitraries.of(1, 2),
                        Arbitraries.of(1, 2),
                        Arbitraries.of(1, 15, 33, 63, 64, 65),
                        Arbitraries.of(0, 1, 31, 33, 65),
                        Arbitraries.of(2, 17, 32, 63, 65),
                        Arbitraries.of(32, 64, 128))
                .as(Sizes::new);
    }

    @Example
    void takesSeveralBlocksOnTensorCores() {
        verify(new Sizes(1, 1, 130, 33, 70, 32), mask(new Sizes(1, 1, 130, 33, 70, 32), 2), 1);
        verify(new Sizes(1, 2, 67, 70, 66, 64), mask(new Sizes(1, 2, 67, 70, 66, 64), 2), 1);
        verify(new Sizes(1, 1, 67, 35, 66, 128), mask(new Sizes(1, 1, 67, 35, 66, 128), 2), 1);
    }

    @Example
    void takesHeadsWiderThanATile() {
        verify(new Sizes(1, 1, 9, 5, 33, 136), null, 1);
        verify(new Sizes(1, 1, 5, 3, 9, 131), mask(new Sizes(1, 1, 5, 3, 9, 131), 2), 1);
    }

    @Example
    void takesTextAlone() {
        var sizes = new Sizes(2, 1, 9, 37, 0, 32);
        verify(sizes, mask(sizes, 2), 1);
    }

    @Example
    void takesAnyScale() {
        verify(new Sizes(1, 1, 9, 3, 35, 32), null, -1);
        verify(new Sizes(1, 1, 9, 3, 35, 32), null, 0);
    }

    @Example
    void withoutRealTextIsAttentionToTheImageAlone() {
        for (Devices.Setup setup : Devices.all()) {
            withoutRealText(setup, new Sizes(2, 2, 17, 5, 13, 16), DType.F32);
        }
        for (Devices.Setup setup : Devices.withBFloat16()) {
            withoutRealText(setup, new Sizes(2, 2, 17, 70, 13, 64), DType.BF16);
        }
    }

    private static void withoutRealText(Devices.Setup setup, Sizes sizes, DType type) {
        var without = new Sizes(sizes.b(), sizes.h(), sizes.l(), 0, sizes.k(), sizes.d());
        List<float[]> masked = run(setup.kernels(), sizes, new boolean[sizes.b() * sizes.t()], 1, type);
        List<float[]> imageOnly = run(setup.kernels(), without, null, 1, type);
        for (int i = 0; i < imageOnly.size(); i++) {
            assertArrayEquals(imageOnly.get(i), masked.get(i), setup + ", result " + i);
        }
        for (float[] gradient : masked.subList(imageOnly.size(), masked.size())) {
            assertArrayEquals(new float[gradient.length], gradient, setup + ", gradient of masked text");
        }
    }

    @Example
    void ignoresWhatMaskedTextHolds() {
        for (Devices.Setup setup : Devices.all()) {
            ignoresMaskedText(setup, new Sizes(2, 2, 17, 5, 13, 16), DType.F32);
        }
        for (Devices.Setup setup : Devices.withBFloat16()) {
            ignoresMaskedText(setup, new Sizes(2, 2, 17, 5, 13, 16), DType.BF16);
            ignoresMaskedText(setup, new Sizes(2, 2, 17, 70, 13, 64), DType.BF16);
        }
    }

    private static void ignoresMaskedText(Devices.Setup setup, Sizes sizes, DType type) {
        boolean[] real = mask(sizes, 2);
        List<float[]> some = run(setup.kernels(), sizes, real, 1, type);
        List<float[]> nan = run(setup.kernels(), sizes, real, Float.NaN, type);
        for (int i = 0; i < some.size(); i++) {
            assertArrayEquals(some.get(i), nan.get(i), setup + ", result " + i);
        }
    }

    /** out, logSumExp and the gradients of query, keys, values, textKeys and textValues, with {@code fill} in masked text. */
    private static List<float[]> run(Kernels kernels, Sizes s, boolean[] real, float fill, DType type) {
        try (var tensors = new Tensors()) {
            Tensor[] in = new Tensor[s.t() > 0 ? 5 : 3];
            Tensor[] gradients = new Tensor[in.length];
            for (int i = 0; i < in.length; i++) {
                int rows = i == 0 ? s.l() : i < 3 ? s.k() : s.t();
                float[] values = Tensors.normals(i, s.b() * s.h() * rows * s.d());
                for (int j = 0; i >= 3 && j < values.length; j++) {
                    int token = j / s.d() % s.t() + j / (s.d() * s.t() * s.h()) * s.t();
                    values[j] = real[token] ? values[j] : fill;
                }
                in[i] = tensors.arena()
                        .allocate(Shape.of(s.b(), s.h(), rows, s.d()), type)
                        .set(values);
                gradients[i] = tensors.arena().zeros(in[i].shape(), type);
            }
            Tensor mask = real == null ? null : tensors.of(real, s.b(), s.t());
            var outShape = Shape.of(s.b(), s.l(), (long) s.h() * s.d());
            Tensor out = tensors.guarded(outShape, type).fill(Float.NaN).tensor();
            Tensor logSumExp = tensors.output(s.b(), s.h(), s.l()).tensor();
            float[] slopes = Tensors.normals(9, s.b() * s.l() * s.h() * s.d());
            Tensor gradOut = tensors.arena().allocate(outShape, type).set(slopes);
            kernels.attention().forward(out, logSumExp, inputs(in, mask, 0.25f));
            kernels.attention().backward(inputs(gradients, null, 0), gradOut, out, logSumExp, inputs(in, mask, 0.25f));
            return Stream.concat(Stream.of(out, logSumExp), Arrays.stream(gradients))
                    .map(Tensor::toFloats)
                    .toList();
        }
    }
}
