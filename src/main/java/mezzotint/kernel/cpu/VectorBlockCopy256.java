package mezzotint.kernel.cpu;

import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Blocks of 8 × 8 in registers; a transpose is three rounds of exchanges between rows 1, 2, 4 apart. */
final class VectorBlockCopy256 implements BlockCopy {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;
    private static final ByteOrder ORDER = nativeOrder();
    private static final int SIZE = 8;
    private static final VectorShuffle<Float> LOW1 = exchange(1, false), HIGH1 = exchange(1, true);
    private static final VectorShuffle<Float> LOW2 = exchange(2, false), HIGH2 = exchange(2, true);
    private static final VectorShuffle<Float> LOW4 = exchange(4, false), HIGH4 = exchange(4, true);

    /**
     * Of the rows a and b: with {@code high} false a's lanes whose index has not the bit {@code distance}, each followed
     * {@code distance} lanes on by b's; with {@code high} true those that have it.
     */
    private static VectorShuffle<Float> exchange(int distance, boolean high) {
        return VectorShuffle.fromOp(S, lane -> {
            int from = high ? lane | distance : lane & ~distance;
            return (lane & distance) == 0 ? from : from - S.length();
        });
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
        FloatVector b0 = a0.rearrange(LOW1, a1), b1 = a0.rearrange(HIGH1, a1);
        FloatVector b2 = a2.rearrange(LOW1, a3), b3 = a2.rearrange(HIGH1, a3);
        FloatVector b4 = a4.rearrange(LOW1, a5), b5 = a4.rearrange(HIGH1, a5);
        FloatVector b6 = a6.rearrange(LOW1, a7), b7 = a6.rearrange(HIGH1, a7);
        FloatVector c0 = b0.rearrange(LOW2, b2), c2 = b0.rearrange(HIGH2, b2);
        FloatVector c1 = b1.rearrange(LOW2, b3), c3 = b1.rearrange(HIGH2, b3);
        FloatVector c4 = b4.rearrange(LOW2, b6), c6 = b4.rearrange(HIGH2, b6);
        FloatVector c5 = b5.rearrange(LOW2, b7), c7 = b5.rearrange(HIGH2, b7);
        FloatVector d0 = c0.rearrange(LOW4, c4), d4 = c0.rearrange(HIGH4, c4);
        FloatVector d1 = c1.rearrange(LOW4, c5), d5 = c1.rearrange(HIGH4, c5);
        FloatVector d2 = c2.rearrange(LOW4, c6), d6 = c2.rearrange(HIGH4, c6);
        FloatVector d3 = c3.rearrange(LOW4, c7), d7 = c3.rearrange(HIGH4, c7);
        d0.intoMemorySegment(ALL, target, ORDER);
        d1.intoMemorySegment(ALL, target + 1 * targetRowBytes, ORDER);
        d2.intoMemorySegment(ALL, target + 2 * targetRowBytes, ORDER);
        d3.intoMemorySegment(ALL, target + 3 * targetRowBytes, ORDER);
        d4.intoMemorySegment(ALL, target + 4 * targetRowBytes, ORDER);
        d5.intoMemorySegment(ALL, target + 5 * targetRowBytes, ORDER);
        d6.intoMemorySegment(ALL, target + 6 * targetRowBytes, ORDER);
        d7.intoMemorySegment(ALL, target + 7 * targetRowBytes, ORDER);
    }
}
