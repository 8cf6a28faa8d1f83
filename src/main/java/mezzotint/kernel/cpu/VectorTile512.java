package mezzotint.kernel.cpu;

import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A 14 × 32 tile in 28 of the 32 registers of AVX-512; two hold b, one the element of a. Of packed strips a 12 × 32 tile, as fast
 * on registers: what is packed are gradients of weights, whose rows are widths of layers, which 12 divides more often.
 *
 * <p>Written out because accumulators stay in registers only as local variables, not as elements of an array, and without
 * methods of its own because C2 stops inlining those at 18,000 nodes, long before the end of this one. {@link #multiplyCopying} is
 * {@link #multiplyPacked} with a line more, which costs 5 % where nothing is to be copied.
 */
final class VectorTile512 implements CopyingTile {
    private static final int ROWS = 14;
    private static final int PACKED_ROWS = 12;
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;
    private static final int RIGHT = 64;
    private static final ByteOrder ORDER = nativeOrder();
    private static final int ROW = STRIP_ROW;
    private static final int WIDTH = 16;

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
        FloatVector l6 = fromMemorySegment(S, ALL, addend + 6 * addendRowBytes, ORDER);
        FloatVector r6 = fromMemorySegment(S, ALL, addend + 6 * addendRowBytes + RIGHT, ORDER);
        FloatVector l7 = fromMemorySegment(S, ALL, addend + 7 * addendRowBytes, ORDER);
        FloatVector r7 = fromMemorySegment(S, ALL, addend + 7 * addendRowBytes + RIGHT, ORDER);
        FloatVector l8 = fromMemorySegment(S, ALL, addend + 8 * addendRowBytes, ORDER);
        FloatVector r8 = fromMemorySegment(S, ALL, addend + 8 * addendRowBytes + RIGHT, ORDER);
        FloatVector l9 = fromMemorySegment(S, ALL, addend + 9 * addendRowBytes, ORDER);
        FloatVector r9 = fromMemorySegment(S, ALL, addend + 9 * addendRowBytes + RIGHT, ORDER);
        FloatVector l10 = fromMemorySegment(S, ALL, addend + 10 * addendRowBytes, ORDER);
        FloatVector r10 = fromMemorySegment(S, ALL, addend + 10 * addendRowBytes + RIGHT, ORDER);
        FloatVector l11 = fromMemorySegment(S, ALL, addend + 11 * addendRowBytes, ORDER);
        FloatVector r11 = fromMemorySegment(S, ALL, addend + 11 * addendRowBytes + RIGHT, ORDER);
        FloatVector l12 = fromMemorySegment(S, ALL, addend + 12 * addendRowBytes, ORDER);
        FloatVector r12 = fromMemorySegment(S, ALL, addend + 12 * addendRowBytes + RIGHT, ORDER);
        FloatVector l13 = fromMemorySegment(S, ALL, addend + 13 * addendRowBytes, ORDER);
        FloatVector r13 = fromMemorySegment(S, ALL, addend + 13 * addendRowBytes + RIGHT, ORDER);
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
            FloatVector x6 = broadcast(S, strip[6 * ROW + k]);
            l6 = x6.fma(left, l6);
            r6 = x6.fma(right, r6);
            FloatVector x7 = broadcast(S, strip[7 * ROW + k]);
            l7 = x7.fma(left, l7);
            r7 = x7.fma(right, r7);
            FloatVector x8 = broadcast(S, strip[8 * ROW + k]);
            l8 = x8.fma(left, l8);
            r8 = x8.fma(right, r8);
            FloatVector x9 = broadcast(S, strip[9 * ROW + k]);
            l9 = x9.fma(left, l9);
            r9 = x9.fma(right, r9);
            FloatVector x10 = broadcast(S, strip[10 * ROW + k]);
            l10 = x10.fma(left, l10);
            r10 = x10.fma(right, r10);
            FloatVector x11 = broadcast(S, strip[11 * ROW + k]);
            l11 = x11.fma(left, l11);
            r11 = x11.fma(right, r11);
            FloatVector x12 = broadcast(S, strip[12 * ROW + k]);
            l12 = x12.fma(left, l12);
            r12 = x12.fma(right, r12);
            FloatVector x13 = broadcast(S, strip[13 * ROW + k]);
            l13 = x13.fma(left, l13);
            r13 = x13.fma(right, r13);
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
        FloatVector l5 = fromMemorySegment(S, ALL, addend + 5 * addendRowBytes, ORDER);
        FloatVector r5 = fromMemorySegment(S, ALL, addend + 5 * addendRowBytes + RIGHT, ORDER);
        FloatVector l6 = fromMemorySegment(S, ALL, addend + 6 * addendRowBytes, ORDER);
        FloatVector r6 = fromMemorySegment(S, ALL, addend + 6 * addendRowBytes + RIGHT, ORDER);
        FloatVector l7 = fromMemorySegment(S, ALL, addend + 7 * addendRowBytes, ORDER);
        FloatVector r7 = fromMemorySegment(S, ALL, addend + 7 * addendRowBytes + RIGHT, ORDER);
        FloatVector l8 = fromMemorySegment(S, ALL, addend + 8 * addendRowBytes, ORDER);
        FloatVector r8 = fromMemorySegment(S, ALL, addend + 8 * addendRowBytes + RIGHT, ORDER);
        FloatVector l9 = fromMemorySegment(S, ALL, addend + 9 * addendRowBytes, ORDER);
        FloatVector r9 = fromMemorySegment(S, ALL, addend + 9 * addendRowBytes + RIGHT, ORDER);
        FloatVector l10 = fromMemorySegment(S, ALL, addend + 10 * addendRowBytes, ORDER);
        FloatVector r10 = fromMemorySegment(S, ALL, addend + 10 * addendRowBytes + RIGHT, ORDER);
        FloatVector l11 = fromMemorySegment(S, ALL, addend + 11 * addendRowBytes, ORDER);
        FloatVector r11 = fromMemorySegment(S, ALL, addend + 11 * addendRowBytes + RIGHT, ORDER);
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
            FloatVector x5 = broadcast(S, strip[WIDTH * k + 5]);
            l5 = x5.fma(left, l5);
            r5 = x5.fma(right, r5);
            FloatVector x6 = broadcast(S, strip[WIDTH * k + 6]);
            l6 = x6.fma(left, l6);
            r6 = x6.fma(right, r6);
            FloatVector x7 = broadcast(S, strip[WIDTH * k + 7]);
            l7 = x7.fma(left, l7);
            r7 = x7.fma(right, r7);
            FloatVector x8 = broadcast(S, strip[WIDTH * k + 8]);
            l8 = x8.fma(left, l8);
            r8 = x8.fma(right, r8);
            FloatVector x9 = broadcast(S, strip[WIDTH * k + 9]);
            l9 = x9.fma(left, l9);
            r9 = x9.fma(right, r9);
            FloatVector x10 = broadcast(S, strip[WIDTH * k + 10]);
            l10 = x10.fma(left, l10);
            r10 = x10.fma(right, r10);
            FloatVector x11 = broadcast(S, strip[WIDTH * k + 11]);
            l11 = x11.fma(left, l11);
            r11 = x11.fma(right, r11);
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
    }

    @Override
    public void multiplyCopying(
            int depth,
            float[] strip,
            long b,
            long bRowBytes,
            long addend,
            long addendRowBytes,
            long c,
            long cRowBytes,
            long source,
            long sourceRowBytes,
            float[] target) {
        if (CpuMemory.CHECKED) {
            check(PACKED_ROWS, depth, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
            checkRows(source, sourceRowBytes, 4L * WIDTH, depth);
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
        FloatVector l6 = fromMemorySegment(S, ALL, addend + 6 * addendRowBytes, ORDER);
        FloatVector r6 = fromMemorySegment(S, ALL, addend + 6 * addendRowBytes + RIGHT, ORDER);
        FloatVector l7 = fromMemorySegment(S, ALL, addend + 7 * addendRowBytes, ORDER);
        FloatVector r7 = fromMemorySegment(S, ALL, addend + 7 * addendRowBytes + RIGHT, ORDER);
        FloatVector l8 = fromMemorySegment(S, ALL, addend + 8 * addendRowBytes, ORDER);
        FloatVector r8 = fromMemorySegment(S, ALL, addend + 8 * addendRowBytes + RIGHT, ORDER);
        FloatVector l9 = fromMemorySegment(S, ALL, addend + 9 * addendRowBytes, ORDER);
        FloatVector r9 = fromMemorySegment(S, ALL, addend + 9 * addendRowBytes + RIGHT, ORDER);
        FloatVector l10 = fromMemorySegment(S, ALL, addend + 10 * addendRowBytes, ORDER);
        FloatVector r10 = fromMemorySegment(S, ALL, addend + 10 * addendRowBytes + RIGHT, ORDER);
        FloatVector l11 = fromMemorySegment(S, ALL, addend + 11 * addendRowBytes, ORDER);
        FloatVector r11 = fromMemorySegment(S, ALL, addend + 11 * addendRowBytes + RIGHT, ORDER);
        for (int k = 0; k < depth; k++) {
            long panel = b & ADDRESS;
            FloatVector left = fromMemorySegment(S, ALL, panel, ORDER);
            FloatVector right = fromMemorySegment(S, ALL, panel + RIGHT, ORDER);
            fromMemorySegment(S, ALL, source & ADDRESS, ORDER).intoArray(target, WIDTH * k);
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
            FloatVector x5 = broadcast(S, strip[WIDTH * k + 5]);
            l5 = x5.fma(left, l5);
            r5 = x5.fma(right, r5);
            FloatVector x6 = broadcast(S, strip[WIDTH * k + 6]);
            l6 = x6.fma(left, l6);
            r6 = x6.fma(right, r6);
            FloatVector x7 = broadcast(S, strip[WIDTH * k + 7]);
            l7 = x7.fma(left, l7);
            r7 = x7.fma(right, r7);
            FloatVector x8 = broadcast(S, strip[WIDTH * k + 8]);
            l8 = x8.fma(left, l8);
            r8 = x8.fma(right, r8);
            FloatVector x9 = broadcast(S, strip[WIDTH * k + 9]);
            l9 = x9.fma(left, l9);
            r9 = x9.fma(right, r9);
            FloatVector x10 = broadcast(S, strip[WIDTH * k + 10]);
            l10 = x10.fma(left, l10);
            r10 = x10.fma(right, r10);
            FloatVector x11 = broadcast(S, strip[WIDTH * k + 11]);
            l11 = x11.fma(left, l11);
            r11 = x11.fma(right, r11);
            b += bRowBytes;
            source += sourceRowBytes;
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
    }
}
