package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/**
 * Packed, blocked products in Java: b in panels of a tile's columns, shared by all workers; a in
 * {@link Strips} of a tile's rows, copied by the worker that uses them.
 *
 * <p>Every tile of c is one call of the {@link TileKernel} per block of depth, in ascending order, whoever makes it: bits
 * depend neither on the threads nor on how the strips are shared out.
 *
 * @see <a href="https://doi.org/10.1145/1356052.1356053">Goto and van de Geijn 2008, §4</a>
 */
final class CpuMatmul implements Kernels.Matmul {
    private static final long MAX_PANEL_BYTES = 64L << 20;
    private static final int PIECE_ROWS = 512;

    /** Slot 0 is the panels' and the column sums'. */
    private static final int TURNED_SLOT = 1;

    private final CpuResources resources;
    private final TileKernel tile;
    private final BlockCopy blocks;
    private final Blocking blocking;
    private final ThinProduct thin;
    private final float[] ones;

    CpuMatmul(CpuResources resources) {
        this(resources, Blocking.HERE);
    }

    CpuMatmul(CpuResources resources, Blocking blocking) {
        this.resources = resources;
        this.tile = TileKernel.of(resources.vectors());
        this.blocks = BlockCopy.of(resources.vectors());
        this.blocking = blocking;
        this.thin = new ThinProduct(resources);
        this.ones = new float[tile.stripWidth() * PIECE_ROWS];
        Arrays.fill(ones, 1);
    }

    @Override
    public void multiply(
            Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean accumulate) {
        int n = columns(c);
        int m = rows(c);
        if (m == 0 || n == 0) {
            return;
        }
        int k = Math.toIntExact(a.shape().elements() / m);
        Operand left = Operand.of(a.address(), transposeA ? m : k, m, !transposeA, a.dtype());
        Operand right = Operand.of(b.address(), transposeB ? k : n, n, transposeB, b.dtype());
        if (accumulate && bias != null) {
            addToRows(c.address(), m, n, bias.address());
        }
        if (ThinProduct.takes(left, right)) {
            var output = new ProductBlock.Output(c.address(), 4L * n, m, n);
            thin.run(output, ProductBlock.Addend.of(output, accumulate, bias, 0), left, right, k);
            return;
        }
        if (!accumulate && isBetterTurned(left, right)) {
            turned(c.address(), left, right, bias, k);
            return;
        }
        blocks(c.address(), left, right, bias, accumulate, k);
    }

    /** Whether a's rows fill a panel but not its strips, and b lies so that its rows can be strips without a copy. */
    private boolean isBetterTurned(Operand left, Operand right) {
        int m = left.lanes();
        int size = blocks.size();
        return m <= tile.columns()
                && m % size == 0
                && right.lanes() % size == 0
                && right.isFloat32()
                && right.depthBytes() == 4
                && Math.ceilDiv(m, tile.rows()) * tile.rows() > tile.columns();
    }

    /** <pre>cᵀ = bᵀ · aᵀ</pre> in scratch memory, then c; every element is the same chain. */
    private void turned(long c, Operand left, Operand right, Tensor bias, int k) {
        int m = left.lanes();
        int n = right.lanes();
        int size = blocks.size();
        long turned = resources.scratch().shared(TURNED_SLOT, 4L * n * m);
        CpuMemory.check(c, 4L * n * m);
        if (bias != null) {
            CpuMemory.check(bias.address(), 4L * n);
            resources.threads().forEach(n / size, (worker, chunk) -> {
                for (int j = chunk * size; j < (chunk + 1) * size; j++) {
                    float value = Floats.get(bias.address(), j);
                    for (int i = 0; i < m; i++) {
                        Floats.set(turned, (long) j * m + i, value);
                    }
                }
            });
        }
        blocks(turned, right, left, null, bias != null, k);
        resources.threads().forEach(n / size, (worker, chunk) -> {
            int j = chunk * size;
            for (int i = 0; i < m; i += size) {
                blocks.transpose(turned + 4L * ((long) j * m + i), 4L * m, c + 4L * ((long) i * n + j), 4L * n);
            }
        });
    }

