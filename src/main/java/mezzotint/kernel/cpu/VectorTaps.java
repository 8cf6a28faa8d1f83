package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/** {@link TapLoops} in vectors of channels; what does not fill one goes through {@link PlainTaps}. */
final class VectorTaps implements TapLoops {
    private static final int W = Lanes.COUNT;

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
        // Loads in both cases: a vector that is either loaded or zero would become an object.
        long start = addend == 0 ? TileKernel.Zeros.ROW : addend;
        int step = addend == 0 ? 0 : 1;
        int i = 0;
        for (; i <= d - 2 * W; i += 2 * W) {
            two(y, start, step, a + 4L * i, aRow, aColumn, b + 4L * i, bRow, bColumn, rows, columns, i);
        }
        for (; i <= d - W; i += W) {
            one(y, start, step, a + 4L * i, aRow, aColumn, b + 4L * i, bRow, bColumn, rows, columns, i);
        }
        PlainTaps.sum(y, addend, a, aRow, aColumn, b, bRow, bColumn, rows, columns, i, d);
    }

    /** Two vectors of channels, or each product would wait for the last. */
    private static void two(
            long y,
            long start,
            int step,
            long a,
            long aRow,
            long aColumn,
            long b,
            long bRow,
            long bColumn,
            int rows,
            int columns,
            int channel) {
        FloatVector sum0 = Lanes.load(start, channel * step);
        FloatVector sum1 = Lanes.load(start, (channel + W) * step);
        for (int u = 0; u < rows; u++) {
            long left = a + u * aRow;
            long right = b + u * bRow;
            for (int v = 0; v < columns; v++) {
                sum0 = Lanes.load(left, 0).fma(Lanes.load(right, 0), sum0);
                sum1 = Lanes.load(left, W).fma(Lanes.load(right, W), sum1);
                left += aColumn;
                right += bColumn;
            }
        }
        Lanes.store(sum0, y, channel);
        Lanes.store(sum1, y, channel + W);
    }

    private static void one(
            long y,
            long start,
            int step,
            long a,
            long aRow,
            long aColumn,
            long b,
            long bRow,
            long bColumn,
            int rows,
            int columns,
            int channel) {
        FloatVector sum = Lanes.load(start, channel * step);
        for (int u = 0; u < rows; u++) {
            long left = a + u * aRow;
            long right = b + u * bRow;
            for (int v = 0; v < columns; v++) {
                sum = Lanes.load(left, 0).fma(Lanes.load(right, 0), sum);
                left += aColumn;
                right += bColumn;
            }
        }
        Lanes.store(sum, y, channel);
    }
}
