package mezzotint.kernel.cpu;

/** What convolution of channels by themselves is made of; all arguments of type long are addresses and strides in bytes. */
interface TapLoops {

    /** The loops of this width. */
    static TapLoops of(CpuResources resources) {
        return resources.vectors() == VectorWidth.PLAIN ? new PlainTaps() : new VectorTaps();
    }

    /**
     * <pre>y_c = addend_c + Σ_{u &lt; rows} Σ_{v &lt; columns} a[u, v, c] · b[u, v, c]</pre>
     *
     * @param y d floats; may be the addend
     * @param addend d floats, or 0 for none
     * @param a element (u, v, c) lies at {@code a + u·aRow + v·aColumn + 4c}; strides may be negative
     * @param b likewise
     */
    void sum(
            long y,
            long addend,
            long a,
            long aRow,
            long aColumn,
            long b,
            long bRow,
            long bColumn,
            int rows,
            int columns,
            int d);

    /** Looks up the corners of what {@link #sum} touches; see {@link CpuMemory#check}. */
    static void check(
            long y, long a, long aRow, long aColumn, long b, long bRow, long bColumn, int rows, int columns, int d) {
        if (CpuMemory.CHECKED && rows > 0 && columns > 0) {
            long aEnd = a + (rows - 1) * aRow + (columns - 1) * aColumn;
            long bEnd = b + (rows - 1) * bRow + (columns - 1) * bColumn;
            Pieces.check(d, y, a, aEnd, b, bEnd);
        }
    }
}
