package mezzotint.kernel.cuda;

/**
 * Cuts rows into pieces whose sums are taken one by one. A piece depends on the shape alone, never on the device, so that the
 * bits do not either.
 */
final class RowPieces {
    private static final int FEWEST_ROWS = 8;
    private static final int FEWEST = 512;
    private static final int MOST = 4096;

    /** Threads that all pieces together should have: a large GPU holds about half as many at once. */
    private static final int THREADS = 1 << 18;

    private RowPieces() {}

    /**
     * Rows of a piece.
     *
     * @param rows of a sample
     * @param samples whose rows do not share a piece
     * @param threads of the block that takes a piece
     */
    static int rows(long rows, long samples, int threads) {
        long pieces = Math.ceilDiv(Math.clamp(THREADS / threads, FEWEST, MOST), samples);
        return Math.toIntExact(Math.max(FEWEST_ROWS, Math.ceilDiv(rows, pieces)));
    }
}
