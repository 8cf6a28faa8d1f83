package mezzotint.kernel.cpu;

/** {@link TapLoops} in ordinary loops. */
final class PlainTaps implements TapLoops {
    @Override
    public void sum(
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
            int d) {
        TapLoops.check(y, a, aRow, aColumn, b, bRow, bColumn, rows, columns, d);
        sum(y, addend, a, aRow, aColumn, b, bRow, bColumn, rows, columns, 0, d);
    }

    static void sum(
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
            int from,
            int d) {
        for (int c = from; c < d; c++) {
            float sum = addend == 0 ? 0 : Floats.get(addend, c);
            for (int u = 0; u < rows; u++) {
                for (int v = 0; v < columns; v++) {
                    float left = Floats.get(a + u * aRow + v * aColumn, c);
                    sum = Math.fma(left, Floats.get(b + u * bRow + v * bColumn, c), sum);
                }
            }
            Floats.set(y, c, sum);
        }
    }
}
