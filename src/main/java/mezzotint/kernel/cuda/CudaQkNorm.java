package mezzotint.kernel.cuda;

import java.util.Arrays;
import java.util.stream.Stream;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.QkNorm} on CUDA: some lanes of a warp take one token in several heads. */
final class CudaQkNorm implements Kernels.QkNorm {
    private static final String MODULE = "qk_norm";
    private static final int THREADS = 128;
    private static final int WARPS = THREADS / 32;
    private static final int HEADS = 4;
    private static final int BATCH = 2;
    private static final int PIECES = 4096;

    private final CudaLauncher launcher;

    CudaQkNorm(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    /**
     * Geometry of a call.
     *
     * @param lanes lanes for a head of a token, a power of two; as many as heads in flight, each of which writes an rstd
     * @param tiles warps for all tokens
     * @param group heads of a warp
     */
    private record Layout(
            Tensor heads, long width, long tableStride, RowAccess access, int lanes, int tiles, int group) {
        static Layout of(Tensor heads, Tensor x, Tensor table, RowAccess access) {
            long tokens = heads.shape().dim(0) * heads.shape().dim(2);
            if (tokens * heads.shape().dim(1) > Integer.MAX_VALUE) {
                throw new CudaException("qk_norm: heads %s are more than the %d rows of one launch; cut the batch"
                        .formatted(heads.shape(), Integer.MAX_VALUE));
            }
            long units = access.units(heads.shape().dim(3));
            int lanes = Math.clamp(Long.highestOneBit(2 * units - 1), BATCH, 32);
            boolean perSample = table != null && table.shape().dim(0) > 1;
            long tableStride = perSample ? heads.shape().dim(2) * heads.shape().dim(3) : 0;
            int tiles = (int) Math.ceilDiv(tokens, 32 / lanes);
            int group = Math.min(heads.shape().size(1), HEADS);
            return new Layout(heads, x.shape().dim(2), tableStride, access, lanes, tiles, group);
        }

        int groups() {
            return Math.ceilDiv(heads.shape().size(1), group);
        }

        LaunchArguments put(LaunchArguments a) {
            return a.integer(heads.shape().size(0) * heads.shape().size(2))
                    .integer(heads.shape().size(2))
                    .integer(heads.shape().size(1))
                    .integer(heads.shape().size(3))
                    .real(1f / heads.shape().size(3))
                    .wide(width)
                    .wide(tableStride)
                    .integer(lanes)
                    .integer(group)
                    .integer(groups());
        }
    }

    /** A wide head has at most 32 units, one a lane. */
    private static RowAccess access(Tensor heads, Tensor x, int column, Tensor... others) {
        int d = heads.shape().size(3);
        Tensor[] all = Stream.concat(Stream.of(heads, x), Arrays.stream(others)).toArray(Tensor[]::new);
        return RowAccess.of(x.dtype(), d | x.shape().dim(2) | column, all).within(d, 32);
    }

    @Override
    public void forward(Tensor heads, Tensor rstd, Tensor x, Tensor scale, Tensor table, int column, float eps) {
        if (heads.shape().elements() == 0) {
            return;
        }
        Layout at = Layout.of(heads, x, table, access(heads, x, column, scale, table));
        long blocks = (long) Math.ceilDiv(at.tiles, WARPS) * at.groups();
        launcher.launch(
                MODULE,
                at.access.entry("qk_norm_forward"),
                LaunchGrid.of(blocks, THREADS),
                a -> at.put(a.tensor(heads)
                                .tensor(rstd)
                                .wide(x.address() + (long) column * x.dtype().bytes())
                                .tensor(scale)
                                .tensor(table))
                        .real(eps));
    }

    @Override
    public void backward(
            Tensor gradX,
            Tensor gradScale,
            Tensor gradHeads,
            Tensor x,
            Tensor rstd,
            Tensor scale,
            Tensor table,
            int column) {
        if (gradHeads.shape().elements() == 0 || (gradX == null && gradScale == null)) {
            return;
        }
        Layout at = Layout.of(gradHeads, x, table, access(gradHeads, x, column, gradX, scale, table));
        int items = at.tiles * at.groups();
        int piece = Math.ceilDiv(items, PIECES);
        var sums =
                new ColumnSums(1, Math.ceilDiv(items, piece), gradHeads.shape().size(3));
        long partials = gradScale == null ? 0 : launcher.scratch(sums.bytes());
        long skip = (long) column * x.dtype().bytes();
        LaunchGrid grid = LaunchGrid.of(Math.ceilDiv(sums.pieces(), WARPS), THREADS);
        launcher.launch(
                MODULE,
                at.access.entry("qk_norm_backward"),
                grid,
                a -> at.put(a.wide(gradX == null ? 0 : gradX.address() + skip)
                                .wide(partials)
                                .tensor(gradHeads)
                                .wide(x.address() + skip)
                                .tensor(rstd)
                                .tensor(scale)
                                .tensor(table))
                        .integer(items)
                        .integer(piece));
        if (gradScale != null) {
            sums.addTo(gradScale, partials, launcher, MODULE, "qk_norm_scale");
        }
    }
}
