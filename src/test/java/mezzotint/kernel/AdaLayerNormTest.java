package mezzotint.kernel;

import java.util.Arrays;
import mezzotint.kernel.reference.ReferenceKernels;
import mezzotint.tensor.Shape;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

final class AdaLayerNormTest {
    private static final float EPS = 1e-6f;

    /** A number rounded to bf16 is off by at most 2⁻⁸ of itself; one per cent more is for float32's own roundings. */
    private static final double ROUNDED = 1.01 * 0x1p-8;

    @Property(tries = 12)
    void isItsDefinition(
            @ForAll @IntRange(min = 1, max = 4) int b,
            @ForAll @IntRange(min = 1, max = 9) int l,
            @ForAll("widths") int d,
            @ForAll @LongRange(min = 0, max = 99) long seed) {
        verify(b, l, d, seed, 1);
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 97, 124, 127, 128, 129, 130, 132, 248, 256, 264);
    }

    @Example
    void cutsALongSampleIntoPieces() {
        verify(2, 64, 384, 1, 1);
    }

    @Example
    void cutsALongSampleIntoManyPieces() {
        verify(1, 299, 33, 3, 1);
    }

    @Example
    void takesMoreSamplesThanPieces() {
        verify(600, 3, 8, 4, 1);
    }

    @Example
    void takesTheModelsOwnWidths() {
        for (int d : new int[] {384, 1792}) {
            verify(2, 9, d, d, 1);
        }
    }

    /** Where the threads of a CUDA block end: units of four floats and of eight bf16, and single elements. */
    @Example
    void takesWidthsAroundABlock() {
        for (int d : new int[] {2300, 2304, 2305, 2308, 4600, 4608, 4616}) {
            verify(2, 3, d, d, 1);
        }
    }

    @Example
    void takesRowsFarFromZero() {
        verify(2, 5, 96, 2, 1e3f);
    }

    /** Their gradients vanish but for rounding, so only the forward is looked at. */
    @Example
    void takesRowsOfOneAndTwo() {
        for (int d = 1; d <= 2; d++) {
            int width = d;
            try (var tensors = new Tensors()) {
                new KernelCase(tensors)
                        .constant("x", tensors.normal(1, 2, 3, d))
                        .constant("shift", tensors.normal(2, 2, d))
                        .constant("scale", tensors.normal(3, 2, d))
                        .outputs(Shape.of(2, 3, d), Shape.of(2, 3), Shape.of(2, 3))
                        .forward((k, out, in) ->
                                k.adaLayerNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], EPS))
                        .reference(in -> ReferenceKernels.adaLayerNorm(in[0], in[1], in[2], 2, 3, width, EPS))
                        .verify();
            }
        }
    }

    @Example
    void aConstantRowGivesItsShift() {
        try (var tensors = new Tensors()) {
            float[] five = new float[24];
            Arrays.fill(five, 5);
            new KernelCase(tensors)
                    .constant("x", tensors.of(five, 1, 1, 24))
                    .constant("shift", tensors.normal(1, 1, 24))
                    .constant("scale", tensors.normal(2, 1, 24))
                    .outputs(Shape.of(1, 1, 24), Shape.of(1, 1), Shape.of(1, 1))
                    .forward((k, out, in) -> k.adaLayerNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], EPS))
                    .reference(in -> new double[][] {in[1], {5}, {1e3}})
                    .verify();
        }
    }

    private static void verify(int b, int l, int d, long seed, float centre) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(seed, b * l * d);
            for (int i = 0; i < x.length; i++) {
                x[i] += centre;
            }
            new KernelCase(tensors)
                    .input("x", tensors.of(x, b, l, d))
                    .input("shift", tensors.normal(seed + 100, b, d))
                    .input("scale", tensors.normal(seed + 200, b, d))
                    .outputs(Shape.of(b, l, d), Shape.of(b, l), Shape.of(b, l))
                    .forward((k, out, in) -> k.adaLayerNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], EPS))
                    .backward((k, grad, gradOut, out, in) ->
                            k.adaLayerNorm().backward(grad[0], grad[1], grad[2], gradOut, in[0], out[1], out[2], in[2]))
                    .reference(in -> ReferenceKernels.adaLayerNorm(in[0], in[1], in[2], b, l, d, EPS))
                    .tolerance(tolerance(d, centre), slopeTolerance(d, centre))
                    .alsoInBFloat16(
                            Math.max(ROUNDED, tolerance(d, centre)), Math.max(ROUNDED, slopeTolerance(d, centre)))
                    .coordinates(d > 1000 ? 4 : b * l * d > 2000 ? 12 : 48)
                    .verify();
        }
    }

    /** x − mean is rounded to 2⁻²⁴ of the centre; a few numbers may lie close together, and rstd multiplies that. */
    private static double tolerance(int d, float centre) {
        return Math.max(2e-6, 1e-6 * centre) * (d < 8 ? 20 : 1);
    }

    /** A gradient of x is what two projections leave: of three numbers next to nothing. */
    private static double slopeTolerance(int d, float centre) {
        return (d < 8 ? 5e-3 : 2e-5) * Math.max(1, centre / 50);
    }
}
