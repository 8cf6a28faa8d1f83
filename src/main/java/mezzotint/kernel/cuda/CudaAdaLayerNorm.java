package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** {@link Kernels.AdaLayerNorm} on CUDA: a row's units side by side in the threads of a block, a block within a sample. */
final class CudaAdaLayerNorm implements Kernels.AdaLayerNorm {
    private static final String MODULE = "ada_layer_norm";

    // Threads of a block that the compiler has registers for, as the kernels' bounds say.
    private static final int WIDE = 576;
    private static final int WIDE_FORWARD_BF16 = 384;
    private static final int SINGLE_FORWARD = 384;
    private static final int SINGLE_BACKWARD = 320;

    private final CudaLauncher launcher;

    CudaAdaLayerNorm(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor shift, Tensor scale, float eps) {
        int l = x.shape().size(1);
        int d = x.shape().size(2);
        if (x.shape().elements() == 0) {
            return;
        }
        int most = x.dtype() == DType.F32 ? WIDE : WIDE_FORWARD_BF16;
        RowAccess access = RowAccess.forward(x.dtype(), d, most, y, x, shift, scale);
        int pieces = Math.ceilDiv(l, access.rows());
        LaunchGrid grid = LaunchGrid.of(x.shape().dim(0) * pieces, access.threads(d, SINGLE_FORWARD));
        launcher.launch(
                MODULE,
                access.entry("ada_layer_norm_forward"),
                grid,
                a -> a.tensor(y)
                        .tensor(mean)
                        .tensor(rstd)
                        .tensor(x)
                        .tensor(shift)
                        .tensor(scale)
                        .integer(l)
                        .integer(d)
                        .real(1f / d)
                        .integer(pieces)
                        .real(eps));
    }

    @Override
    public void backward(
            Tensor gradX,
            Tensor gradShift,
            Tensor gradScale,
            Tensor gradY,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor scale) {
        long samples = x.shape().dim(0);
        int l = x.shape().size(1);
        int d = x.shape().size(2);
        boolean conditioned = gradShift != null || gradScale != null;
        if (x.shape().elements() == 0 || (gradX == null && !conditioned)) {
            return;
        }
        RowAccess access = RowAccess.backward(x.dtype(), d, WIDE, gradX, gradY, x, scale);
        int threads = access.threads(d, SINGLE_BACKWARD);
        int piece = RowPieces.rows(l, samples, threads);
        var sums = new ColumnSums(samples, Math.ceilDiv(l, piece), d);
        long partials = conditioned ? launcher.scratch(2 * sums.bytes()) : 0;
        LaunchGrid grid = LaunchGrid.of(samples * sums.pieces(), threads);
        launcher.launch(
                MODULE,
                access.entry("ada_layer_norm_backward"),
                grid,
                a -> a.tensor(gradX)
                        .wide(partials)
                        .tensor(gradY)
                        .tensor(x)
                        .tensor(mean)
                        .tensor(rstd)
                        .tensor(scale)
                        .integer(l)
                        .integer(d)
                        .real(1f / d)
                        .integer(piece)
                        .integer((int) sums.pieces()));
        String kernel = "ada_layer_norm_sums" + CudaLauncher.suffix(x.dtype());
        if (gradShift != null) {
            sums.addTo(gradShift, partials, launcher, MODULE, kernel);
        }
        if (gradScale != null) {
            sums.addTo(gradScale, partials + sums.bytes(), launcher, MODULE, kernel);
        }
    }
}
