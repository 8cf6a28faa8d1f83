package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import mezzotint.tensor.Tensor;

/** One block of a product, all rows by some columns by some depth, shared out over the workers. */
final class ProductBlock {
    private static final int CHUNKS_PER_WORKER = 4;

    /** Rows of memory in one piece of packing: enough to share out evenly. */
    private static final int ROWS_TOGETHER = 16;

    /** Below this many strips a panel is met too seldom to go through main memory between its copy and its use. */
    private static final int FEW_STRIPS = 64;

    /** Panels that every strip of a chunk meets before the next ones: they shall stay in a core's second-level cache. */
    private static final int GROUP_BYTES = 512 << 10;

    /** Between panels: without it those of most depths would all lie in one set, or two, of a first-level cache. */
    private static final int PANEL_GAP = 384;

    private static final int PAGE = 4096;

    private static final int PANEL_SLOT = 1;
    private static final int TILE_SLOT = 2;

    private static final int SHARED_PANELS = 0;

    /** Where the block of c lies. */
    record Output(long address, long rowBytes, int rows, int columns) {
        long at(int row, int column) {
            return address + row * rowBytes + 4L * column;
        }
    }

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

    /**
     * How c is shared out, in parts of its strips by parts of its panels.
     *
     * @param own whether panels are a matter of the chunk's worker alone
     */
    private record Grid(int strips, int panels, boolean own) {
        int chunks() {
            return strips * panels;
        }
    }

    private final CpuResources resources;
    private final TileKernel tile;
    private final BlockCopy blocks;
    private final Blocking blocking;
    private final NearRows near;
    private final Output c;
    private final Addend addend;
    private final Strips left;
    private final Operand b;
    private final int depth;
    private final int strips;
    private final int panels;
    private final long panelBytes;
    private final boolean inPlace;

    ProductBlock(
            CpuResources resources,
            TileKernel tile,
            BlockCopy blocks,
            Blocking blocking,
            Output c,
            Addend addend,
            Operand a,
            Operand b,
            int depth) {
        this.resources = resources;
        this.tile = tile;
        this.blocks = blocks;
        this.blocking = blocking;
        this.near = new NearRows(resources);
        this.c = c;
        this.addend = addend;
        this.left = new Strips(resources, tile, blocks, blocking, a, c.rows(), depth);
        this.b = b;
        this.depth = depth;
        strips = left.count();
        panels = Math.ceilDiv(c.columns(), tile.columns());
        panelBytes = 4L * tile.columns() * depth + PANEL_GAP;
        inPlace = readsInPlace(tile, blocking, a, b, resources.threads().count());
    }

    /**
     * Whether both sides are met where they lie. One worker packs whole rows, as fast as it would read ahead; several have
     * pieces of rows, and read them faster than they copy them. Rows a multiple of a page apart would all fall into one set of a
     * first-level cache, and a panel must not end behind the last row.
     */
    static boolean readsInPlace(TileKernel tile, Blocking blocking, Operand a, Operand b, int workers) {
        return blocking.inPlaceBytes() > 0
                && tile instanceof CopyingTile
                && a.hasAdjacentLanes()
                && b.hasAdjacentLanes()
                && b.lanes() % tile.columns() == 0
                && b.depthBytes() % PAGE != 0
                && (workers > 1 || blocking.fitsInPlace(bytesInPlace(a, b, workers)));
    }

    /** Bytes that a worker reads of both sides {@link #readsInPlace in place} for each k. */
    static long bytesInPlace(Operand a, Operand b, int workers) {
        int m = a.lanes();
        int n = b.lanes();
        return 4L * (n > m ? m + Math.ceilDiv(n, workers) : Math.ceilDiv(m, workers) + n);
    }

    private Grid grid(int workers) {
        if (inPlace) {
            return c.columns() > c.rows()
                    ? new Grid(1, Math.min(panels, workers), true)
                    : new Grid(Math.min(strips, workers), 1, true);
        }
        if (left.isPacked() ? c.columns() > c.rows() : strips < FEW_STRIPS) {
            long most = left.isPacked() ? blocking.ownBytes() : GROUP_BYTES;
            int wanted = left.isPacked() ? workers : 2 * workers;
            int least = (int) (panels * panelBytes / most) + 1;
            int groups = Math.ceilDiv(Math.max(least, wanted), workers) * workers;
            return new Grid(1, Math.min(panels, groups), true);
        }
        // out of another core's cache panels come slower than out of memory
        boolean own = left.isPacked() && panels * panelBytes <= blocking.ownBytes();
        int stripParts = own ? workers : Math.ceilDiv(Math.ceilDiv(strips, left.together()), workers) * workers;
        int wanted = (left.isPacked() ? 1 : CHUNKS_PER_WORKER) * workers;
        stripParts = Math.min(strips, stripParts);
        return new Grid(stripParts, Math.min(panels, Math.ceilDiv(wanted, stripParts)), own);
    }

