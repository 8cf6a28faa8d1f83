package mezzotint.kernel.cuda;

import java.util.function.UnaryOperator;
import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Activation} on CUDA, over all elements in a row or over planes of rows × columns. */
final class CudaActivation implements EncoderKernels.Activation {
    private static final String MODULE = "activation";

    private final CudaLauncher launcher;

    CudaActivation(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void relu(Tensor y, Tensor x) {
        each("activation_relu", y, x);
    }

    @Override
    public void reluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        each("activation_relu_backward", gradX, gradY, x);
    }

    @Override
    public void geluTanh(Tensor y, Tensor x) {
        each("activation_gelu_tanh", y, x);
    }

    @Override
    public void geluTanhBackward(Tensor gradX, Tensor gradY, Tensor x) {
        each("activation_gelu_tanh_backward", gradX, gradY, x);
    }

    @Override
    public void quickGelu(Tensor y, Tensor x) {
        each("activation_quick_gelu", y, x);
    }

    @Override
    public void quickGeluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        each("activation_quick_gelu_backward", gradX, gradY, x);
    }

    @Override
    public void multiply(Tensor y, Tensor a, Tensor b) {
        each("activation_multiply", y, a, b);
    }

    /** One after the other, since both gradients may be that of one tensor. */
    @Override
    public void multiplyBackward(Tensor gradA, Tensor gradB, Tensor gradY, Tensor a, Tensor b) {
        each("activation_multiply_add", gradA, gradY, b);
        each("activation_multiply_add", gradB, gradY, a);
    }

    /** One tile a block, see {@code elementwise.cuh}; nothing where {@code y} is not wanted. */
    private void each(String kernel, Tensor y, Tensor... operands) {
        if (y != null && y.shape().elements() > 0) {
            long elements = y.shape().elements();
            launcher.launch(MODULE, kernel, Tiles.grid(elements, Tiles.group(DType.F32)), a -> {
                a.tensor(y);
                for (Tensor operand : operands) {
                    a.tensor(operand);
                }
                a.wide(elements);
            });
        }
    }

    @Override
    public void scaleShift(Tensor y, Tensor x, Tensor scale, Tensor shift) {
        plane(
                "activation_scale_shift",
                x,
                a -> a.tensor(y).tensor(x).tensor(scale).tensor(shift),
                false);
    }

    private void plane(String kernel, Tensor x, UnaryOperator<LaunchArguments> tensors, boolean accumulate) {
        if (x.shape().elements() > 0) {
            int rows = Planes.rows(x);
            int columns = x.shape().size(-1);
            launcher.launch(
                    MODULE,
                    kernel,
                    Planes.grid(rows, columns),
                    a -> tensors.apply(a).integer(rows).integer(columns).integer(accumulate ? 1 : 0));
        }
    }

    @Override
    public void scaleShiftBackward(
            Tensor gradX, Tensor gradScale, Tensor gradShift, Tensor gradY, Tensor x, Tensor scale) {
        if (gradX != null) {
            plane(
                    "activation_scale_shift",
                    gradX,
                    a -> a.tensor(gradX).tensor(gradY).tensor(scale).wide(0),
                    true);
        }
        if (gradY.shape().elements() > 0 && (gradScale != null || gradShift != null)) {
            int n = Planes.rows(gradY);
            int d = gradY.shape().size(-1);
            int piece = Planes.piece(n, 1);
            var sums = new ColumnSums(1, Math.ceilDiv(n, piece), d);
            long partials = launcher.scratch(2 * sums.bytes());
            launcher.launch(
                    MODULE,
                    "activation_scale_shift_sums",
                    Planes.sumGrid(sums.pieces(), d),
                    a -> a.wide(partials)
                            .tensor(gradY)
                            .tensor(x)
                            .integer(n)
                            .integer(d)
                            .integer(piece));
            sums.addBoth(gradShift, gradScale, partials, launcher, MODULE, "activation_columns");
        }
    }

    @Override
    public void divideByLast(Tensor y, Tensor x, float eps) {
        if (y.shape().elements() > 0) {
            int rows = Planes.rows(y);
            int columns = y.shape().size(-1);
            launcher.launch(
                    MODULE,
                    "activation_divide_by_last",
                    Planes.grid(rows, columns),
                    a -> a.tensor(y).tensor(x).integer(rows).integer(columns).real(eps));
        }
    }

    @Override
    public void divideByLastBackward(Tensor gradX, Tensor gradY, Tensor x, float eps) {
        if (gradX != null && gradY.shape().elements() > 0) {
            int rows = Planes.rows(gradY);
            launcher.launch(
                    MODULE,
                    "activation_divide_by_last_backward",
                    Planes.rowGrid(rows),
                    a -> a.tensor(gradX)
                            .tensor(gradY)
                            .tensor(x)
                            .integer(rows)
                            .integer(gradY.shape().size(-1))
                            .real(eps));
        }
    }
}
