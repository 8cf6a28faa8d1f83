package mezzotint.kernel;

import java.util.Arrays;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.ReferenceAttention;
import mezzotint.testing.ReferenceAttention.Sizes;
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

    @Property(tries = 12)
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

    private static KernelCase verify(Sizes s, boolean[] real, double spread) {
        try (var tensors = new Tensors()) {
            var test = testCase(tensors, s, real, spread);
            test.verify();
            return test;
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
        var sizes = new Sizes(1, 2, 64, 32, 64, 64);
        boolean[] real = new boolean[32];
        Arrays.fill(real, 0, 11, true);
        verify(sizes, real, 1);
    }

    @Example
    void takesSeveralBlocksOfQueries() {
        verify(new Sizes(1, 1, 193, 3, 40, 16), null, 1);
    }
}