    void run() {
        if (left.isFew()) {
            left.share();
            resources.threads().forEach(panels, this::runPanel);
            return;
        }
        Grid grid = grid(resources.threads().count());
        Panels shared = grid.own() ? null : panels();
        resources.threads().forEach(grid.chunks(), (worker, chunk) -> {
            int row = chunk / grid.panels();
            int column = chunk % grid.panels();
            int p0 = part(column, grid.panels(), panels);
            int p1 = part(column + 1, grid.panels(), panels);
            int s0 = part(row, grid.strips(), strips);
            int s1 = part(row + 1, grid.strips(), strips);
            if (inPlace) {
                runInPlace(worker, s0, s1, p0, p1);
            } else {
                run(worker, s0, s1, p0, p1, shared == null ? own(worker, p0, p1) : shared);
            }
        });
    }

    /** Strips [s0, s1) by panels [p0, p1): b stays where it lies; the first tile of a strip copies the next one. */
    private void runInPlace(int worker, int s0, int s1, int p0, int p1) {
        int width = tile.columns();
        Panels right = new Panels(b.address(), 4L * width, b.depthBytes());
        long laneBytes = 4L * (Math.min(c.rows(), s1 * left.height()) - s0 * left.height());
        int read = ReadAhead.rows(right.at(p0), right.rowBytes(), (p1 - p0) * right.panelBytes(), depth)
                | ReadAhead.rows(left.from(s0).address(), left.from(s0).depthBytes(), laneBytes, depth);
        CpuMemory.ALL.set(JAVA_INT, resources.scratch().worker(worker, PANEL_SLOT, 64), read);
        int most = (int) Math.max(1, GROUP_BYTES / panelBytes);
        int groups = Math.ceilDiv(p1 - p0, most);
        for (int group = 0; group < groups; group++) {
            int from = p0 + part(group, groups, p1 - p0);
            int to = p0 + part(group + 1, groups, p1 - p0);
            float[][] two = left.load(worker, s0, s0 + 1);
            int now = 0;
            for (int s = s0; s < s1; s++) {
                Operand next = left.from(s + 1);
                // the last strip's rows would end behind a's
                boolean copying = s + 1 < s1 && next.isContiguous(tile.stripWidth());
                if (copying) {
                    multiplyCopying(two[now], s, from, right, next, two[1 - now]);
                }
                for (int p = copying ? from + 1 : from; p < to; p++) {
                    multiply(worker, two[now], s, p, right.at(p), right.rowBytes());
                }
                if (copying) {
                    now = 1 - now;
                } else if (s + 1 < s1) {
                    two = left.load(worker, s + 1, s + 2);
                    now = 0;
                }
            }
        }
    }

    /** A whole tile, and a copy of the strip that {@code next} begins with. */
    private void multiplyCopying(float[] strip, int s, int p, Panels right, Operand next, float[] target) {
        int i = s * left.height();
        int j = p * tile.columns();
        ((CopyingTile) tile)
                .multiplyCopying(
                        depth,
                        strip,
                        right.at(p),
                        right.rowBytes(),
                        addend.at(i, j),
                        addend.rowBytes(),
                        c.at(i, j),
                        c.rowBytes(),
                        next.address(),
                        next.depthBytes(),
                        target);
    }

    /** Panels [p0, p1), copied by the worker that uses them. */
    private Panels own(int worker, int p0, int p1) {
        long packed = resources.scratch().worker(worker, PANEL_SLOT, Math.max(64, (p1 - p0) * panelBytes));
        packPanels(worker, p0, p1, packed);
        return new Panels(packed - p0 * panelBytes, panelBytes, 4L * tile.columns());
    }

