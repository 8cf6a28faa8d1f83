package mezzotint.kernel.cuda;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.GroupNorm} on CUDA: sums of channels over pieces of pixels, then groups, then elements. */
final class CudaGroupNorm implements EncoderKernels.GroupNorm {
    private static final String MODULE = "group_norm";

    private final CudaLauncher launcher;

    CudaGroupNorm(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    /** How a call is cut; all sums have B · pieces slots of C channels. */
    private record Cut(int samples, int n, int rows, int c, int groups, int piece) {
        static Cut of(Tensor x, Tensor mean) {
            int samples = x.shape().size(0);
            int n = x.shape().size(1);
            return new Cut(
                    samples, n, Planes.rows(x), x.shape().size(2), mean.shape().size(1), Planes.piece(n, samples));
        }

        int pieces() {
            return Math.ceilDiv(n, piece);
        }

        ColumnSums sums() {
            return new ColumnSums(1, (long) samples * pieces(), c);
        }

        LaunchGrid sumGrid() {
            return Planes.sumGrid(sums().pieces(), c);
        }

        LaunchGrid groupGrid() {
            return LaunchGrid.of(groupCount(), Planes.THREADS);
        }

        long groupCount() {
            return (long) samples * groups;
        }
    }

    @Override
    public void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor scale, Tensor shift, float eps) {
        if (x.shape().elements() == 0) {
            return;
        }
        Cut cut = Cut.of(x, mean);
        long float64s = 2 * 2 * cut.sums().bytes();
        long sums = launcher.scratch(float64s + 4 * cut.groupCount());
        long rest = sums + float64s;
        launcher.launch(
                MODULE,
                "group_norm_sums",
                cut.sumGrid(),
                a -> a.wide(sums)
                        .tensor(x)
                        .integer(cut.n)
                        .integer(cut.c)
                        .integer(cut.piece)
                        .integer(cut.pieces()));
        launcher.launch(
                MODULE,
                "group_norm_statistics",
                cut.groupGrid(),
                a -> a.tensor(mean)
                        .wide(rest)
                        .tensor(rstd)
                        .wide(sums)
                        .integer(cut.n)
                        .integer(cut.pieces())
                        .integer(cut.c)
                        .integer(cut.groups)
                        .real(eps));
        launcher.launch(
                MODULE,
                "group_norm_apply",
                Planes.grid(cut.rows(), cut.c),
                a -> sizes(
                        a.tensor(y)
                                .tensor(x)
                                .tensor(mean)
                                .wide(rest)
                                .tensor(rstd)
                                .tensor(scale)
                                .tensor(shift),
                        cut));
    }

    private static LaunchArguments sizes(LaunchArguments a, Cut cut) {
        return a.integer(cut.rows()).integer(cut.n).integer(cut.c).integer(cut.groups);
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
        if (x.shape().elements() == 0 || (gradX == null && gradScale == null && gradShift == null)) {
            return;
        }
        Cut cut = Cut.of(x, mean);
        long sums = launcher.scratch(2 * cut.sums().bytes() + 2 * 4 * cut.groupCount());
        launcher.launch(
                MODULE,
                "group_norm_backward_sums",
                cut.sumGrid(),
                a -> a.wide(sums)
                        .tensor(gradY)
                        .tensor(x)
                        .tensor(mean)
                        .tensor(rstd)
                        .integer(cut.n)
                        .integer(cut.c)
                        .integer(cut.groups)
                        .integer(cut.piece)
                        .integer(cut.pieces()));
        if (gradX != null) {
            gradX(gradX, gradY, x, mean, rstd, scale, sums, cut);
        }
        cut.sums().addBoth(gradShift, gradScale, sums, launcher, MODULE, "group_norm_columns");
    }

    private void gradX(
            Tensor gradX, Tensor gradY, Tensor x, Tensor mean, Tensor rstd, Tensor scale, long sums, Cut cut) {
        long means = sums + 2 * cut.sums().bytes();
        launcher.launch(
                MODULE,
                "group_norm_backward_means",
                cut.groupGrid(),
                a -> a.wide(means)
                        .wide(sums)
                        .tensor(scale)
                        .integer(cut.n)
                        .integer(cut.pieces())
                        .integer(cut.c)
                        .integer(cut.groups));
        launcher.launch(
                MODULE,
                "group_norm_backward_apply",
                Planes.grid(cut.rows(), cut.c),
                a -> sizes(
                        a.tensor(gradX)
                                .tensor(gradY)
                                .tensor(x)
                                .tensor(mean)
                                .tensor(rstd)
                                .tensor(scale)
                                .wide(means),
                        cut));
    }
}
