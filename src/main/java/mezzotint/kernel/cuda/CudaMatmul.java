package mezzotint.kernel.cuda;

import java.util.List;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * Products by the kernels of {@code matmul.cu}: tensor cores for two bf16 operands, float32 multiply-adds otherwise.
 *
 * <p>Scratch holds, where they are needed, slices and then copies of bf16 operands whose rows do not start at multiples of 16
 * bytes.
 */
final class CudaMatmul implements Kernels.Matmul {
    private static final String MODULE = "matmul";
    private static final int THREADS = 256;

    private final CudaLauncher launcher;
    private final MatmulPlan.Chooser chooser;

    CudaMatmul(CudaLauncher launcher) {
        this(launcher, MatmulPlan.fastestOn(launcher.driver().limits()));
    }

    /** With a choice of one's own, for tests and measurements. */
    CudaMatmul(CudaLauncher launcher, MatmulPlan.Chooser chooser) {
        this.launcher = launcher;
        this.chooser = chooser;
    }

    @Override
    public void multiply(
            Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean accumulate) {
        int n = columns(c);
        int m = rows(c);
        if (m == 0 || n == 0) {
            return;
        }
        var target = MatmulTarget.of(c, bias, m, n, accumulate);
        int k = Math.toIntExact(a.shape().elements() / m);
        if (k == 0) {
            addSlices(target, 0, 0);
            return;
        }
        var left = MatmulOperand.of(a, transposeA ? k : m, transposeA);
        var right = MatmulOperand.of(b, transposeB ? n : k, !transposeB);
        MatmulPlan plan = chooser.choose(tiles(left, right, transposeA && transposeB), m, n, k);
        String entry = plan.tile().entry(transposeA, transposeB);
        boolean direct = plan.slices() == 1 && target.isWide();
        long sliceBytes = direct ? 0 : plan.sliceBytes(m, n);
        long bytes = sliceBytes + left.copyBytes() + right.copyBytes();
        long scratch = bytes == 0 ? 0 : launcher.scratch(bytes);
        var alignedLeft = left.aligned(launcher, scratch + sliceBytes);
        var alignedRight = right.aligned(launcher, scratch + sliceBytes + left.copyBytes());
        if (direct) {
            launch(plan, entry, target, k, alignedLeft, alignedRight);
        } else {
            launch(plan, entry, target.slices(scratch), k, alignedLeft, alignedRight);
            addSlices(target, scratch, plan.slices());
        }
    }

    private static List<MatmulTile> tiles(MatmulOperand a, MatmulOperand b, boolean bothTransposed) {
        if (a.dtype() != b.dtype()) {
            return MatmulTile.ofMixed();
        }
        return a.dtype() == DType.BF16 ? MatmulTile.ofBFloat16(bothTransposed) : MatmulTile.ofFloat32();
    }

    private void launch(MatmulPlan plan, String entry, MatmulTarget c, int k, MatmulOperand a, MatmulOperand b) {
        MatmulTile tile = plan.tile();
        int blocks = Math.toIntExact(tile.count(c.m(), c.n()));
        var grid = LaunchGrid.of(blocks, plan.slices(), tile.threads()).withShared(tile.sharedBytes());
        launcher.launch(
                MODULE,
                entry,
                grid,
                arguments -> arguments
                        .wide(c.address())
                        .wide(a.address())
                        .wide(b.address())
                        .wide(c.bias())
                        .integer(c.m())
                        .integer(c.n())
                        .integer(k)
                        .integer(a.stride())
                        .integer(b.stride())
                        .integer(c.stride())
                        .integer(plan.depth())
                        .wide((long) c.m() * c.stride())
                        .integer(c.flags() | a.flags() | b.flags() << 1));
    }

    /** c = (c +) bias + the slices, of which there may be none. */
    private void addSlices(MatmulTarget c, long slices, int count) {
        int stride = MatmulPlan.stride(c.n());
        var grid = LaunchGrid.of(blocks(c.m(), THREADS / 32), blocks(c.n(), 128), THREADS);
        launcher.launch(
                MODULE,
                "matmul_add_slices" + CudaLauncher.suffix(c.dtype()),
                grid,
                arguments -> arguments
                        .wide(c.address())
                        .wide(slices)
                        .wide(c.bias())
                        .integer(c.m())
                        .integer(c.n())
                        .integer(stride)
                        .integer(count)
                        .wide((long) c.m() * stride)
                        .integer(c.flags()));
    }

    /** Sums over slices of rows in scratch, then over the slices; both in a fixed order. */
    @Override
    public void columnSums(Tensor sums, Tensor x) {
        int n = columns(x);
        int m = rows(x);
        if (m == 0 || n == 0) {
            return;
        }
        int pack = 16 / x.dtype().bytes();
        int strips = blocks(n, 32 * pack);
        int rows = sliceRows(m, strips);
        int slices = blocks(m, rows);
        boolean wide = n % pack == 0 && x.address() % 16 == 0;
        long partial = launcher.scratch(4L * slices * n);
        String kernel = "matmul_sum_columns" + CudaLauncher.suffix(x.dtype());
        launcher.launch(
                MODULE,
                kernel,
                LaunchGrid.of(strips, slices, THREADS),
                arguments -> arguments
                        .wide(partial)
                        .tensor(x)
                        .integer(m)
                        .integer(n)
                        .integer(rows)
                        .integer(wide ? 1 : 0));
        launcher.launch(
                MODULE,
                "matmul_add_sums",
                LaunchGrid.of(blocks(n, 32), THREADS),
                arguments -> arguments.tensor(sums).wide(partial).integer(n).integer(slices));
    }

    /** Rows of a slice, at least 64: about a thousand blocks where there are enough rows, on whatever device. */
    static int sliceRows(int m, int strips) {
        return Math.max(64, blocks(m, Math.max(1, 1024 / strips)));
    }

    private static int blocks(int extent, int ofBlock) {
        return (int) (((long) extent + ofBlock - 1) / ofBlock);
    }

    private static int columns(Tensor x) {
        return x.shape().size(x.shape().rank() - 1);
    }

    private static int rows(Tensor x) {
        int columns = columns(x);
        return columns == 0 ? 0 : Math.toIntExact(x.shape().elements() / columns);
    }
}
