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
 * A 14 × 32 tile in 28 of the 32 registers of AVX-512; two hold b, one the element of a.
 *
 * <p>Written out because accumulators stay in registers only as local variables, not as elements of an array, and without
 * methods of its own because C2 stops inlining those at 18,000 nodes, long before the end of this one.
 */
final class VectorTile512 implements TileKernel {
    private static final int ROWS = 14;
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;
    private static final int RIGHT = 64;
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
        FloatVector l6 = zero(S), r6 = zero(S);
        FloatVector l7 = zero(S), r7 = zero(S);
        FloatVector l8 = zero(S), r8 = zero(S);
        FloatVector l9 = zero(S), r9 = zero(S);
        FloatVector l10 = zero(S), r10 = zero(S);
        FloatVector l11 = zero(S), r11 = zero(S);
        FloatVector l12 = zero(S), r12 = zero(S);
        FloatVector l13 = zero(S), r13 = zero(S);
        long a0 = a;
        long a5 = a + 5 * aRowBytes;
        long a10 = a + 10 * aRowBytes;
        long two = 2 * aRowBytes;
        long three = 3 * aRowBytes;
        long four = 4 * aRowBytes;
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
            FloatVector x3 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a0 + three));
            l3 = left.fma(x3, l3);
            r3 = right.fma(x3, r3);
            FloatVector x4 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a0 + four));
            l4 = left.fma(x4, l4);
            r4 = right.fma(x4, r4);
            FloatVector x5 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a5));
            l5 = left.fma(x5, l5);
            r5 = right.fma(x5, r5);
            FloatVector x6 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a5 + aRowBytes));
            l6 = left.fma(x6, l6);
            r6 = right.fma(x6, r6);
            FloatVector x7 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a5 + two));
            l7 = left.fma(x7, l7);
            r7 = right.fma(x7, r7);
            FloatVector x8 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a5 + three));
            l8 = left.fma(x8, l8);
            r8 = right.fma(x8, r8);
            FloatVector x9 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a5 + four));
            l9 = left.fma(x9, l9);
            r9 = right.fma(x9, r9);
            FloatVector x10 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a10));
            l10 = left.fma(x10, l10);
            r10 = right.fma(x10, r10);
            FloatVector x11 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a10 + aRowBytes));
            l11 = left.fma(x11, l11);
            r11 = right.fma(x11, r11);
            FloatVector x12 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a10 + two));
            l12 = left.fma(x12, l12);
            r12 = right.fma(x12, r12);
            FloatVector x13 = broadcast(S, ALL.get(JAVA_FLOAT_UNALIGNED, a10 + three));
            l13 = left.fma(x13, l13);
            r13 = right.fma(x13, r13);
            a0 += aDepthBytes;
            a5 += aDepthBytes;
            a10 += aDepthBytes;
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
            l6 = l6.add(fromMemorySegment(S, ALL, c + 6 * cRowBytes, ORDER));
            r6 = r6.add(fromMemorySegment(S, ALL, c + 6 * cRowBytes + RIGHT, ORDER));
            l7 = l7.add(fromMemorySegment(S, ALL, c + 7 * cRowBytes, ORDER));
            r7 = r7.add(fromMemorySegment(S, ALL, c + 7 * cRowBytes + RIGHT, ORDER));
            l8 = l8.add(fromMemorySegment(S, ALL, c + 8 * cRowBytes, ORDER));
            r8 = r8.add(fromMemorySegment(S, ALL, c + 8 * cRowBytes + RIGHT, ORDER));
            l9 = l9.add(fromMemorySegment(S, ALL, c + 9 * cRowBytes, ORDER));
            r9 = r9.add(fromMemorySegment(S, ALL, c + 9 * cRowBytes + RIGHT, ORDER));
            l10 = l10.add(fromMemorySegment(S, ALL, c + 10 * cRowBytes, ORDER));
            r10 = r10.add(fromMemorySegment(S, ALL, c + 10 * cRowBytes + RIGHT, ORDER));
            l11 = l11.add(fromMemorySegment(S, ALL, c + 11 * cRowBytes, ORDER));
            r11 = r11.add(fromMemorySegment(S, ALL, c + 11 * cRowBytes + RIGHT, ORDER));
            l12 = l12.add(fromMemorySegment(S, ALL, c + 12 * cRowBytes, ORDER));
            r12 = r12.add(fromMemorySegment(S, ALL, c + 12 * cRowBytes + RIGHT, ORDER));
            l13 = l13.add(fromMemorySegment(S, ALL, c + 13 * cRowBytes, ORDER));
            r13 = r13.add(fromMemorySegment(S, ALL, c + 13 * cRowBytes + RIGHT, ORDER));
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
        l6.intoMemorySegment(ALL, c + 6 * cRowBytes, ORDER);
        r6.intoMemorySegment(ALL, c + 6 * cRowBytes + RIGHT, ORDER);
        l7.intoMemorySegment(ALL, c + 7 * cRowBytes, ORDER);
        r7.intoMemorySegment(ALL, c + 7 * cRowBytes + RIGHT, ORDER);
        l8.intoMemorySegment(ALL, c + 8 * cRowBytes, ORDER);
        r8.intoMemorySegment(ALL, c + 8 * cRowBytes + RIGHT, ORDER);
        l9.intoMemorySegment(ALL, c + 9 * cRowBytes, ORDER);
        r9.intoMemorySegment(ALL, c + 9 * cRowBytes + RIGHT, ORDER);
        l10.intoMemorySegment(ALL, c + 10 * cRowBytes, ORDER);
        r10.intoMemorySegment(ALL, c + 10 * cRowBytes + RIGHT, ORDER);
        l11.intoMemorySegment(ALL, c + 11 * cRowBytes, ORDER);
        r11.intoMemorySegment(ALL, c + 11 * cRowBytes + RIGHT, ORDER);
        l12.intoMemorySegment(ALL, c + 12 * cRowBytes, ORDER);
        r12.intoMemorySegment(ALL, c + 12 * cRowBytes + RIGHT, ORDER);
        l13.intoMemorySegment(ALL, c + 13 * cRowBytes, ORDER);
        r13.intoMemorySegment(ALL, c + 13 * cRowBytes + RIGHT, ORDER);
    }
}
