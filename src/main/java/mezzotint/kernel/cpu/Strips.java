package mezzotint.kernel.cpu;

/**
 * The left side of a product in arrays of a tile's rows each, as {@link TileKernel} wants them: copied row by row, or packed
 * depth-major where its lanes lie side by side.
 */
final class Strips {
    /** Depth of packed strips in one piece of packing: enough to share out evenly. */
    private static final int DEPTH_TOGETHER = 16;

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
    private Loaded shared;

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
        count = Math.ceilDiv(rows, tile.rows());
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

    /** How many strips {@link #load} takes, at most. */
    int together() {
        return isPacked() ? blocking.packedTogether() : blocking.rowsTogether();
    }

    /** Strips from {@code first} on. */
    record Loaded(float[][] arrays, int first) {
        float[] strip(int s) {
            return arrays[s - first];
        }
    }

    /** Makes strips [{@code from}, {@code to}) for all workers, until the next call; call it outside a loop. */
    void share(int from, int to) {
        float[][] all = resources.scratch().sharedStrips(to - from, floats());
        if (isPacked()) {
            resources.threads().forEach(Math.ceilDiv(depth, DEPTH_TOGETHER), (worker, chunk) -> {
                int k = chunk * DEPTH_TOGETHER;
                pack(from, k, Math.min(depth, k + DEPTH_TOGETHER), all, to - from);
            });
        } else {
            resources.threads().forEach(to - from, (worker, s) -> copyRows(worker, from + s, all[s]));
        }
        shared = new Loaded(all, from);
    }

    /** At least strips [{@code from}, {@code to}), at most {@link #together}, until the worker's next call. */
    Loaded load(int worker, int from, int to) {
        if (shared != null) {
            return shared;
        }
        float[][] own = resources.scratch().workerStrips(worker, together(), floats());
        if (isPacked()) {
            pack(from, 0, depth, own, to - from);
        } else {
            for (int s = from; s < to; s++) {
                copyRows(worker, s, own[s - from]);
            }
        }
        return new Loaded(own, from);
    }

    private int floats() {
        return isPacked() ? tile.stripWidth() * Math.max(1, depth) : TileKernel.STRIP_ROW * tile.rows();
    }

    /** Depths [k0, k1) of {@code strips} strips. */
    private void pack(int first, int k0, int k1, float[][] targets, int strips) {
        a.from(first * tile.rows(), 0).packTogether(blocks, tile.rows(), tile.stripWidth(), k0, k1, targets, strips);
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
