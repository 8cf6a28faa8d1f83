package mezzotint.kernel;

import mezzotint.kernel.reference.ReferenceTraining;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.KernelCase;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class CosineSimilarityTest {
    /** Two numbers (the slope of one is nothing but what is left of two equal terms), a warp and a bit, one piece of a row and a bit, the width of a vision encoder. */
    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(2, 3, 7, 8, 31, 32, 33, 127, 129, 256, 384, 1021, 1024, 1500);
    }

    @Property(tries = 10)
    void isItsDefinition(@ForAll @IntRange(min = 1, max = 19) int n, @ForAll("widths") int d) {
        try (var tensors = new Tensors()) {
            verify(tensors, n, tensors.normal(1, n, d), tensors.normal(2, n, d), 1e-8f);
        }
    }

    @Example
    void aVectorShorterThanEpsIsDividedByEps() {
        float[] x = Tensors.normals(3, 3 * 5);
        float[] y = Tensors.normals(4, 3 * 5);
        for (int i = 0; i < 5; i++) {
            x[i] *= 0.01f;
            y[5 + i] *= 0.01f;
        }
        try (var tensors = new Tensors()) {
            verify(tensors, 3, tensors.of(x, 3, 5), tensors.of(y, 3, 5), 0.5f);
        }
    }

    private static void verify(Tensors tensors, int n, Tensor x, Tensor y, float eps) {
        new KernelCase(tensors)
                .input("x", x)
                .input("y", y)
                .outputs(Shape.of(n))
                .wideOutput()
                .forward((k, out, in) -> k.cosineSimilarity().forward(out[0], in[0], in[1], eps))
                .backward((k, grad, gradOut, out, in) ->
                        k.cosineSimilarity().backward(grad[0], grad[1], gradOut, in[0], in[1], eps))
                .reference(in -> new double[][] {ReferenceTraining.cosineSimilarity(in[0], in[1], n, eps)})
                // Random vectors are nearly at right angles: the sum of D products cancels to 1/√D of its parts.
                .tolerance(2e-6, 2e-6)
                // a gradient is rounded once to bf16
                .alsoInBFloat16(2e-6, 0x1.02p-8)
                .coordinates(12)
                .verify();
    }

    @Example
    void isOneOfAVectorAndItselfAndZeroBesideNothing() {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(5, 3 * 40);
            float[] y = x.clone();
            for (int i = 0; i < 40; i++) {
                y[40 + i] *= -1e-15f;
                y[80 + i] = 0;
            }
            for (Devices.Setup setup : Devices.all()) {
                Tensor similarity = tensors.output(3).tensor();
                setup.kernels()
                        .cosineSimilarity()
                        .forward(similarity, tensors.of(x, 3, 40), tensors.of(y, 3, 40), 1e-20f);
                // the rounding of a root and a quotient
                RelativeError.assertRelativeError(similarity, new double[] {1, -1, 0}, 3e-7);
            }
        }
    }
}
