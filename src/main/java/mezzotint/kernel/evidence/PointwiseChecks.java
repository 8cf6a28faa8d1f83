package mezzotint.kernel.evidence;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import mezzotint.kernel.reference.ReferenceKernels;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;

/** Elementwise operations. */
final class PointwiseChecks {
    private PointwiseChecks() {}

    static KernelCheck silu(int n) {
        return new KernelCheck("silu", "N " + n)
                .activation("x", n)
                .output(n)
                .forward((k, out, in) -> k.pointwise().silu(out[0], in[0]))
                .backward((k, grad, gradOut, out, in) -> k.pointwise().siluBackward(grad[0], gradOut, in[0]))
                .definition(in -> each(in[0], ReferenceKernels::silu))
                .roundsOnce();
    }

    static KernelCheck gelu(int n) {
        return new KernelCheck("gelu", "N " + n)
                .activation("x", n)
                .output(n)
                .forward((k, out, in) -> k.pointwise().gelu(out[0], in[0]))
                .backward((k, grad, gradOut, out, in) -> k.pointwise().geluBackward(grad[0], gradOut, in[0]))
                .definition(in -> each(in[0], ReferenceKernels::gelu))
                .roundsOnce();
    }

    static KernelCheck add(int n) {
        return new KernelCheck("add", "N " + n)
                .fixedActivation("a", n)
                .fixedActivation("b", n)
                .output(n)
                .forward((k, out, in) -> k.pointwise().add(out[0], in[0], in[1]))
                .definition(in -> both(in[0], in[1], Double::sum))
                .roundsOnce();
    }

    static KernelCheck addScaled(int n) {
        return new KernelCheck("add_scaled", "N " + n)
                .fixedActivation("x", n)
                .changes(n)
                .forward((k, out, in) -> k.pointwise().addScaled(out[0], in[0], 0.3f))
                .definition(in -> both(in[0], in[1], (x, y) -> y + 0.3f * x))
                .roundsOnce();
    }

    static KernelCheck scale(int n) {
        return new KernelCheck("scale", "N " + n)
                .fixedActivation("x", n)
                .output(n)
                .forward((k, out, in) -> k.pointwise().scale(out[0], in[0], -1.7f))
                .definition(in -> each(in[0], x -> -1.7f * x))
                .roundsOnce();
    }

    static KernelCheck fill(int n) {
        return new KernelCheck("fill", "N " + n)
                .output(n)
                .forward((k, out, in) -> k.pointwise().fill(out[0], -2.5f))
                .definition(in -> new double[][] {
                    IntStream.range(0, n).mapToDouble(i -> -2.5).toArray()
                })
                .tolerance(0, 0)
                .narrowTolerance(0, 0);
    }

    /** From T to the other type, bit for bit as the CPU rounds. */
    static KernelCheck cast(int n, DType to) {
        boolean narrows = to == DType.BF16;
        return new KernelCheck("cast", "N %d, to %s".formatted(n, to))
                .fixedActivation("x", n)
                .output(to, n)
                .forward((k, out, in) -> k.pointwise().cast(out[0], in[0]))
                .definition(in -> each(in[0], x -> narrows ? BFloat16.toFloat(BFloat16.fromFloat((float) x)) : x))
                .tolerance(0, 0)
                .narrowTolerance(0, 0);
    }

    static KernelCheck gatedResidual(int b, int l, int d) {
        return new KernelCheck("gated_residual", "B %d · L %d · D %d".formatted(b, l, d))
                .activation("x", b, l, d)
                .activation("gate", b, d)
                .activation("branch", b, l, d)
                .output(b, l, d)
                .forward((k, out, in) -> k.pointwise().gatedResidual(out[0], in[0], in[1], in[2]))
                .backward((k, grad, gradOut, out, in) ->
                        k.pointwise().gatedResidualBackward(grad[0], grad[1], grad[2], gradOut, in[1], in[2]))
                .definition(in -> new double[][] {ReferenceKernels.gatedResidual(in[0], in[1], in[2], b, l, d)})
                .roundsOnce();
    }

    static KernelCheck sinusoid(int n, int width) {
        return new KernelCheck("sinusoid", "N %d · width %d".formatted(n, width))
                .constant("x", n)
                .output(n, width)
                .forward((k, out, in) -> k.pointwise().sinusoid(out[0], in[0], 1000, 10000))
                .definition(in -> new double[][] {ReferenceKernels.sinusoid(in[0], width, 1000, 10000)})
                .roundsOnce();
    }

    static double[][] each(double[] x, DoubleUnaryOperator of) {
        return new double[][] {Arrays.stream(x).map(of).toArray()};
    }

    static double[][] both(double[] x, double[] y, DoubleBinaryOperator of) {
        double[] z = new double[x.length];
        Arrays.setAll(z, i -> of.applyAsDouble(x[i], y[i]));
        return new double[][] {z};
    }
}
