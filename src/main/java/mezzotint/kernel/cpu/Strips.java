package mezzotint.kernel.cpu;

/**
 * The left side of a product in arrays of a tile's rows each, as {@link TileKernel} wants them: copied row by row, or packed
 * depth-major where its lanes lie side by side.
 */
final class Strips {
    /** So few are copied once, for all workers. */
    private static final int FEW = 2;

    private final CpuResources resources;
    private final TileKernel tile;
    private final BlockCopy blocks;
    private final Blocking blocking;
    private final NearRows near;
    private final Operand a;
    private final int depth;
    private final int count;
    private float[][] shared;

    Strips(
            CpuResources resources,
            TileKernel tile,
            BlockCopy blocks,
            Blocking blocking,
            Operand a,
            int rows,
            int depth) {
        this.resources = resources;
        this.tile = tile;
        this.blocks = blocks;
        this.blocking = blocking;
        this.near = new NearRows(resources);
        this.a = a;
        this.depth = depth;
        count = Math.ceilDiv(rows, height());
    }

    int count() {
        return count;
    }

    /** Whether there are so few that they are shared even as rows. */
    boolean isFew() {
        return count <= FEW;
    }

    /** Whether lanes lie side by side, so that strips are packed depth-major. */
    boolean isPacked() {
        return a.hasAdjacentLanes();
    }

    /** Rows of a strip. */
    int height() {
        return isPacked() ? tile.packedRows() : tile.rows();
    }

    /** How many strips {@link #load} takes, at most. */
    int together() {
        return isPacked() ? blocking.packedTogether() : blocking.rowsTogether();
    }

    /** Makes all strips for all workers; call it outside a loop. */
    void share() {
        float[][] all = resources.scratch().sharedStrips(count, floats());
        resources.threads().forEach(1, (worker, chunk) -> copy(worker, 0, count, all));
        shared = all;
    }

    /**
     * Strips [{@code from}, {@code to}), at most {@link #together}, from index 0 on and until the worker's next call, in two arrays or
     * more.
     */
    float[][] load(int worker, int from, int to) {
        if (shared != null) {
            return shared; // so few that from is 0
        }
        float[][] own = resources.scratch().workerStrips(worker, Math.max(2, to - from), floats());
        copy(worker, from, to, own);
        return own;
    }

    /** a from strip {@code s} on. */
    Operand from(int s) {
        return a.from(s * height(), 0);
    }

    private int floats() {
        return isPacked() ? tile.stripWidth() * Math.max(1, depth) : TileKernel.STRIP_ROW * tile.rows();
    }

    private void copy(int worker, int from, int to, float[][] targets) {
        if (isPacked()) {
            from(from).packTogether(blocks, height(), depth, targets, to - from);
            return;
        }
        for (int s = from; s < to; s++) {
            copyRows(worker, s, targets[s - from]);
        }
    }

    /** Rows that are missing hold anything: what comes of them is not written. */
    private void copyRows(int worker, int s, float[] strip) {
        int first = s * tile.rows();
        int present = Math.min(tile.rows(), a.lanes() - first);
        boolean widened = !a.isFloat32() && NearRows.takes(a);
        Operand rows = widened ? near.of(worker, a, first, present, 0, depth) : a.from(first, 0);
        for (int i = 0; i < present; i++) {
            rows.copyDepth(i, depth, strip, TileKernel.STRIP_ROW * i);
        }
    }
}
