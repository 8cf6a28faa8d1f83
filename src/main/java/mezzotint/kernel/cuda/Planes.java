package mezzotint.kernel.cuda;

import mezzotint.tensor.Tensor;

/** How many blocks planes of rows × columns ({@code columns.cuh}) and the lines of pictures ({@code pictures.cuh}) take. */
final class Planes {
    /** Threads of a block there. */
    static final int THREADS = 256;

    private static final int ROWS = 8;
    private static final int COLUMNS = 32;

    /** Of a piece, so that its two sums are few beside what they are of. */
    private static final int FEWEST_ROWS = 64;

    private static final int MOST_ROWS = 1 << 30;

    private Planes() {}

    /**
     * Rows of a tensor whose last axis is its columns.
     *
     * @throws CudaException when there are more than the kernels count in 32 bits
     */
    static int rows(Tensor x) {
        long rows = x.shape().elements() / x.shape().size(-1);
        if (rows > MOST_ROWS) {
            throw new CudaException("launch: rows or pixels of %s want %d at most, got %d; cut the batch"
                    .formatted(x.shape(), MOST_ROWS, rows));
        }
        return (int) rows;
    }

    /** A thread an element. */
    static LaunchGrid grid(int rows, int columns) {
        return LaunchGrid.of(Math.ceilDiv(rows, ROWS), strips(columns), THREADS);
    }

    /** A warp a row. */
    static LaunchGrid rowGrid(int rows) {
        return LaunchGrid.of(Math.ceilDiv(rows, ROWS), THREADS);
    }

    /** Sums over rows: a piece of them by a strip of columns. */
    static LaunchGrid sumGrid(long pieces, int columns) {
        return LaunchGrid.of(Math.toIntExact(pieces), strips(columns), THREADS);
    }

    /** A thread an element of a picture (B, height, width, C), by lines. */
    static LaunchGrid pictureGrid(Tensor picture) {
        int line = Math.multiplyExact(picture.shape().size(2), picture.shape().size(3));
        int lines = Math.multiplyExact(picture.shape().size(0), picture.shape().size(1));
        return LaunchGrid.of(lines, Math.ceilDiv(line, THREADS), THREADS);
    }

    static int strips(int columns) {
        return Math.ceilDiv(columns, COLUMNS);
    }

    /** Rows of a piece, see {@link RowPieces}. */
    static int piece(int rows, int samples) {
        return Math.max(FEWEST_ROWS, RowPieces.rows(rows, samples, THREADS));
    }
}
