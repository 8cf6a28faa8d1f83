package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;

/** Blocks of 4 × 4 by ordinary loops. */
final class PlainBlockCopy implements BlockCopy {
    private static final int SIZE = 4;

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public void copy(long source, long sourceRowBytes, long target, long targetRowBytes, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < SIZE; i++) {
                move(source + row * sourceRowBytes + 4L * i, target + row * targetRowBytes + 4L * i);
            }
        }
    }

    @Override
    public void copyRow(long source, float[] target, int index, int length) {
        for (int i = 0; i < Math.ceilDiv(length, SIZE) * SIZE; i++) {
            target[index + i] = Floats.get(source, i);
        }
    }

    @Override
    public void transpose(long source, long sourceRowBytes, long target, long targetRowBytes) {
        for (int row = 0; row < SIZE; row++) {
            for (int i = 0; i < SIZE; i++) {
                move(source + row * sourceRowBytes + 4L * i, target + i * targetRowBytes + 4L * row);
            }
        }
    }

    private static void move(long source, long target) {
        float value = CpuMemory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, source);
        CpuMemory.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, target, value);
    }
}
