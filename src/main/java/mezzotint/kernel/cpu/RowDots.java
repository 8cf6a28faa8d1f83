package mezzotint.kernel.cpu;

/** Dot products of one row with others, for products with so few rows that a tile would be mostly padding. */
interface RowDots {
    /** Rows of b taken at once. */
    int ROWS = 4;

    /**
     * <pre>c[j] = addend[j] + Σ_k a[k] · b[j, k]    for j in [0, {@value #ROWS})</pre>
     *
     * @param b address of b[0, 0]; rows are {@code bRowBytes} apart
     */
    void dots(int depth, long a, long b, long bRowBytes, long addend, long c);

    /** The dots of {@code width}; the vector class loads only when asked for. */
    static RowDots of(VectorWidth width) {
        return width == VectorWidth.PLAIN ? new PlainRowDots() : new VectorRowDots();
    }
}