    /** <pre>c (+)= left · rightᵀ over {@code depth}</pre> of float32 sides as they lie; c is dense. */
    void multiply(long c, Operand left, Operand right, boolean accumulate, int depth) {
        blocks(c, left, right, null, accumulate, depth);
    }

    private void blocks(long c, Operand left, Operand right, Tensor bias, boolean accumulate, int k) {
        int m = left.lanes();
        int n = right.lanes();
        int most = mostDepth(left, right);
        int depthBlocks = Math.max(1, (k + most - 1) / most);
        int depthStep = Math.max(16, ((k + depthBlocks - 1) / depthBlocks + 15) / 16 * 16);
        int columnStep = (int) Math.min(n, MAX_PANEL_BYTES / (4L * depthStep) / tile.columns() * tile.columns());
        for (int k0 = 0; k0 == 0 || k0 < k; k0 += depthStep) {
            int depth = Math.min(depthStep, k - k0);
            for (int j0 = 0; j0 < n; j0 += columnStep) {
                int columns = Math.min(columnStep, n - j0);
                var output = new ProductBlock.Output(c + 4L * j0, 4L * n, m, columns);
                var addend = ProductBlock.Addend.of(output, k0 > 0 || accumulate, bias, j0);
                new ProductBlock(
                                resources,
                                tile,
                                blocks,
                                blocking,
                                output,
                                addend,
                                left.from(0, k0),
                                right.from(j0, k0),
                                depth)
                        .run();
            }
        }
    }

    private int mostDepth(Operand left, Operand right) {
        int workers = resources.threads().count();
        if (ProductBlock.readsInPlace(tile, blocking, left, right, workers)) {
            return blocking.inPlaceDepth(ProductBlock.bytesInPlace(left, right, workers));
        }
        return left.hasAdjacentLanes() ? blocking.packedDepth() : blocking.rowDepth();
    }

    /** A product with a row of ones, over pieces of {@value #PIECE_ROWS} rows that are then added in order. */
    @Override
    public void columnSums(Tensor sums, Tensor x) {
        int n = columns(x);
        if (x.shape().elements() == 0) {
            return;
        }
        int m = rows(x);
        int pieces = (m + PIECE_ROWS - 1) / PIECE_ROWS;
        int panels = (n + tile.columns() - 1) / tile.columns();
        long partial = resources.scratch().shared(0, 4L * pieces * panels * tile.columns());
        Operand operand = Operand.of(x.address(), n, n, false, x.dtype());
        resources.threads().forEach(pieces * panels, (worker, chunk) -> {
            int piece = chunk / panels;
            int panel = chunk % panels;
            int row = piece * PIECE_ROWS;
            long to = partial + 4L * tile.columns() * chunk;
            sumPanel(worker, operand.from(panel * tile.columns(), row), Math.min(PIECE_ROWS, m - row), to);
        });
        for (int piece = 0; piece < pieces; piece++) {
            addToRows(sums.address(), 1, n, partial + 4L * tile.columns() * panels * piece);
        }
    }

    private void sumPanel(int worker, Operand x, int depth, long target) {
        int width = tile.columns();
        long tileBytes = 4L * tile.rows() * width;
        long scratch = resources.scratch().worker(worker, 0, tileBytes + 4L * width * depth);
        long b = x.address();
        long bRowBytes = x.depthBytes();
        if (!x.isContiguous(width)) {
            b = scratch + tileBytes;
            bRowBytes = 4L * width;
            x.pack(blocks, 0, width, 0, depth, b);
        }
        tile.multiplyPacked(depth, ones, b, bRowBytes, TileKernel.Zeros.ROW, 0, scratch, 4L * width);
        MemorySegment.copy(CpuMemory.ALL, scratch, CpuMemory.ALL, target, 4L * width);
    }

    private static void addToRows(long c, int m, int n, long row) {
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                long at = c + 4L * ((long) i * n + j);
                set(at, get(at) + get(row + 4L * j));
            }
        }
    }

    private static int columns(Tensor x) {
        return x.shape().size(x.shape().rank() - 1);
    }

    private static int rows(Tensor x) {
        int columns = columns(x);
        return columns == 0 ? 0 : Math.toIntExact(x.shape().elements() / columns);
    }

    private static float get(long address) {
        return CpuMemory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    private static void set(long address, float value) {
        CpuMemory.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }
}
