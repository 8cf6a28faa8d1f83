package mezzotint.kernel.cuda;

import java.util.List;

/**
 * How a product is cut: which kernel, and into how many slices of the depth.
 *
 * <p>It follows from the sizes and the device alone, so that bits repeat.
 *
 * @param tile the kernel
 * @param slices number of slices, at least 1
 * @param depth depth of each slice but the last, a multiple of {@value #STEP}; no slice is empty
 */
record MatmulPlan(MatmulTile tile, int slices, int depth) {
    /** Every kernel's step of the depth divides this. */
    static final int STEP = 32;

    private static final int LEAST_DEPTH = 8 * STEP;
    private static final long MOST_SLICE_BYTES = 256L << 20;
    /** Cycles from the start of a block to its first product, and from its last to its end. */
    private static final double FILL = 2000;
    /** Cycles to launch the kernel that adds the slices. */
    private static final double LAUNCH = 3000;
    /** Bytes a cycle of the whole device: 3 TB/s at 1.7 GHz. */
    private static final double BYTES = 1765;

    /** Chooses a plan for c (m, n) and depth k. */
    @FunctionalInterface
    interface Chooser {
        MatmulPlan choose(List<MatmulTile> tiles, int m, int n, int k);
    }

    /** The one of least estimated time on a device with these limits; see {@link #cycles}. */
    static Chooser fastestOn(CudaLimits limits) {
        return (tiles, m, n, k) -> {
            MatmulPlan best = null;
            double least = Double.POSITIVE_INFINITY;
            for (MatmulTile tile : tiles) {
                for (int wanted = 1; wanted <= 64; wanted += Math.max(1, Integer.highestOneBit(wanted) / 2)) {
                    MatmulPlan plan = of(tile, wanted, k);
                    double cycles = plan.cycles(m, n, k, limits.multiprocessors());
                    if (plan.fits(m, n, limits) && cycles < least) {
                        best = plan;
                        least = cycles;
                    }
                    if (plan.slices < wanted) {
                        break;
                    }
                }
            }
            return best == null ? of(tiles.getLast(), 1, k) : best;
        };
    }

    /** A plan of at most {@code slices} slices, none of them empty. */
    static MatmulPlan of(MatmulTile tile, int slices, int k) {
        int depth = Math.max(1, (int) (((long) k + slices - 1) / slices));
        int rounded = (depth + STEP - 1) / STEP * STEP;
        return new MatmulPlan(tile, Math.max(1, (int) (((long) k + rounded - 1) / rounded)), rounded);
    }

    private boolean fits(int m, int n, CudaLimits limits) {
        return tile.sharedBytes() <= limits.sharedBytesPerBlock()
                && (slices == 1 || (depth >= LEAST_DEPTH && sliceBytes(m, n) <= MOST_SLICE_BYTES));
    }

    /** Bytes of all slices, each (m, {@link #stride}) of float32. */
    long sliceBytes(int m, int n) {
        return 4L * slices * m * stride(n);
    }

    /** Elements from one row of a slice to the next: n, rounded up to 16 bytes. */
    static int stride(int n) {
        return (n + 3) / 4 * 4;
    }

    /**
     * Estimated time in cycles: the blocks of the busiest multiprocessor one after the other, what each wave of them takes to fill
     * its pipeline, and the slices' way to memory and back.
     */
    double cycles(int m, int n, int k, int multiprocessors) {
        MatmulTile.Speed speed = tile.speed();
        long blocks = (tile.count(m, n) * slices + multiprocessors - 1) / multiprocessors;
        double share = Math.min(1, speed.alone() * Math.min(blocks, speed.residents()));
        double work = (double) blocks * tile.rows() * tile.columns() * Math.min(k, depth);
        double waves = Math.ceil((double) blocks / speed.residents());
        double adding = slices == 1 ? 0 : LAUNCH + 2 * sliceBytes(m, n) / BYTES;
        return work / (speed.multiplyAdds() * share) + waves * FILL + adding;
    }
}
