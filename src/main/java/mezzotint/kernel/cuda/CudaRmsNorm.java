package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.RmsNorm} on CUDA: a row's units side by side in the threads of a block. */
final class CudaRmsNorm implements Kernels.RmsNorm {
    private static final String MODULE = "rms_norm";

    // Threads of a block that the compiler has registers for, as the kernels' bounds say.
    private static final int FORWARD = 640;
    private static final int BACKWARD = 512;
    private static final int SINGLE = 384;

    private final CudaLauncher launcher;

    CudaRmsNorm(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor y, Tensor rstd, Tensor x, Tensor scale, float eps) {
        long n = x.shape().dim(0);
        int d = x.shape().size(1);
        if (n * d == 0) {
            return;
        }
        RowAccess access = RowAccess.forward(x.dtype(), d, FORWARD, y, x, scale);
        LaunchGrid grid = LaunchGrid.of(Math.ceilDiv(n, access.rows()), access.threads(d, SINGLE));
        launcher.launch(
                MODULE,
                access.entry("rms_norm_forward"),
                grid,
                a -> a.tensor(y)
                        .tensor(rstd)
                        .tensor(x)
                        .tensor(scale)
                        .wide(n)
                        .integer(d)
                        .real(1f / d)
                        .real(eps));
    }

    @Override
    public void backward(Tensor gradX, Tensor gradScale, Tensor gradY, Tensor x, Tensor rstd, Tensor scale) {
        long n = x.shape().dim(0);
        int d = x.shape().size(1);
        if (n * d == 0 || (gradX == null && gradScale == null)) {
            return;
        }
        RowAccess access = RowAccess.backward(x.dtype(), d, BACKWARD, gradX, gradY, x, scale);
        int threads = access.threads(d, SINGLE);
        int piece = RowPieces.rows(n, 1, threads);
        var sums = new ColumnSums(1, Math.ceilDiv(n, piece), d);
        long partials = gradScale == null ? 0 : launcher.scratch(sums.bytes());
        launcher.launch(
                MODULE,
                access.entry("rms_norm_backward"),
                LaunchGrid.of(sums.pieces(), threads),
                a -> a.tensor(gradX)
                        .wide(partials)
                        .tensor(gradY)
                        .tensor(x)
                        .tensor(rstd)
                        .tensor(scale)
                        .wide(n)
                        .integer(d)
                        .real(1f / d)
                        .integer(piece));
        if (gradScale != null) {
            sums.addTo(gradScale, partials, launcher, MODULE, "rms_norm_scale");
        }
    }
}
