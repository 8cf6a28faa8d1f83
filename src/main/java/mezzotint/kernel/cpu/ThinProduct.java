package mezzotint.kernel.cpu;

/**
 * A product of up to {@value #MAX_ROWS} rows with the rows of b: bound by reading b, which is therefore read once and where it
 * lies.
 */
final class ThinProduct {
    /** Above this many rows a tile is faster. */
    static final int MAX_ROWS = 4;

    private static final int GROUPS = 32;

    private final CpuResources resources;
    private final RowDots dots;
    private final NearRows near;

    ThinProduct(CpuResources resources) {
        this.resources = resources;
        this.dots = RowDots.of(resources.vectors());
        this.near = new NearRows(resources);
    }

    /** Whether rows are so few, and both sides lie so, that {@link #run} can take them. */
    static boolean takes(Operand a, Operand b) {
        boolean rows = NearRows.takes(b);
        return a.lanes() <= MAX_ROWS && a.isFloat32() && a.depthBytes() == 4 && rows;
    }

    /** The whole depth in one go. */
    void run(ProductBlock.Output c, ProductBlock.Addend addend, Operand a, Operand b, int depth) {
        int groups = (c.columns() + RowDots.ROWS - 1) / RowDots.ROWS;
        resources.threads().forEach((groups + GROUPS - 1) / GROUPS, (worker, chunk) -> {
            int last = Math.min(groups, (chunk + 1) * GROUPS);
            for (int group = chunk * GROUPS; group < last; group++) {
                int j = group * RowDots.ROWS;
                Operand rows = b.isFloat32() ? b.from(j, 0) : near.of(worker, b, j, RowDots.ROWS, 0, depth);
                for (int i = 0; i < c.rows(); i++) {
                    long to = c.address() + i * c.rowBytes() + 4L * j;
                    if (j + RowDots.ROWS <= c.columns()) {
                        check(a.at(i, 0), rows.at(0, 0), rows.laneBytes(), depth, to);
                        dots.dots(depth, a.at(i, 0), rows.at(0, 0), rows.laneBytes(), addend.at(i, j), to);
                    } else {
                        remainder(worker, c, addend, a.at(i, 0), rows, depth, i, j);
                    }
                }
            }
        });
    }

    /** The columns from j on, fewer than a group, one by one: a group that reads the same one of their rows each time. */
    private void remainder(
            int worker,
            ProductBlock.Output c,
            ProductBlock.Addend addend,
            long row,
            Operand rows,
            int depth,
            int i,
            int j) {
        long four = resources.scratch().worker(worker, 0, 64);
        for (int column = j; column < c.columns(); column++) {
            Floats.set(four, 0, Floats.get(addend.at(i, column), 0));
            dots.dots(depth, row, rows.at(column - j, 0), 0, four, four);
            Floats.set(c.address() + i * c.rowBytes(), column, Floats.get(four, 0));
        }
    }

    private static void check(long a, long b, long bRowBytes, int depth, long c) {
        if (CpuMemory.CHECKED && depth > 0) {
            CpuMemory.check(a, 4L * depth);
            CpuMemory.check(b, 4L * depth);
            CpuMemory.check(b + (RowDots.ROWS - 1) * bRowBytes, 4L * depth);
            CpuMemory.check(c, 4L * RowDots.ROWS);
        }
    }
}
