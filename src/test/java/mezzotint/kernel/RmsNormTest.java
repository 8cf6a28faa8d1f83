package mezzotint.kernel;

import java.util.List;
import mezzotint.tensor.Shape;
import mezzotint.testing.KernelCase;
import mezzotint.testing.ReferenceNorms;
import mezzotint.testing.Tensors;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

final class RmsNormTest {
    private static final float EPS = 1e-6f;

    @Property(tries = 12)
    void isItsDefinition(@ForAll("rows") int n, @ForAll("widths") int d, @ForAll @LongRange(min = 0, max = 99) long seed) {
        verify(n, d, seed, 1);
    }

    @Provide
    Arbitrary<Integer> rows() {
        return Arbitraries.of(1, 2, 13, 15, 31, 33);
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(1, 7, 8, 15, 16, 24, 31, 33, 64, 112, 128, 384);
    }

    @Example
    void sumsItsScaleOverManyPieces() {
        verify(700, 64, 3, 1);
    }

    @Example
    void keepsTinyAndHugeRowsApart() {
        verify(17, 64, 4, 1e-4f);
        verify(17, 64, 5, 1e4f);
    }

    @Example
    void takesTheModelsOwnWidths() {
        for (int d : List.of(384, 1792, 2304)) {
            verify(9, d, d, 1);
        }
    }

    private static void verify(int n, int d, long seed, float size) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(seed, n * d);
            for (int i = 0; i < x.length; i++) {
                x[i] *= size;
            }
            new KernelCase(tensors)
                    .input("x", tensors.of(x, n, d))
                    .input("scale", tensors.normal(seed + 100, d))
                    .outputs(Shape.of(n, d), Shape.of(n))
                    .forward((kernels, out, in) -> kernels.rmsNorm().forward(out[0], out[1], in[0], in[1], EPS))
                    .backward((kernels, gradients, gradOut, out, in) -> kernels.rmsNorm()
                            .backward(gradients[0], gradients[1], gradOut, in[0], out[1], in[1]))
                    .reference(in -> ReferenceNorms.rmsNorm(in[0], in[1], n, d, EPS))
                    // Gradients of x are a difference of two terms that nearly cancel when d is small.
                    .tolerance(1e-6, 2e-5)
                    .verify();
        }
    }
}
