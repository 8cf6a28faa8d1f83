package mezzotint.kernel;

import java.util.List;
import mezzotint.kernel.reference.ReferenceNorms;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

final class RmsNormTest {
    private static final float EPS = 1e-6f;

    /** A number rounded to bf16 is off by at most 2⁻⁸ of itself; one per cent more is for float32's own roundings. */
    private static final double ROUNDED = 1.01 * 0x1p-8;

    @Property(tries = 12)
    void isItsDefinition(
            @ForAll("rows") int n, @ForAll("widths") int d, @ForAll @LongRange(min = 0, max = 99) long seed) {
        // A large eps: at 1e-6 the slope of a single number is the difference of two numbers a million times as large.
        verify(n, d, seed, 0.25f);
    }

    @Provide
    Arbitrary<Integer> rows() {
        return Arbitraries.of(1, 2, 13, 15, 31, 33);
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(1, 7, 8, 15, 16, 24, 31, 33, 64, 112, 124, 127, 128, 129, 132, 248, 256, 264, 384);
    }

    @Example
    void sumsItsScaleOverManyPieces() {
        verify(700, 64, 3, EPS);
    }

    @Example
    void sumsItsScaleOverPiecesOfManyRows() {
        verifyPieces(33_000, 4);
    }

    @Example
    void sumsItsScaleOverThousandsOfPieces() {
        verifyPieces(8_200, 9);
    }

    /** Where the threads of a CUDA block end: units of four floats and of eight bf16, and single elements. */
    @Example
    void takesWidthsAroundABlock() {
        for (int d : List.of(2044, 2048, 2049, 2052, 2560, 2563, 2564, 4096, 4104, 5121)) {
            verify(3, d, d, EPS);
        }
    }

    @Example
    void takesTinyAndHugeRows() {
        for (float size : new float[] {1e-12f, 1e-4f, 1e4f, 1e12f}) {
            try (var tensors = new Tensors()) {
                float[] x = Tensors.normals(4, 17 * 64);
                for (int i = 0; i < x.length; i++) {
                    x[i] *= size;
                }
                forward(tensors, tensors.of(x, 17, 64), tensors.normal(5, 64), EPS)
                        .alsoInBFloat16(ROUNDED, ROUNDED)
                        .verify();
            }
        }
    }

    @Example
    void takesTheModelsOwnWidths() {
        for (int d : List.of(384, 1792, 2304)) {
            verify(9, d, d, EPS);
        }
    }

    private static void verify(int n, int d, long seed, float eps) {
        try (var tensors = new Tensors()) {
            both(tensors, n, d, seed, eps).alsoInBFloat16(ROUNDED, ROUNDED).verify();
        }
    }

    /** Pieces are the same for bf16, which would take as long again. */
    private static void verifyPieces(int n, int d) {
        try (var tensors = new Tensors()) {
            both(tensors, n, d, n, 0.25f).verify();
        }
    }

    private static KernelCase both(Tensors tensors, int n, int d, long seed, float eps) {
        return forward(tensors, tensors.normal(seed, n, d), tensors.normal(seed + 100, d), eps)
                .backward((kernels, gradients, gradOut, out, in) ->
                        kernels.rmsNorm().backward(gradients[0], gradients[1], gradOut, in[0], out[1], in[1]))
                .coordinates(n * d > 2000 ? 6 : 48);
    }

    private static KernelCase forward(Tensors tensors, Tensor x, Tensor scale, float eps) {
        int n = x.shape().size(0);
        int d = x.shape().size(1);
        return new KernelCase(tensors)
                .input("x", x)
                .parameter("scale", scale)
                .outputs(Shape.of(n, d), Shape.of(n))
                .forward((kernels, out, in) -> kernels.rmsNorm().forward(out[0], out[1], in[0], in[1], eps))
                .reference(in -> ReferenceNorms.rmsNorm(in[0], in[1], n, d, eps));
    }
}
