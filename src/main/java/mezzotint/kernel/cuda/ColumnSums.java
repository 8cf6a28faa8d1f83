package mezzotint.kernel.cuda;

import mezzotint.tensor.Tensor;

/**
 * The second stage of a gradient summed over rows: the pieces' partial sums, added up in a fixed order.
 *
 * @param groups number of gradients
 * @param pieces partial sums of each
 * @param columns elements of each
 */
record ColumnSums(long groups, long pieces, int columns) {
    private static final int MOST_LANES = 128;
    private static final int PIECES_A_LANE = 8;
    private static final int THREADS = 256;

    /** Columns of a block: eight floats are a sector of memory. */
    private static final int FEWEST_COLUMNS = 8;

    /** Bytes of the partial sums. */
    long bytes() {
        return 4 * groups * pieces * columns;
    }

    /**
     * Adds the partial sums (groups, pieces, columns) of F32 at {@code partials} to a gradient (groups, columns).
     *
     * @param kernel an entry around {@code column_sums}
     */
    void addTo(Tensor gradient, long partials, CudaLauncher launcher, String module, String kernel) {
        int lanes = 1;
        while (lanes < MOST_LANES && (long) lanes * PIECES_A_LANE < pieces) {
            lanes *= 2;
        }
        int threads = Math.max(THREADS, lanes * FEWEST_COLUMNS);
        int tiles = Math.ceilDiv(columns, threads / lanes);
        int split = lanes;
        launcher.launch(
                module,
                kernel,
                LaunchGrid.of(groups * tiles, threads),
                a -> a.tensor(gradient)
                        .wide(partials)
                        .wide(pieces)
                        .integer(columns)
                        .integer(tiles)
                        .integer(split));
    }

    /**
     * The same of two gradients, whose partial sums lie one after the other; null where one is not wanted.
     *
     * @param partials twice {@link #bytes}
     */
    void addBoth(Tensor first, Tensor second, long partials, CudaLauncher launcher, String module, String kernel) {
        if (first != null) {
            addTo(first, partials, launcher, module, kernel);
        }
        if (second != null) {
            addTo(second, partials + bytes(), launcher, module, kernel);
        }
    }
}
