package mezzotint.kernel.cpu;

import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A 6 × 16 tile in 12 of the 16 registers of AVX2; two hold b, one the element of a. Of packed strips a 5 × 16 tile: with 6 rows
 * C2 asks for elements of a so early that no register is left for one accumulator.
 *
 * <p>Written out because accumulators stay in registers only as local variables, not as elements of an array, and without
 * methods of its own because C2 stops inlining those at 18,000 nodes, long before the end of this one.
 */
final class VectorTile256 implements TileKernel {
    private static final int ROWS = 6;
    private static final int PACKED_ROWS = 5;
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;
    private static final int RIGHT = 32;
    private static final ByteOrder ORDER = nativeOrder();
    private static final int ROW = STRIP_ROW;
    private static final int WIDTH = 8;

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public int packedRows() {
        return PACKED_ROWS;
    }

    @Override
    public int columns() {
        return 2 * S.length();
    }

    @Override
    public int stripWidth() {
        return WIDTH;
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
        if (CpuMemory.CHECKED) {
            check(ROWS, depth, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
        }
        addend &= ADDRESS;
        addendRowBytes &= STRIDE;
        c &= ADDRESS;
        cRowBytes &= STRIDE;
        FloatVector l0 = fromMemorySegment(S, ALL, addend, ORDER);
        FloatVector r0 = fromMemorySegment(S, ALL, addend + RIGHT, ORDER);
        FloatVector l1 = fromMemorySegment(S, ALL, addend + 1 * addendRowBytes, ORDER);
        FloatVector r1 = fromMemorySegment(S, ALL, addend + 1 * addendRowBytes + RIGHT, ORDER);
        FloatVector l2 = fromMemorySegment(S, ALL, addend + 2 * addendRowBytes, ORDER);
        FloatVector r2 = fromMemorySegment(S, ALL, addend + 2 * addendRowBytes + RIGHT, ORDER);
        FloatVector l3 = fromMemorySegment(S, ALL, addend + 3 * addendRowBytes, ORDER);
        FloatVector r3 = fromMemorySegment(S, ALL, addend + 3 * addendRowBytes + RIGHT, ORDER);
        FloatVector l4 = fromMemorySegment(S, ALL, addend + 4 * addendRowBytes, ORDER);
        FloatVector r4 = fromMemorySegment(S, ALL, addend + 4 * addendRowBytes + RIGHT, ORDER);
        FloatVector l5 = fromMemorySegment(S, ALL, addend + 5 * addendRowBytes, ORDER);
        FloatVector r5 = fromMemorySegment(S, ALL, addend + 5 * addendRowBytes + RIGHT, ORDER);
        for (int k = 0; k < depth; k++) {
            long panel = b & ADDRESS;
            FloatVector left = fromMemorySegment(S, ALL, panel, ORDER);
            FloatVector right = fromMemorySegment(S, ALL, panel + RIGHT, ORDER);
            FloatVector x0 = broadcast(S, strip[k]);
            l0 = x0.fma(left, l0);
            r0 = x0.fma(right, r0);
            FloatVector x1 = broadcast(S, strip[ROW + k]);
            l1 = x1.fma(left, l1);
            r1 = x1.fma(right, r1);
            FloatVector x2 = broadcast(S, strip[2 * ROW + k]);
            l2 = x2.fma(left, l2);
            r2 = x2.fma(right, r2);
            FloatVector x3 = broadcast(S, strip[3 * ROW + k]);
            l3 = x3.fma(left, l3);
            r3 = x3.fma(right, r3);
            FloatVector x4 = broadcast(S, strip[4 * ROW + k]);
            l4 = x4.fma(left, l4);
            r4 = x4.fma(right, r4);
            FloatVector x5 = broadcast(S, strip[5 * ROW + k]);
            l5 = x5.fma(left, l5);
            r5 = x5.fma(right, r5);
            b += bRowBytes;
        }
        l0.intoMemorySegment(ALL, c, ORDER);
        r0.intoMemorySegment(ALL, c + RIGHT, ORDER);
        l1.intoMemorySegment(ALL, c + 1 * cRowBytes, ORDER);
        r1.intoMemorySegment(ALL, c + 1 * cRowBytes + RIGHT, ORDER);
        l2.intoMemorySegment(ALL, c + 2 * cRowBytes, ORDER);
        r2.intoMemorySegment(ALL, c + 2 * cRowBytes + RIGHT, ORDER);
        l3.intoMemorySegment(ALL, c + 3 * cRowBytes, ORDER);
        r3.intoMemorySegment(ALL, c + 3 * cRowBytes + RIGHT, ORDER);
        l4.intoMemorySegment(ALL, c + 4 * cRowBytes, ORDER);
        r4.intoMemorySegment(ALL, c + 4 * cRowBytes + RIGHT, ORDER);
        l5.intoMemorySegment(ALL, c + 5 * cRowBytes, ORDER);
        r5.intoMemorySegment(ALL, c + 5 * cRowBytes + RIGHT, ORDER);
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
        if (CpuMemory.CHECKED) {
            check(PACKED_ROWS, depth, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
        }
        addend &= ADDRESS;
        addendRowBytes &= STRIDE;
        c &= ADDRESS;
        cRowBytes &= STRIDE;
        FloatVector l0 = fromMemorySegment(S, ALL, addend, ORDER);
        FloatVector r0 = fromMemorySegment(S, ALL, addend + RIGHT, ORDER);
        FloatVector l1 = fromMemorySegment(S, ALL, addend + 1 * addendRowBytes, ORDER);
        FloatVector r1 = fromMemorySegment(S, ALL, addend + 1 * addendRowBytes + RIGHT, ORDER);
        FloatVector l2 = fromMemorySegment(S, ALL, addend + 2 * addendRowBytes, ORDER);
        FloatVector r2 = fromMemorySegment(S, ALL, addend + 2 * addendRowBytes + RIGHT, ORDER);
        FloatVector l3 = fromMemorySegment(S, ALL, addend + 3 * addendRowBytes, ORDER);
        FloatVector r3 = fromMemorySegment(S, ALL, addend + 3 * addendRowBytes + RIGHT, ORDER);
        FloatVector l4 = fromMemorySegment(S, ALL, addend + 4 * addendRowBytes, ORDER);
        FloatVector r4 = fromMemorySegment(S, ALL, addend + 4 * addendRowBytes + RIGHT, ORDER);
        for (int k = 0; k < depth; k++) {
            long panel = b & ADDRESS;
            FloatVector left = fromMemorySegment(S, ALL, panel, ORDER);
            FloatVector right = fromMemorySegment(S, ALL, panel + RIGHT, ORDER);
            FloatVector x0 = broadcast(S, strip[WIDTH * k]);
            l0 = x0.fma(left, l0);
            r0 = x0.fma(right, r0);
            FloatVector x1 = broadcast(S, strip[WIDTH * k + 1]);
            l1 = x1.fma(left, l1);
            r1 = x1.fma(right, r1);
            FloatVector x2 = broadcast(S, strip[WIDTH * k + 2]);
            l2 = x2.fma(left, l2);
            r2 = x2.fma(right, r2);
            FloatVector x3 = broadcast(S, strip[WIDTH * k + 3]);
            l3 = x3.fma(left, l3);
            r3 = x3.fma(right, r3);
            FloatVector x4 = broadcast(S, strip[WIDTH * k + 4]);
            l4 = x4.fma(left, l4);
            r4 = x4.fma(right, r4);
            b += bRowBytes;
        }
        l0.intoMemorySegment(ALL, c, ORDER);
        r0.intoMemorySegment(ALL, c + RIGHT, ORDER);
        l1.intoMemorySegment(ALL, c + 1 * cRowBytes, ORDER);
        r1.intoMemorySegment(ALL, c + 1 * cRowBytes + RIGHT, ORDER);
        l2.intoMemorySegment(ALL, c + 2 * cRowBytes, ORDER);
        r2.intoMemorySegment(ALL, c + 2 * cRowBytes + RIGHT, ORDER);
        l3.intoMemorySegment(ALL, c + 3 * cRowBytes, ORDER);
        r3.intoMemorySegment(ALL, c + 3 * cRowBytes + RIGHT, ORDER);
        l4.intoMemorySegment(ALL, c + 4 * cRowBytes, ORDER);
        r4.intoMemorySegment(ALL, c + 4 * cRowBytes + RIGHT, ORDER);
    }
}
