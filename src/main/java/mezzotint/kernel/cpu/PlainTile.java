package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;

/** A 4 × 4 tile in ordinary local variables, for a JVM without the Vector API. */
final class PlainTile implements TileKernel {
    @Override
    public int rows() {
        return 4;
    }

    @Override
    public int columns() {
        return 4;
    }

    @Override
    public int stripWidth() {
        return 4;
    }

    @Override
    public void multiplyRows(
            int depth,
            float[] strip,
            long b,
            long bRowBytes,
            long addend,
            long addendRowBytes,
            long c,
            long cRowBytes) {
        multiply(depth, strip, STRIP_ROW, 1, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
    }

    @Override
    public void multiplyPacked(
            int depth,
            float[] strip,
            long b,
            long bRowBytes,
            long addend,
            long addendRowBytes,
            long c,
            long cRowBytes) {
        multiply(depth, strip, 1, 4, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
    }

    /** a[i, k] is {@code strip[i·row + k·step]}. */
    private void multiply(
            int depth,
            float[] strip,
            int row,
            int step,
            long b,
            long bRowBytes,
            long addend,
            long addendRowBytes,
            long c,
            long cRowBytes) {
        if (CpuMemory.CHECKED) {
            check(rows(), depth, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
        }
        for (int i = 0; i < rows(); i += 2) {
            long from = addend + i * addendRowBytes;
            float c00 = get(from), c01 = get(from + 4), c02 = get(from + 8), c03 = get(from + 12);
            long next = from + addendRowBytes;
            float c10 = get(next), c11 = get(next + 4), c12 = get(next + 8), c13 = get(next + 12);
            for (int k = 0; k < depth; k++) {
                long at = b + k * bRowBytes;
                float b0 = get(at), b1 = get(at + 4), b2 = get(at + 8), b3 = get(at + 12);
                float a0 = strip[i * row + k * step];
                c00 += a0 * b0;
                c01 += a0 * b1;
                c02 += a0 * b2;
                c03 += a0 * b3;
                float a1 = strip[(i + 1) * row + k * step];
                c10 += a1 * b0;
                c11 += a1 * b1;
                c12 += a1 * b2;
                c13 += a1 * b3;
            }
            store(c + i * cRowBytes, c00, c01, c02, c03);
            store(c + (i + 1) * cRowBytes, c10, c11, c12, c13);
        }
    }

    private static void store(long c, float x0, float x1, float x2, float x3) {
        set(c, x0);
        set(c + 4, x1);
        set(c + 8, x2);
        set(c + 12, x3);
    }

    private static float get(long address) {
        return CpuMemory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    private static void set(long address, float value) {
        CpuMemory.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }
}