    /** Copies panels [p0, p1) in the order of memory. */
    private void packPanels(int worker, int p0, int p1, long target) {
        if (b.hasAdjacentLanes()) {
            int width = tile.columns();
            b.from(p0 * width, 0).packTogether(blocks, p1 - p0, width, width, 0, depth, target, panelBytes);
            return;
        }
        for (int p = p0; p < p1; p++) {
            pack(worker, b, p * tile.columns(), target + (p - p0) * panelBytes);
        }
    }

    /** Panels of b: where panel p begins, and the stride of its rows. */
    private record Panels(long address, long panelBytes, long rowBytes) {
        long at(int panel) {
            return address + panel * panelBytes;
        }
    }

    /** Copies of all of b that the workers make together. */
    private Panels panels() {
        long packed = resources.scratch().shared(SHARED_PANELS, panels * panelBytes);
        if (b.hasAdjacentLanes()) {
            resources.threads().forEach(Math.ceilDiv(depth, ROWS_TOGETHER), (worker, chunk) -> {
                int first = chunk * ROWS_TOGETHER;
                int end = Math.min(depth, first + ROWS_TOGETHER);
                b.packTogether(blocks, panels, tile.columns(), tile.columns(), first, end, packed, panelBytes);
            });
        } else {
            resources.threads().forEach(panels, (worker, p) -> packPanels(worker, p, p + 1, packed + p * panelBytes));
        }
        return new Panels(packed, panelBytes, 4L * tile.columns());
    }

    /** All strips by one panel, made here unless it can be read as it lies: few strips are not worth sharing one. */
    private void runPanel(int worker, int panel) {
        Operand own = b.from(panel * tile.columns(), 0);
        Panels one = new Panels(own.address(), 0, own.depthBytes());
        if (!own.isContiguous(tile.columns())) {
            one = new Panels(
                    resources.scratch().worker(worker, PANEL_SLOT, Math.max(64, panelBytes)), 0, 4L * tile.columns());
            pack(worker, own, 0, one.address());
        }
        run(worker, 0, strips, panel, panel + 1, one);
    }

    /** Copies a panel of b, from {@code lane} on. */
    private void pack(int worker, Operand from, int lane, long target) {
        int width = tile.columns();
        if (NearRows.takes(from)) {
            near.of(worker, from, lane, width, 0, depth).pack(blocks, 0, width, 0, depth, target);
        } else {
            from.pack(blocks, lane, width, 0, depth, target);
        }
    }

    /** Strips [s0, s1) by panels [p0, p1). */
    private void run(int worker, int s0, int s1, int p0, int p1, Panels right) {
        int most = (int) Math.max(1, GROUP_BYTES / Math.max(1, panelBytes));
        int groups = Math.ceilDiv(p1 - p0, most);
        for (int first = s0; first < s1; first += left.together()) {
            int end = Math.min(s1, first + left.together());
            float[][] loaded = left.load(worker, first, end);
            for (int group = 0; group < groups; group++) {
                int from = p0 + part(group, groups, p1 - p0);
                int to = p0 + part(group + 1, groups, p1 - p0);
                for (int s = first; s < end; s++) {
                    for (int p = from; p < to; p++) {
                        multiply(worker, loaded[s - first], s, p, right.at(p), right.rowBytes());
                    }
                }
            }
        }
    }

    private void multiply(int worker, float[] strip, int s, int p, long panel, long panelRowBytes) {
        int height = left.height();
        int i = s * height;
        int j = p * tile.columns();
        long to = c.at(i, j);
        int rows = Math.min(height, c.rows() - i);
        int columns = Math.min(tile.columns(), c.columns() - j);
        if (rows == height && columns == tile.columns()) {
            tile.multiply(
                    left.isPacked(),
                    depth,
                    strip,
                    panel,
                    panelRowBytes,
                    addend.at(i, j),
                    addend.rowBytes(),
                    to,
                    c.rowBytes());
            return;
        }
        long width = 4L * tile.columns();
        long scratch = resources.scratch().worker(worker, TILE_SLOT, width * height);
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(
                    CpuMemory.ALL, addend.at(i + row, j), CpuMemory.ALL, scratch + row * width, 4L * columns);
        }
        tile.multiply(left.isPacked(), depth, strip, panel, panelRowBytes, scratch, width, scratch, width);
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(
                    CpuMemory.ALL, scratch + row * width, CpuMemory.ALL, to + row * c.rowBytes(), 4L * columns);
        }
    }

    private static int part(int index, int parts, int whole) {
        return (int) ((long) index * whole / parts);
    }
}
