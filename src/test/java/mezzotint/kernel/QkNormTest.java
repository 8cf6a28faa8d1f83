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
    private static final float EPS = 1e-6f;

    /** A shape: x is (b, l, column + h·d + after). */
    record Sizes(int b, int h, int l, int d, int column, int after) {
        int width() {
            return column + h * d + after;
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
                        Arbitraries.of(1, 2, 3),
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

    private static void verify(Sizes s, boolean normalised, boolean rotated, boolean tablePerSample) {
        int tables = tablePerSample ? s.b : 1;
        try (var tensors = new Tensors()) {
            var test = new KernelCase(tensors).input("x", tensors.normal(s.l + s.d, s.b, s.l, s.width()));
            if (normalised) {
                test.input("scale", tensors.normal(s.l + 7, s.d));
            }
            if (rotated) {
                test.constant("table", tensors.normal(s.l + 8, tables, s.l, s.d / 2, 2));
            }
            Shape heads = Shape.of(s.b, s.h, s.l, s.d);
            Shape[] outputs = {heads, Shape.of(s.b, s.l, s.h)};
            test.outputs(normalised ? outputs : Arrays.copyOf(outputs, 1))
                    .forward((kernels, out, in) -> forward(kernels.qkNorm(), out, in, normalised, rotated, s.column))
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
                    .verify();
        }
    }

    private static void forward(
            QkNorm kernel, Tensor[] out, Tensor[] in, boolean normalised, boolean rotated, int column) {
        kernel.forward(
                out[0],
                normalised ? out[1] : null,
                in[0],
                normalised ? in[1] : null,
                rotated ? in[in.length - 1] : null,
                column,
                EPS);
    }

    private static double[][] reference(double[][] in, Sizes s, boolean normalised, boolean rotated, int tables) {
        return ReferenceNorms.qkNorm(
                new HeadSizes(s.b, s.h, s.l, s.d, s.column, s.width(), EPS),
                in[0],
                normalised ? in[1] : null,
                rotated ? in[in.length - 1] : null,
                tables);
    }
}
