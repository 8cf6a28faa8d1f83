package mezzotint.kernel;

import java.util.Arrays;
import mezzotint.kernel.Kernels.QkNorm;
import mezzotint.kernel.reference.ReferenceNorms;
import mezzotint.kernel.reference.ReferenceNorms.HeadSizes;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class QkNormTest {
    /** A number rounded to bf16 is off by at most 2⁻⁸ of itself; one per cent more is for float32's own roundings. */
    private static final double ROUNDED = 1.01 * 0x1p-8;

    /** A shape: x is (b, l, column + h·d + after). */
    record Sizes(int b, int h, int l, int d, int column, int after) {
        int width() {
            return column + h * d + after;
        }

        /** At 1e-6 the slope of a single number is the difference of two numbers a million times as large. */
        float eps() {
            return d == 1 ? 0.25f : 1e-6f;
        }
    }

    @Property(tries = 12)
    void isItsDefinition(
            @ForAll("sizes") Sizes sizes,
            @ForAll boolean normalised,
            @ForAll boolean rotated,
            @ForAll boolean tablePerSample) {
        verify(sizes, normalised, rotated, tablePerSample);
    }

    @Provide
    Arbitrary<Sizes> sizes() {
        return Combinators.combine(
                        Arbitraries.of(1, 2, 3),
                        Arbitraries.of(1, 2, 3, 4, 5, 6, 9),
                        Arbitraries.of(1, 13, 15, 16, 17, 31, 33),
                        Arbitraries.of(2, 6, 8, 14, 16, 24, 32, 64),
                        Arbitraries.of(0, 1, 5, 16),
                        Arbitraries.of(0, 3, 16))
                .as(Sizes::new);
    }

    @Example
    void takesTheModelsOwnShape() {
        for (int part = 0; part < 3; part++) {
            verify(new Sizes(2, 6, 64, 64, part * 384, (2 - part) * 384), part < 2, part < 2, false);
        }
    }

    /** Up to one element, and beyond one, for every lane of a warp; odd heads cannot turn. */
    @Example
    void takesHeadsOfAnyWidth() {
        for (int d : new int[] {1, 3, 5, 31, 33, 63, 65, 127, 129, 257}) {
            verify(new Sizes(2, 3, 5, d, 1, 2), true, false, false);
            verify(new Sizes(1, 5, 3, d, 0, 0), false, false, false);
        }
        for (int d : new int[] {4, 30, 34, 66, 96, 124, 128, 130, 132, 248, 256, 258, 264}) {
            verify(new Sizes(2, 3, 5, d, 8, 0), true, true, true);
            verify(new Sizes(1, 5, 3, d, 0, 2), false, true, false);
        }
    }

    @Example
    void sumsItsScaleOverPiecesOfManyTokens() {
        verify(new Sizes(3, 9, 1111, 8, 0, 0), true, true, false);
        verify(new Sizes(2, 5, 900, 5, 1, 0), true, false, false);
    }

    private static void verify(Sizes s, boolean normalised, boolean rotated, boolean tablePerSample) {
        int tables = tablePerSample ? s.b : 1;
        try (var tensors = new Tensors()) {
            var test = new KernelCase(tensors).input("x", tensors.normal(s.l + s.d, s.b, s.l, s.width()));
            if (normalised) {
                test.parameter("scale", tensors.normal(s.l + 7, s.d));
            }
            if (rotated) {
                test.constant("table", tensors.normal(s.l + 8, tables, s.l, s.d / 2, 2));
            }
            Shape heads = Shape.of(s.b, s.h, s.l, s.d);
            Shape[] outputs = {heads, Shape.of(s.b, s.l, s.h)};
            test.outputs(normalised ? outputs : Arrays.copyOf(outputs, 1))
                    .forward((kernels, out, in) -> forward(kernels.qkNorm(), out, in, s, normalised, rotated))
                    .backward((kernels, gradients, gradOut, out, in) -> kernels.qkNorm()
                            .backward(
                                    gradients[0],
                                    normalised ? gradients[1] : null,
                                    gradOut,
                                    in[0],
                                    normalised ? out[1] : null,
                                    normalised ? in[1] : null,
                                    rotated ? in[in.length - 1] : null,
                                    s.column))
                    .reference(in -> reference(in, s, normalised, rotated, tables))
                    // Gradients of x are a difference of two terms that nearly cancel when d is 2.
                    .tolerance(1e-6, 2e-5)
                    .alsoInBFloat16(ROUNDED, ROUNDED)
                    .coordinates(s.b * s.h * s.l * s.d > 20_000 ? 6 : 48)
                    .verify();
        }
    }

    private static void forward(
            QkNorm kernel, Tensor[] out, Tensor[] in, Sizes s, boolean normalised, boolean rotated) {
        kernel.forward(
                out[0],
                normalised ? out[1] : null,
                in[0],
                normalised ? in[1] : null,
                rotated ? in[in.length - 1] : null,
                s.column,
                s.eps());
    }

    private static double[][] reference(double[][] in, Sizes s, boolean normalised, boolean rotated, int tables) {
        return ReferenceNorms.qkNorm(
                new HeadSizes(s.b, s.h, s.l, s.d, s.column, s.width(), s.eps()),
                in[0],
                normalised ? in[1] : null,
                rotated ? in[in.length - 1] : null,
                tables);
    }
}
