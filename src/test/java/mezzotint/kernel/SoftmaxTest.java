package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import mezzotint.kernel.reference.ReferenceEncoders;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class SoftmaxTest {
    @Property(tries = 12)
    void isItsDefinition(
            @ForAll @IntRange(min = 1, max = 2) int b,
            @ForAll @IntRange(min = 1, max = 3) int h,
            @ForAll("lengths") int l,
            @ForAll("lengths") int s,
            @ForAll boolean masked) {
        verify(b, h, l, s, masked, 1, 0.3f);
    }

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.of(1, 2, 7, 8, 15, 16, 17, 33, 67);
    }

    @Example
    void takesManyPieces() {
        verify(2, 2, 19, 1025, true, 1, 1);
        verify(1, 1, 3, 20_000, false, 1, 1);
    }

    /** Scores of thousands, where e^x itself is infinite or zero. */
    @Example
    void takesHugeScores() {
        verify(1, 2, 5, 33, true, 3000, 1);
        verify(1, 2, 5, 33, false, 3000, 1);
    }

    @Example
    void givesZerosToAQueryThatSeesNothing() {
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor mask = tensors.of(new boolean[2 * 19], 1, 2, 19);
                Tensor y = tensors.output(1, 1, 2, 19).tensor();
                setup.kernels().softmax().forward(y, tensors.normal(1, 1, 1, 2, 19), mask, 1);
                assertArrayEquals(new float[2 * 19], y.toFloats(), setup.name());
            }
        }
    }

    @Example
    void overwritesItsInput() {
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor x = tensors.normal(1, 2, 1, 3, 21);
                Tensor y = tensors.output(2, 1, 3, 21).tensor();
                setup.kernels().softmax().forward(y, x, null, 0.7f);
                setup.kernels().softmax().forward(x, x, null, 0.7f);
                assertArrayEquals(y.toFloats(), x.toFloats(), setup.name());
            }
        }
    }

    private static void verify(int b, int h, int l, int s, boolean masked, float size, float scale) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(1, b * h * l * s);
            for (int i = 0; i < x.length; i++) {
                x[i] *= size;
            }
            boolean[] seen = new boolean[b * l * s];
            float[] coins = Tensors.normals(5, seen.length);
            for (int i = 0; i < seen.length; i++) {
                seen[i] = coins[i] > -0.5;
            }
            Tensor mask = masked ? tensors.of(seen, b, l, s) : null;
            boolean[] taken = masked ? seen : null;
            new KernelCase(tensors)
                    .input("x", tensors.of(x, b, h, l, s))
                    .outputs(Shape.of(b, h, l, s))
                    .forward((k, out, in) -> k.softmax().forward(out[0], in[0], mask, scale))
                    .backward((k, grad, gradOut, out, in) -> {
                        if (grad[0] != null) {
                            k.softmax().backward(grad[0], gradOut, out[0], scale);
                        }
                    })
                    .reference(in -> new double[][] {ReferenceEncoders.softmax(in[0], taken, b, h, l, s, scale)})
                    // An exponential of a score is off by the score's own rounding: 2⁻²⁴ of its size.
                    .tolerance(1e-6 * Math.max(1, size * scale), 1e-5 * Math.max(1, size * scale))
                    .coordinates(l * s > 2000 ? 6 : 40)
                    .verify();
        }
    }
}
