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
        return test.outputs(Shape.of(s.b(), s.l(), (long) s.h() * s.d()), Shape.of(s.b(), s.h(), s.l()))
                .forward((kernels, out, in) -> kernels.attention().forward(out[0], out[1], inputs(in, mask, scale)))
                .backward((kernels, gradients, gradOut, out, in) -> kernels.attention()
                        .backward(inputs(gradients, null, 0), gradOut, out[0], out[1], inputs(in, mask, scale)))
                .reference(in -> ReferenceAttention.attention(
                        s, in[0], s.t() > 0 ? in[3] : null, s.t() > 0 ? in[4] : null, in[1], in[2], real, scale))
                .coordinates(12)
                // Scores are rounded to 2⁻²⁴ of their size, here up to about 4, and the exponential passes that on.
                .tolerance(2e-6, 1e-5);
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

    @Example
    void survivesScoresFarBeyondTheRangeOfTheExponential() {
        try (var tensors = new Tensors()) {
            // Scores of about ±200 are rounded to 2⁻²⁴ of that, and the exponential passes the error on.
            testCase(tensors, new Sizes(1, 1, 17, 5, 31, 16), null, 50)
                    .backward(null)
                    .tolerance(2e-5, 0)
                    .verify();
        }
    }

    @Example
    void withoutRealTextIsAttentionToTheImageAlone() {
        var sizes = new Sizes(2, 2, 17, 5, 13, 16);
        var without = new Sizes(2, 2, 17, 0, 13, 16);
        for (Devices.Setup setup : Devices.all()) {
            List<float[]> masked = run(setup.kernels(), sizes, new boolean[10], 1);
            List<float[]> imageOnly = run(setup.kernels(), without, null, 1);
            for (int i = 0; i < imageOnly.size(); i++) {
                assertArrayEquals(imageOnly.get(i), masked.get(i), setup + ", result " + i);
            }
            for (float[] gradient : masked.subList(imageOnly.size(), masked.size())) {
                assertArrayEquals(new float[gradient.length], gradient, setup + ", gradient of masked text");
            }
        }
    }

    @Example
    void ignoresWhatMaskedTextHolds() {
        var sizes = new Sizes(2, 2, 17, 5, 13, 16);
        boolean[] real = mask(sizes, 2);
        for (Devices.Setup setup : Devices.all()) {
            List<float[]> some = run(setup.kernels(), sizes, real, 1);
            List<float[]> nan = run(setup.kernels(), sizes, real, Float.NaN);
            for (int i = 0; i < some.size(); i++) {
                assertArrayEquals(some.get(i), nan.get(i), setup + ", result " + i);
            }
        }
    }

    /** out, logSumExp and the gradients of query, keys, values, textKeys and textValues, with {@code fill} in masked text. */
    private static List<float[]> run(Kernels kernels, Sizes s, boolean[] real, float fill) {
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
                in[i] = tensors.of(values, s.b(), s.h(), rows, s.d());
                gradients[i] = tensors.arena().zeros(in[i].shape(), DType.F32);
            }
            Tensor mask = real == null ? null : tensors.of(real, s.b(), s.t());
            Tensor out = tensors.output(s.b(), s.l(), (long) s.h() * s.d()).tensor();
            Tensor logSumExp = tensors.output(s.b(), s.h(), s.l()).tensor();
            Tensor gradOut = tensors.normal(9, s.b(), s.l(), (long) s.h() * s.d());
            kernels.attention().forward(out, logSumExp, inputs(in, mask, 0.25f));
            kernels.attention().backward(inputs(gradients, null, 0), gradOut, out, logSumExp, inputs(in, mask, 0.25f));
            return Stream.concat(Stream.of(out, logSumExp), Arrays.stream(gradients))
                    .map(Tensor::toFloats)
                    .toList();
        }
    }
}
