package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.tensor.Tensor;

/** One block of a product, all rows by some columns by some depth, shared out over the workers. */
final class ProductBlock {
    /** At most so many strips a chunk: enough to share out evenly, and to look for the next chunk rarely. */
    private static final int STRIPS = 8;

    private static final int CHUNKS_PER_WORKER = 4;

    /** Rows of memory in one piece of packing: enough to share out evenly. */
    private static final int ROWS_TOGETHER = 16;

    /** Rows of a this far apart fall into few sets of the caches and push each other out: copy them. */
    private static final int ALIASING_BYTES = 2048;

    /** The prefetchers of first-level caches do not cross pages: rows further apart than this are better copied. */
    private static final int PAGE_BYTES = 4096;

    /** Below this many strips a panel is met too seldom to go through main memory between its copy and its use. */
    private static final int FEW_STRIPS = 64;

    /** Panels that every strip of a chunk meets before the next ones: they shall stay in a core's second-level cache. */
    private static final int GROUP_BYTES = 512 << 10;

    private static final int STRIP_SLOT = 0;
    private static final int PANEL_SLOT = 1;
    private static final int TILE_SLOT = 2;

    private static final int SHARED_PANELS = 0;

    /** Slot 1 is {@link CpuMatmul}'s. */
    private static final int SHARED_STRIPS = 2;

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
    private final NearRows near;
    private final Output c;
    private final Addend addend;
    private final Operand a;
    private final Operand b;
    private final int depth;
    private final int strips;
    private final int panels;
    private final int stripWidth;
    private final long stripRowBytes;
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
        this.near = new NearRows(resources);
        this.c = c;
        this.addend = addend;
        this.a = a;
        this.b = b;
        this.depth = depth;
        strips = Math.ceilDiv(c.rows(), tile.rows());
        panels = Math.ceilDiv(c.columns(), tile.columns());
        stripWidth = Math.ceilDiv(tile.rows(), blocks.size()) * blocks.size();
        stripRowBytes = (4L * depth + 63) / 64 * 64 + 64;
        panelBytes = 4L * tile.columns() * depth;
    }

    void run() {
        int workers = resources.threads().count();
        long left = isDepthMajor() ? packStrips() : 0;
        if (strips <= 2) {
            resources.threads().forEach(panels, (worker, panel) -> runPanel(worker, panel, left));
            return;
        }
        if (!isDepthMajor() && !isDirect() && strips < FEW_STRIPS) {
            runGroups(workers);
            return;
        }
        Panels right = panels();
        int wanted = CHUNKS_PER_WORKER * workers;
        int rowParts = Math.min(strips, Math.ceilDiv(Math.ceilDiv(strips, STRIPS), workers) * workers);
        int columnParts = Math.min(panels, Math.ceilDiv(wanted, rowParts));
        resources.threads().forEach(rowParts * columnParts, (worker, chunk) -> {
            int row = chunk / columnParts;
            int column = chunk % columnParts;
            run(
                    worker,
                    part(row, rowParts, strips),
                    part(row + 1, rowParts, strips),
                    part(column, columnParts, panels),
                    part(column + 1, columnParts, panels),
                    left,
                    right);
        });
    }

    /** Whether whole strips of {@code a} are read as they lie. */
    static boolean isReadInPlace(Operand a) {
        return a.isFloat32() && a.laneBytes() != 4 && a.laneBytes() % ALIASING_BYTES != 0;
    }

    /** Whether a's lanes lie side by side, so that its strips are packed depth-major. */
    private boolean isDepthMajor() {
        return a.isFloat32() && a.laneBytes() == 4;
    }

    /** Whether the rows of b can be read as they lie: no padding is needed, and a page holds at least one of them. */
    private boolean isDirect() {
        return b.isContiguous(c.columns())
                && c.columns() % tile.columns() == 0
                && b.depthBytes() % ALIASING_BYTES != 0
                && b.depthBytes() < PAGE_BYTES;
    }

    /** Every worker copies panels of its own and meets them with all strips while they are in its cache. */
    private void runGroups(int workers) {
        int least = (int) (panels * panelBytes / GROUP_BYTES) + 1;
        int groups = Math.min(panels, Math.ceilDiv(Math.max(least, 2 * workers), workers) * workers);
        resources.threads().forEach(groups, (worker, group) -> {
            int p0 = part(group, groups, panels);
            int p1 = part(group + 1, groups, panels);
            long packed = resources.scratch().worker(worker, PANEL_SLOT, Math.max(64, (p1 - p0) * panelBytes));
            for (int p = p0; p < p1; p++) {
                pack(worker, b, p * tile.columns(), packed + (p - p0) * panelBytes);
            }
            run(worker, 0, strips, p0, p1, 0, new Panels(packed - p0 * panelBytes, panelBytes, 4L * tile.columns()));
        });
    }

    /** Panels of b: where panel p begins, and the stride of its rows. */
    private record Panels(long address, long panelBytes, long rowBytes) {
        long at(int panel) {
            return address + panel * panelBytes;
        }
    }

    /** Those of b as it lies where its rows can be read so, else copies that all workers make together. */
    private Panels panels() {
        if (isDirect()) {
            return new Panels(b.address(), 4L * tile.columns(), b.depthBytes());
        }
        long packed = resources.scratch().shared(SHARED_PANELS, panels * panelBytes);
        if (b.isFloat32() && b.laneBytes() == 4) {
            packTogether(b, panels, tile.columns(), tile.columns(), packed, panelBytes);
        } else {
            resources
                    .threads()
                    .forEach(
                            panels,
                            (worker, panel) -> pack(worker, b, panel * tile.columns(), packed + panel * panelBytes));
        }
        return new Panels(packed, panelBytes, 4L * tile.columns());
    }

    /** Address of all strips of a depth-major a; packed at once, because a strip alone is a walk through memory in short steps. */
    private long packStrips() {
        long packed = resources.scratch().shared(SHARED_STRIPS, strips * depthMajorBytes());
        packTogether(a, strips, tile.rows(), stripWidth, packed, depthMajorBytes());
        return packed;
    }

    private long depthMajorBytes() {
        return 4L * stripWidth * Math.max(1, depth);
    }

    private void packTogether(Operand from, int groups, int step, int width, long target, long groupBytes) {
        resources.threads().forEach(Math.ceilDiv(depth, ROWS_TOGETHER), (worker, chunk) -> {
            int first = chunk * ROWS_TOGETHER;
            int end = Math.min(depth, first + ROWS_TOGETHER);
            from.packTogether(blocks, groups, step, width, first, end, target, groupBytes);
        });
    }

    /** All strips by one panel, made here unless it can be read as it lies: few strips are not worth sharing one. */
    private void runPanel(int worker, int panel, long left) {
        Operand own = b.from(panel * tile.columns(), 0);
        Panels one = new Panels(own.address(), 0, own.depthBytes());
        if (!own.isContiguous(tile.columns())) {
            one = new Panels(
                    resources.scratch().worker(worker, PANEL_SLOT, Math.max(64, panelBytes)), 0, 4L * tile.columns());
            pack(worker, own, 0, one.address());
        }
        run(worker, 0, strips, panel, panel + 1, left, one);
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

    /** Strips [s0, s1) by panels [p0, p1); the strips are those at {@code left}, packed, or of a where that is 0. */
    private void run(int worker, int s0, int s1, int p0, int p1, long left, Panels right) {
        int most = (int) Math.max(1, GROUP_BYTES / Math.max(1, panelBytes));
        int groups = Math.ceilDiv(p1 - p0, most);
        for (int group = 0; group < groups; group++) {
            int from = p0 + part(group, groups, p1 - p0);
            int to = p0 + part(group + 1, groups, p1 - p0);
            for (int s = s0; s < s1; s++) {
                Strip strip =
                        left == 0 ? strip(worker, s) : new Strip(left + s * depthMajorBytes(), 4, 4L * stripWidth);
                multiply(worker, s, strip, from, to, right);
            }
        }
    }

    /** One strip of a: where it begins and its strides. */
    private record Strip(long address, long rowBytes, long depthBytes) {}

    private Strip strip(int worker, int s) {
        int row = s * tile.rows();
        boolean whole = c.rows() - row >= tile.rows();
        if (whole && isReadInPlace(a)) {
            return new Strip(a.at(row, 0), a.laneBytes(), a.depthBytes());
        }
        if (NearRows.takes(a)) { // rows that are missing hold anything: what comes of them is not written
            Operand rows = near.of(worker, a, row, tile.rows(), 0, depth);
            return new Strip(rows.address(), rows.laneBytes(), rows.depthBytes());
        }
        long packed = resources.scratch().worker(worker, STRIP_SLOT, stripWidth * stripRowBytes);
        a.packRows(row, stripWidth, 0, depth, packed, stripRowBytes);
        return new Strip(packed, stripRowBytes, 4);
    }

    private void multiply(int worker, int s, Strip strip, int p0, int p1, Panels right) {
        for (int p = p0; p < p1; p++) {
            multiply(
                    worker, s, p, strip.address(), strip.rowBytes(), strip.depthBytes(), right.at(p), right.rowBytes());
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
}
