package mezzotint.kernel;

import mezzotint.kernel.reference.ReferenceEncoders;
import mezzotint.tensor.Shape;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class LayerNormTest {
    @Property(tries = 12)
    void isItsDefinition(@ForAll("rows") int n, @ForAll("widths") int d) {
        // A large eps: at 1e-6 the slope of a narrow row is the difference of two numbers a million times as large.
        verify(n, d, 0.25f);
    }

    @Provide
    Arbitrary<Integer> rows() {
        return Arbitraries.of(1, 2, 13, 31, 33);
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 127, 128, 129);
    }

    @Example
    void takesTheEncodersOwnWidths() {
        for (int d : new int[] {384, 768, 1152}) {
            verify(3, d, 1e-6f);
        }
    }

    @Example
    void sumsScaleAndShiftOverManyPieces() {
        verify(700, 64, 1e-6f);
        verify(20_000, 3, 0.25f);
    }

    private static void verify(int n, int d, float eps) {
        try (var tensors = new Tensors()) {
            // Around 1: a mean near 0 would have no figures to compare.
            float[] x = Tensors.normals(1, n * d);
            for (int i = 0; i < x.length; i++) {
                x[i] += 1;
            }
            new KernelCase(tensors)
                    .input("x", tensors.of(x, n, d))
                    .parameter("scale", tensors.normal(2, d))
                    .parameter("shift", tensors.normal(3, d))
                    .outputs(Shape.of(n, d), Shape.of(n), Shape.of(n))
                    .forward((k, out, in) -> k.layerNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], eps))
                    .backward((k, grad, gradOut, out, in) ->
                            k.layerNorm().backward(grad[0], grad[1], grad[2], gradOut, in[0], out[1], out[2], in[1]))
                    .reference(in -> ReferenceEncoders.layerNorm(in[0], in[1], in[2], n, eps))
                    .tolerance(1e-6, 1e-5)
                    .coordinates(n * d > 2000 ? 6 : 48)
                    .verify();
        }
    }
}
