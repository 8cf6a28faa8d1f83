package mezzotint.kernel;

import java.util.function.DoubleUnaryOperator;
import mezzotint.kernel.reference.ReferenceEncoders;
import mezzotint.kernel.reference.ReferenceKernels;
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
import net.jqwik.api.constraints.IntRange;

final class ActivationTest {
    @FunctionalInterface
    private interface Forward {
        void run(EncoderKernels.Activation kernel, Tensor y, Tensor x);
    }

    @FunctionalInterface
    private interface Backward {
        void run(EncoderKernels.Activation kernel, Tensor gradX, Tensor gradY, Tensor x);
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 61, 127);
    }

    @Property(tries = 8)
    void reluIsItsDefinition(@ForAll("widths") int n) {
        function(n, 1, EncoderKernels.Activation::relu, EncoderKernels.Activation::reluBackward, x -> Math.max(x, 0));
    }

    @Property(tries = 8)
    void geluTanhIsItsDefinition(@ForAll("widths") int n) {
        geluTanh(n, 1);
    }

    private static void geluTanh(int n, float size) {
        function(
                n,
                size,
                EncoderKernels.Activation::geluTanh,
                EncoderKernels.Activation::geluTanhBackward,
                ReferenceKernels::geluTanh);
    }

    @Property(tries = 8)
    void quickGeluIsItsDefinition(@ForAll("widths") int n) {
        quickGelu(n, 1);
    }

    private static void quickGelu(int n, float size) {
        function(
                n,
                size,
                EncoderKernels.Activation::quickGelu,
                EncoderKernels.Activation::quickGeluBackward,
                ReferenceEncoders::quickGelu);
    }

    @Example
    void staysFiniteFarFromZero() {
        geluTanh(67, 30);
        quickGelu(67, 30);
    }

    @Example
    void takesSeveralPieces() {
        geluTanh(40_003, 1);
        quickGelu(40_003, 1);
    }

    private static void function(
            int n, float size, Forward forward, Backward backward, DoubleUnaryOperator definition) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(n, n);
            for (int i = 0; i < n; i++) {
                x[i] *= size;
            }
            new KernelCase(tensors)
                    .input("x", tensors.of(x, n))
                    .outputs(Shape.of(n))
                    .forward((k, out, in) -> forward.run(k.activation(), out[0], in[0]))
                    .backward((k, grad, gradOut, out, in) -> backward.run(k.activation(), grad[0], gradOut, in[0]))
                    .reference(in -> new double[][] {
                        java.util.Arrays.stream(in[0]).map(definition).toArray()
                    })
                    // A few roundings of 2⁻²⁴, and a slope's zero leaves a difference of like terms.
                    .tolerance(5e-7, 2e-6)
                    .coordinates(n > 10_000 ? 3 : 48)
                    .verify();
        }
    }

    @Property(tries = 8)
    void multiplyIsItsDefinition(@ForAll("widths") int n) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("a", tensors.normal(1, n))
                    .input("b", tensors.normal(2, n))
                    .outputs(Shape.of(n))
                    .forward((k, out, in) -> k.activation().multiply(out[0], in[0], in[1]))
                    .backward((k, grad, gradOut, out, in) ->
                            k.activation().multiplyBackward(grad[0], grad[1], gradOut, in[0], in[1]))
                    .reference(in -> {
                        double[] y = new double[n];
                        for (int i = 0; i < n; i++) {
                            y[i] = in[0][i] * in[1][i];
                        }
                        return new double[][] {y};
                    })
                    .tolerance(1e-7, 1e-6) // one rounding of 2⁻²⁴
                    .verify();
        }
    }

    @Property(tries = 12)
    void scaleShiftIsItsDefinition(
            @ForAll @IntRange(min = 1, max = 40) int n,
            @ForAll("widths") int d,
            @ForAll boolean scaled,
            @ForAll boolean shifted) {
        scaleShift(n, d, scaled, shifted);
    }

    @Example
    void scaleShiftSumsOverManyPieces() {
        scaleShift(3000, 17, true, true);
    }

    private static void scaleShift(int n, int d, boolean scaled, boolean shifted) {
        try (var tensors = new Tensors()) {
            var kernelCase = new KernelCase(tensors).input("x", tensors.normal(1, n, d));
            if (scaled) {
                kernelCase.parameter("scale", tensors.normal(2, d));
            }
            if (shifted) {
                kernelCase.parameter("shift", tensors.normal(3, d));
            }
            int shift = scaled ? 2 : 1;
            kernelCase
                    .outputs(Shape.of(n, d))
                    .forward((k, out, in) ->
                            k.activation().scaleShift(out[0], in[0], scaled ? in[1] : null, shifted ? in[shift] : null))
                    .backward((k, grad, gradOut, out, in) -> k.activation()
                            .scaleShiftBackward(
                                    grad[0],
                                    scaled ? grad[1] : null,
                                    shifted ? grad[shift] : null,
                                    gradOut,
                                    in[0],
                                    scaled ? in[1] : null))
                    .reference(in -> {
                        double[] y = new double[n * d];
                        for (int i = 0; i < y.length; i++) {
                            y[i] = in[0][i] * (scaled ? in[1][i % d] : 1) + (shifted ? in[shift][i % d] : 0);
                        }
                        return new double[][] {y};
                    })
                    .tolerance(2e-7, 2e-6) // two roundings of 2⁻²⁴
                    .coordinates(n * d > 2000 ? 6 : 48)
                    .verify();
        }
    }

    @Property(tries = 12)
    void divideByLastIsItsDefinition(@ForAll @IntRange(min = 1, max = 40) int n, @ForAll("widths") int d) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(1, n * (d + 1));
            for (int row = 0; row < n; row++) {
                x[row * (d + 1) + d] = 1 + Math.abs(x[row * (d + 1) + d]);
            }
            float eps = 0.125f;
            new KernelCase(tensors)
                    .input("x", tensors.of(x, n, d + 1))
                    .outputs(Shape.of(n, d))
                    .forward((k, out, in) -> k.activation().divideByLast(out[0], in[0], eps))
                    .backward((k, grad, gradOut, out, in) ->
                            k.activation().divideByLastBackward(grad[0], gradOut, in[0], eps))
                    .reference(in -> {
                        double[] y = new double[n * d];
                        for (int i = 0; i < y.length; i++) {
                            int row = i / d * (d + 1);
                            y[i] = in[0][row + i % d] / (in[0][row + d] + eps);
                        }
                        return new double[][] {y};
                    })
                    .tolerance(2e-7, 2e-6) // two roundings of 2⁻²⁴
                    .coordinates(n * d > 2000 ? 6 : 48)
                    .verify();
        }
    }
}
