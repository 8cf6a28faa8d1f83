package mezzotint.kernel.cpu;

import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Blocks of 16 × 16 in registers; a transpose is four rounds of exchanges between rows 1, 2, 4 and 8 apart. */
final class VectorBlockCopy512 implements BlockCopy {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;
    private static final ByteOrder ORDER = nativeOrder();
    private static final int SIZE = 16;
    private static final FloatVector LOW1 = exchange(1, false), HIGH1 = exchange(1, true);
    private static final FloatVector LOW2 = exchange(2, false), HIGH2 = exchange(2, true);
    private static final FloatVector LOW4 = exchange(4, false), HIGH4 = exchange(4, true);
    private static final FloatVector LOW8 = exchange(8, false), HIGH8 = exchange(8, true);

    /**
     * Of the rows a and b: with {@code high} false a's lanes whose index has not the bit {@code distance}, each followed
     * {@code distance} lanes on by b's; with {@code high} true those that have it.
     */
    private static FloatVector exchange(int distance, boolean high) {
        float[] index = new float[S.length()];
        for (int lane = 0; lane < index.length; lane++) {
            int from = high ? lane | distance : lane & ~distance;
            index[lane] = (lane & distance) == 0 ? from : from + S.length();
        }
        return FloatVector.fromArray(S, index, 0);
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public void copy(long source, long sourceRowBytes, long target, long targetRowBytes, int rows) {
        for (int row = 0; row < rows; row++) {
            fromMemorySegment(S, ALL, source, ORDER).intoMemorySegment(ALL, target, ORDER);
            source += sourceRowBytes;
            target += targetRowBytes;
        }
    }

    /** A loop over two vectors would take twice as long as the two. */
    @Override
    public void copyPieces(long source, long sourceStep, long target, long targetStep, int length, int count) {
        if (length != 2 * SIZE) {
            BlockCopy.super.copyPieces(source, sourceStep, target, targetStep, length, count);
            return;
        }
        for (int piece = 0; piece < count; piece++) {
            FloatVector left = fromMemorySegment(S, ALL, source, ORDER);
            FloatVector right = fromMemorySegment(S, ALL, source + 4 * SIZE, ORDER);
            left.intoMemorySegment(ALL, target, ORDER);
            right.intoMemorySegment(ALL, target + 4 * SIZE, ORDER);
            source += sourceStep;
            target += targetStep;
        }
    }

    @Override
    public void copyFour(long source, long sourceStep, long sourceRowBytes, float[][] targets, int index, int count) {
        for (int i = 0; i < count; i++) {
            float[] target = targets[i];
            FloatVector row0 = fromMemorySegment(S, ALL, source, ORDER);
            FloatVector row1 = fromMemorySegment(S, ALL, source + sourceRowBytes, ORDER);
            FloatVector row2 = fromMemorySegment(S, ALL, source + 2 * sourceRowBytes, ORDER);
            FloatVector row3 = fromMemorySegment(S, ALL, source + 3 * sourceRowBytes, ORDER);
            row0.intoArray(target, index);
            row1.intoArray(target, index + SIZE);
            row2.intoArray(target, index + 2 * SIZE);
            row3.intoArray(target, index + 3 * SIZE);
            source += sourceStep;
        }
    }

    @Override
    public void copyRow(long source, float[] target, int index, int length) {
        for (int i = 0; i < length; i += SIZE) {
            fromMemorySegment(S, ALL, source + 4L * i, ORDER).intoArray(target, index + i);
        }
    }

    @Override
    public void transpose(long source, long sourceRowBytes, long target, long targetRowBytes) {
        FloatVector a0 = fromMemorySegment(S, ALL, source, ORDER);
        FloatVector a1 = fromMemorySegment(S, ALL, source + 1 * sourceRowBytes, ORDER);
        FloatVector a2 = fromMemorySegment(S, ALL, source + 2 * sourceRowBytes, ORDER);
        FloatVector a3 = fromMemorySegment(S, ALL, source + 3 * sourceRowBytes, ORDER);
        FloatVector a4 = fromMemorySegment(S, ALL, source + 4 * sourceRowBytes, ORDER);
        FloatVector a5 = fromMemorySegment(S, ALL, source + 5 * sourceRowBytes, ORDER);
        FloatVector a6 = fromMemorySegment(S, ALL, source + 6 * sourceRowBytes, ORDER);
        FloatVector a7 = fromMemorySegment(S, ALL, source + 7 * sourceRowBytes, ORDER);
        FloatVector a8 = fromMemorySegment(S, ALL, source + 8 * sourceRowBytes, ORDER);
        FloatVector a9 = fromMemorySegment(S, ALL, source + 9 * sourceRowBytes, ORDER);
        FloatVector a10 = fromMemorySegment(S, ALL, source + 10 * sourceRowBytes, ORDER);
        FloatVector a11 = fromMemorySegment(S, ALL, source + 11 * sourceRowBytes, ORDER);
        FloatVector a12 = fromMemorySegment(S, ALL, source + 12 * sourceRowBytes, ORDER);
        FloatVector a13 = fromMemorySegment(S, ALL, source + 13 * sourceRowBytes, ORDER);
        FloatVector a14 = fromMemorySegment(S, ALL, source + 14 * sourceRowBytes, ORDER);
        FloatVector a15 = fromMemorySegment(S, ALL, source + 15 * sourceRowBytes, ORDER);
        FloatVector b0 = LOW1.selectFrom(a0, a1), b1 = HIGH1.selectFrom(a0, a1);
        FloatVector b2 = LOW1.selectFrom(a2, a3), b3 = HIGH1.selectFrom(a2, a3);
        FloatVector b4 = LOW1.selectFrom(a4, a5), b5 = HIGH1.selectFrom(a4, a5);
        FloatVector b6 = LOW1.selectFrom(a6, a7), b7 = HIGH1.selectFrom(a6, a7);
        FloatVector b8 = LOW1.selectFrom(a8, a9), b9 = HIGH1.selectFrom(a8, a9);
        FloatVector b10 = LOW1.selectFrom(a10, a11), b11 = HIGH1.selectFrom(a10, a11);
        FloatVector b12 = LOW1.selectFrom(a12, a13), b13 = HIGH1.selectFrom(a12, a13);
        FloatVector b14 = LOW1.selectFrom(a14, a15), b15 = HIGH1.selectFrom(a14, a15);
        FloatVector c0 = LOW2.selectFrom(b0, b2), c2 = HIGH2.selectFrom(b0, b2);
        FloatVector c1 = LOW2.selectFrom(b1, b3), c3 = HIGH2.selectFrom(b1, b3);
        FloatVector c4 = LOW2.selectFrom(b4, b6), c6 = HIGH2.selectFrom(b4, b6);
        FloatVector c5 = LOW2.selectFrom(b5, b7), c7 = HIGH2.selectFrom(b5, b7);
        FloatVector c8 = LOW2.selectFrom(b8, b10), c10 = HIGH2.selectFrom(b8, b10);
        FloatVector c9 = LOW2.selectFrom(b9, b11), c11 = HIGH2.selectFrom(b9, b11);
        FloatVector c12 = LOW2.selectFrom(b12, b14), c14 = HIGH2.selectFrom(b12, b14);
        FloatVector c13 = LOW2.selectFrom(b13, b15), c15 = HIGH2.selectFrom(b13, b15);
        FloatVector d0 = LOW4.selectFrom(c0, c4), d4 = HIGH4.selectFrom(c0, c4);
        FloatVector d1 = LOW4.selectFrom(c1, c5), d5 = HIGH4.selectFrom(c1, c5);
        FloatVector d2 = LOW4.selectFrom(c2, c6), d6 = HIGH4.selectFrom(c2, c6);
        FloatVector d3 = LOW4.selectFrom(c3, c7), d7 = HIGH4.selectFrom(c3, c7);
        FloatVector d8 = LOW4.selectFrom(c8, c12), d12 = HIGH4.selectFrom(c8, c12);
        FloatVector d9 = LOW4.selectFrom(c9, c13), d13 = HIGH4.selectFrom(c9, c13);
        FloatVector d10 = LOW4.selectFrom(c10, c14), d14 = HIGH4.selectFrom(c10, c14);
        FloatVector d11 = LOW4.selectFrom(c11, c15), d15 = HIGH4.selectFrom(c11, c15);
        FloatVector e0 = LOW8.selectFrom(d0, d8), e8 = HIGH8.selectFrom(d0, d8);
        FloatVector e1 = LOW8.selectFrom(d1, d9), e9 = HIGH8.selectFrom(d1, d9);
        FloatVector e2 = LOW8.selectFrom(d2, d10), e10 = HIGH8.selectFrom(d2, d10);
        FloatVector e3 = LOW8.selectFrom(d3, d11), e11 = HIGH8.selectFrom(d3, d11);
        FloatVector e4 = LOW8.selectFrom(d4, d12), e12 = HIGH8.selectFrom(d4, d12);
        FloatVector e5 = LOW8.selectFrom(d5, d13), e13 = HIGH8.selectFrom(d5, d13);
        FloatVector e6 = LOW8.selectFrom(d6, d14), e14 = HIGH8.selectFrom(d6, d14);
        FloatVector e7 = LOW8.selectFrom(d7, d15), e15 = HIGH8.selectFrom(d7, d15);
        e0.intoMemorySegment(ALL, target, ORDER);
        e1.intoMemorySegment(ALL, target + 1 * targetRowBytes, ORDER);
        e2.intoMemorySegment(ALL, target + 2 * targetRowBytes, ORDER);
        e3.intoMemorySegment(ALL, target + 3 * targetRowBytes, ORDER);
        e4.intoMemorySegment(ALL, target + 4 * targetRowBytes, ORDER);
        e5.intoMemorySegment(ALL, target + 5 * targetRowBytes, ORDER);
        e6.intoMemorySegment(ALL, target + 6 * targetRowBytes, ORDER);
        e7.intoMemorySegment(ALL, target + 7 * targetRowBytes, ORDER);
        e8.intoMemorySegment(ALL, target + 8 * targetRowBytes, ORDER);
        e9.intoMemorySegment(ALL, target + 9 * targetRowBytes, ORDER);
        e10.intoMemorySegment(ALL, target + 10 * targetRowBytes, ORDER);
        e11.intoMemorySegment(ALL, target + 11 * targetRowBytes, ORDER);
        e12.intoMemorySegment(ALL, target + 12 * targetRowBytes, ORDER);
        e13.intoMemorySegment(ALL, target + 13 * targetRowBytes, ORDER);
        e14.intoMemorySegment(ALL, target + 14 * targetRowBytes, ORDER);
        e15.intoMemorySegment(ALL, target + 15 * targetRowBytes, ORDER);
    }
}
