package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.AdaLayerNorm} on CUDA: a row's units side by side in the threads of a block, a block within a sample. */
final class CudaAdaLayerNorm implements Kernels.AdaLayerNorm {
    private static final String MODULE = "ada_layer_norm";
    private static final int THREADS = 576;

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
        RowAccess access = RowAccess.of(x.dtype(), d, y, x, shift, scale).upTo(THREADS, d);
        int pieces = Math.ceilDiv(l, access.forwardRows());
        LaunchGrid grid = LaunchGrid.of(x.shape().dim(0) * pieces, access.threads(d, THREADS));
        launcher.launch(MODULE, access.entry("ada_layer_norm_forward"), grid, a -> a.tensor(y)
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
        RowAccess access = RowAccess.of(x.dtype(), d, gradX, gradY, x, scale).upTo(THREADS, d);
        int threads = access.threads(d, THREADS);
        int piece = RowPieces.rows(l, samples, threads);
        var sums = new ColumnSums(samples, Math.ceilDiv(l, piece), d);
        long partials = conditioned ? launcher.scratch(2 * sums.bytes()) : 0;
        LaunchGrid grid = LaunchGrid.of(samples * sums.pieces(), threads);
        launcher.launch(MODULE, access.entry("ada_layer_norm_backward"), grid, a -> a.tensor(gradX)
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
