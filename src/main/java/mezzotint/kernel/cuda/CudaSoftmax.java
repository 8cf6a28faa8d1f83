package mezzotint.kernel.cuda;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Softmax} on CUDA: a warp a row. */
final class CudaSoftmax implements EncoderKernels.Softmax {
    private static final String MODULE = "softmax";

    private final CudaLauncher launcher;

    CudaSoftmax(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor mask, float scale) {
        if (x.shape().elements() == 0) {
            return;
        }
        int rows = Planes.rows(x);
        launcher.launch(
                MODULE,
                "softmax_forward",
                Planes.rowGrid(rows),
                a -> a.tensor(y)
                        .tensor(x)
                        .tensor(mask)
                        .integer(rows)
                        .integer(x.shape().size(1))
                        .integer(x.shape().size(2))
                        .integer(x.shape().size(3))
                        .real(scale));
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Tensor y, float scale) {
        if (gradX == null || y.shape().elements() == 0) {
            return;
        }
        int rows = Planes.rows(y);
        launcher.launch(
                MODULE,
                "softmax_backward",
                Planes.rowGrid(rows),
                a -> a.tensor(gradX)
                        .tensor(gradY)
                        .tensor(y)
                        .integer(rows)
                        .integer(y.shape().size(-1))
                        .real(scale));
    }
}
