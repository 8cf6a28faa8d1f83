package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.tensor.Tensor;

/** One block of a product, all rows by some columns by some depth, shared out over the workers. */
final class ProductBlock {
    /** Strips a worker takes at once: as many as stay in its L2 while the panels pass. */
    private static final int STRIPS = 8;

    private static final int CHUNKS_PER_WORKER = 4;

    /** Rows of a this far apart fall into few sets of the caches and push each other out: copy them. */
    private static final int ALIASING_BYTES = 2048;

    private static final int STRIP_SLOT = 0;
    private static final int PANEL_SLOT = 1;
    private static final int TILE_SLOT = 2;

    /** Where the block of c lies. */
    record Output(long address, long rowBytes, int rows, int columns) {}

    /** What the product is added to: c itself, a row (stride 0) or, with columns of stride 0 too, the row of zeros. */
    record Addend(long address, long rowBytes, long columnBytes) {
        static final Addend NONE = new Addend(TileKernel.Zeros.ROW, 0, 0);

        /** c itself to go on with it, else the bias from {@code column} on, else nothing. */
        static Addend of(Output c, boolean accumulate, Tensor bias, int column) {
            if (accumulate) {
                return new Addend(c.address(), c.rowBytes(), 4);
            }
            return bias == null ? NONE : new Addend(bias.address() + 4L * column, 0, 4);
        }

        long at(int row, int column) {
            return address + row * rowBytes + column * columnBytes;
        }
    }

    private final CpuResources resources;
    private final TileKernel tile;
    private final BlockCopy blocks;
    private final Output c;
    private final Addend addend;
    private final Operand a;
    private final Operand b;
    private final int depth;
    private final int strips;
    private final int panels;
    private final int stripWidth;
    private final long stripBytes;
    private final long panelBytes;

    ProductBlock(
            CpuResources resources,
            TileKernel tile,
            BlockCopy blocks,
            Output c,
            Addend addend,
            Operand a,
            Operand b,
            int depth) {
        this.resources = resources;
        this.tile = tile;
        this.blocks = blocks;
        this.c = c;
        this.addend = addend;
        this.a = a;
        this.b = b;
        this.depth = depth;
        strips = ceilDiv(c.rows(), tile.rows());
        panels = ceilDiv(c.columns(), tile.columns());
        stripWidth = ceilDiv(tile.rows(), blocks.size()) * blocks.size();
        stripBytes = 4L * stripWidth * depth;
        panelBytes = 4L * tile.columns() * depth;
    }

    void run() {
        int workers = resources.threads().count();
        if (strips <= 2) {
            resources.threads().forEach(panels, (worker, panel) -> run(worker, 0, strips, panel, panel + 1, 0));
            return;
        }
        long packed = resources.scratch().shared(0, panels * panelBytes);
        resources
                .threads()
                .forEach(
                        panels,
                        (worker, panel) -> b.pack(
                                blocks, panel * tile.columns(), tile.columns(), 0, depth, packed + panel * panelBytes));
        int wanted = CHUNKS_PER_WORKER * workers;
        int rowParts = Math.min(strips, ceilDiv(Math.max(ceilDiv(strips, STRIPS), wanted), workers) * workers);
        int columnParts = Math.min(panels, ceilDiv(wanted, rowParts));
        resources.threads().forEach(rowParts * columnParts, (worker, chunk) -> {
            int row = chunk / columnParts;
            int column = chunk % columnParts;
            run(
                    worker,
                    part(row, rowParts, strips),
                    part(row + 1, rowParts, strips),
                    part(column, columnParts, panels),
                    part(column + 1, columnParts, panels),
                    packed);
        });
    }

    /** Strips [s0, s1) by panels [p0, p1); panels are at {@code packed}, or 0 to make them here. */
    private void run(int worker, int s0, int s1, int p0, int p1, long packed) {
        CpuScratch scratch = resources.scratch();
        boolean direct = a.isFloat32() && Math.max(a.laneBytes(), a.depthBytes()) % ALIASING_BYTES != 0;
        boolean lastIsPartial = s1 == strips && c.rows() % tile.rows() != 0;
        int copied = direct ? (lastIsPartial ? s1 - 1 : s1) : s0;
        long strip = scratch.worker(worker, STRIP_SLOT, Math.max(64, (s1 - copied) * stripBytes));
        for (int s = copied; s < s1; s++) {
            a.pack(blocks, s * tile.rows(), stripWidth, 0, depth, strip + (s - copied) * stripBytes);
        }
        for (int p = p0; p < p1; p++) {
            long panel = packed + p * panelBytes;
            long panelRowBytes = 4L * tile.columns();
            if (packed == 0) {
                Operand own = b.from(p * tile.columns(), 0);
                if (own.isContiguous(tile.columns())) {
                    panel = own.address();
                    panelRowBytes = own.depthBytes();
                } else {
                    panel = scratch.worker(worker, PANEL_SLOT, Math.max(64, panelBytes));
                    own.pack(blocks, 0, tile.columns(), 0, depth, panel);
                }
            }
            for (int s = s0; s < s1; s++) {
                if (s < copied) {
                    long from = a.at(s * tile.rows(), 0);
                    multiply(worker, s, p, from, a.laneBytes(), a.depthBytes(), panel, panelRowBytes);
                } else {
                    long from = strip + (s - copied) * stripBytes;
                    multiply(worker, s, p, from, 4, 4L * stripWidth, panel, panelRowBytes);
                }
            }
        }
    }

    private void multiply(
            int worker, int s, int p, long from, long rowBytes, long depthBytes, long panel, long panelRowBytes) {
        int i = s * tile.rows();
        int j = p * tile.columns();
        long to = c.address() + i * c.rowBytes() + 4L * j;
        int rows = Math.min(tile.rows(), c.rows() - i);
        int columns = Math.min(tile.columns(), c.columns() - j);
        if (rows == tile.rows() && columns == tile.columns()) {
            tile.multiply(
                    depth,
                    from,
                    rowBytes,
                    depthBytes,
                    panel,
                    panelRowBytes,
                    addend.at(i, j),
                    addend.rowBytes(),
                    to,
                    c.rowBytes());
            return;
        }
        long width = 4L * tile.columns();
        long scratch = resources.scratch().worker(worker, TILE_SLOT, width * tile.rows());
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(
                    CpuMemory.ALL, addend.at(i + row, j), CpuMemory.ALL, scratch + row * width, 4L * columns);
        }
        tile.multiply(depth, from, rowBytes, depthBytes, panel, panelRowBytes, scratch, width, scratch, width);
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(
                    CpuMemory.ALL, scratch + row * width, CpuMemory.ALL, to + row * c.rowBytes(), 4L * columns);
        }
    }

    private static int part(int index, int parts, int whole) {
        return (int) ((long) index * whole / parts);
    }

    private static int ceilDiv(int a, int b) {
        return (a + b - 1) / b;
    }
}
