package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.FloatVector.zero;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A 6 × 16 tile in 12 of the 16 registers of AVX2; two hold b, one the element of a.
 *
 * <p>Written out because accumulators stay in registers only as local variables, not as elements of an array, and without
 * methods of its own because C2 stops inlining those at 18,000 nodes, long before the end of this one.
 */
final class VectorTile256 implements TileKernel {
    private static final int ROWS = 6;
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;
    private static final int RIGHT = 32;
    private static final ByteOrder ORDER = nativeOrder();

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public int columns() {
        return 2 * S.length();
    }

    @Override
    public void multiply(
            int depth, long a, long aRowBytes, long aDepthBytes, long b, long bRowBytes, long c, long cRowBytes,
            boolean accumulate) {
        if (CpuMemory.CHECKED) {
            check(depth, a, aRowBytes, aDepthBytes, b, bRowBytes, c, cRowBytes);
        }
        FloatVector l0 = zero(S), r0 = zero(S);
        FloatVector l1 = zero(S), r1 = zero(S);
        FloatVector l2 = zero(S), r2 = zero(S);
        FloatVector l3 = zero(S), r3 = zero(S);
        FloatVector l4 = zero(S), r4 = zero(S);
        FloatVector l5 = zero(S), r5 = zero(S);
        long a0 = a;
        long a3 = a + 3 * aRowBytes;
        long two = 2 * aRowBytes;
        for (int k = 0; k < depth; k++) {
            FloatVector left = fromMemorySegment(S, ALL, b, ORDER);
            FloatVector right = fromMemorySegment(S, ALL, b + RIGHT, ORDER);
            FloatVector x0 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a0));
            l0 = left.fma(x0, l0);
            r0 = right.fma(x0, r0);
            FloatVector x1 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a0 + aRowBytes));
            l1 = left.fma(x1, l1);
            r1 = right.fma(x1, r1);
            FloatVector x2 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a0 + two));
            l2 = left.fma(x2, l2);
            r2 = right.fma(x2, r2);
            FloatVector x3 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a3));
            l3 = left.fma(x3, l3);
            r3 = right.fma(x3, r3);
            FloatVector x4 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a3 + aRowBytes));
            l4 = left.fma(x4, l4);
            r4 = right.fma(x4, r4);
            FloatVector x5 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a3 + two));
            l5 = left.fma(x5, l5);
            r5 = right.fma(x5, r5);
            a0 += aDepthBytes;
            a3 += aDepthBytes;
            b += bRowBytes;
        }
        if (accumulate) {
            l0 = l0.add(fromMemorySegment(S, ALL, c, ORDER));
            r0 = r0.add(fromMemorySegment(S, ALL, c + RIGHT, ORDER));
            l1 = l1.add(fromMemorySegment(S, ALL, c + 1 * cRowBytes, ORDER));
            r1 = r1.add(fromMemorySegment(S, ALL, c + 1 * cRowBytes + RIGHT, ORDER));
            l2 = l2.add(fromMemorySegment(S, ALL, c + 2 * cRowBytes, ORDER));
            r2 = r2.add(fromMemorySegment(S, ALL, c + 2 * cRowBytes + RIGHT, ORDER));
            l3 = l3.add(fromMemorySegment(S, ALL, c + 3 * cRowBytes, ORDER));
            r3 = r3.add(fromMemorySegment(S, ALL, c + 3 * cRowBytes + RIGHT, ORDER));
            l4 = l4.add(fromMemorySegment(S, ALL, c + 4 * cRowBytes, ORDER));
            r4 = r4.add(fromMemorySegment(S, ALL, c + 4 * cRowBytes + RIGHT, ORDER));
            l5 = l5.add(fromMemorySegment(S, ALL, c + 5 * cRowBytes, ORDER));
            r5 = r5.add(fromMemorySegment(S, ALL, c + 5 * cRowBytes + RIGHT, ORDER));
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
}
