package mezzotint.kernel.cuda;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.LayerNorm} on CUDA: a warp a row. */
final class CudaLayerNorm implements EncoderKernels.LayerNorm {
    private static final String MODULE = "layer_norm";

    private final CudaLauncher launcher;

    CudaLayerNorm(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor scale, Tensor shift, float eps) {
        if (x.shape().elements() == 0) {
            return;
        }
        int n = Planes.rows(x);
        launcher.launch(
                MODULE,
                "layer_norm_forward",
                Planes.rowGrid(n),
                a -> a.tensor(y)
                        .tensor(mean)
                        .tensor(rstd)
                        .tensor(x)
                        .tensor(scale)
                        .tensor(shift)
                        .integer(n)
                        .integer(x.shape().size(-1))
                        .real(eps));
    }

    @Override
    public void backward(
            Tensor gradX,
            Tensor gradScale,
            Tensor gradShift,
            Tensor gradY,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor scale) {
        if (x.shape().elements() == 0) {
            return;
        }
        int n = Planes.rows(x);
        int d = x.shape().size(-1);
        if (gradX != null) {
            launcher.launch(
                    MODULE,
                    "layer_norm_backward",
                    Planes.rowGrid(n),
                    a -> given(a.tensor(gradX), gradY, x, mean, rstd)
                            .tensor(scale)
                            .integer(n)
                            .integer(d));
        }
        if (gradScale != null || gradShift != null) {
            int piece = Planes.piece(n, 1);
            var sums = new ColumnSums(1, Math.ceilDiv(n, piece), d);
            long partials = launcher.scratch(2 * sums.bytes());
            launcher.launch(
                    MODULE,
                    "layer_norm_sums",
                    Planes.sumGrid(sums.pieces(), d),
                    a -> given(a.wide(partials), gradY, x, mean, rstd)
                            .integer(n)
                            .integer(d)
                            .integer(piece));
            sums.addBoth(gradShift, gradScale, partials, launcher, MODULE, "layer_norm_columns");
        }
    }

    private static LaunchArguments given(LaunchArguments a, Tensor gradY, Tensor x, Tensor mean, Tensor rstd) {
        return a.tensor(gradY).tensor(x).tensor(mean).tensor(rstd);
    }
}
