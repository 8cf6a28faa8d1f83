package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionLoops} in vectors of 512 bits. The twin for 256 bits differs in the species alone. */
final class AttentionLoops512 implements AttentionLoops {
    /** A constant of the class: C2 makes vector instructions only where it knows the species. */
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_512;

    private static final int LANES = SPECIES.length();
    private static final long STEP = 4L * LANES;

    /** Lanes of a and, from {@code LANES} on, of b: their lower and their upper halves, alternating. */
    private static final float[] LOW = alternating(0);

    private static final float[] HIGH = alternating(LANES / 2);

    private static float[] alternating(int from) {
        float[] lanes = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            lanes[i] = from + i / 2 + i % 2 * LANES;
        }
        return lanes;
    }

    private static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(SPECIES, ALL, address, ByteOrder.nativeOrder());
    }

    private static void store(long address, FloatVector vector) {
        vector.intoMemorySegment(ALL, address, ByteOrder.nativeOrder());
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    private static float get(long address) {
        return ALL.get(JAVA_FLOAT_UNALIGNED, address);
    }

    private static void put(long address, float value) {
        ALL.set(JAVA_FLOAT_UNALIGNED, address, value);
    }

    @Override
    public void softmax(
            long scores,
            long rowBytes,
            int keys,
            int queries,
            float scale,
            long maxima,
            long sums,
            long factors,
            boolean first) {
        for (long i = 0; i < 4L * queries; i += STEP) {
            if (first) {
                columnMaximum(maxima + i, scores + i, rowBytes, keys, scale);
                store(sums + i, broadcast(0));
            } else {
                columnMaximum(factors + i, scores + i, rowBytes, keys, scale);
                moveMaximum(maxima + i, sums + i, factors + i);
            }
            exponentials(scores + i, rowBytes, keys, scale, maxima + i);
            addColumn(sums + i, scores + i, rowBytes, keys);
        }
    }

    /** Expects the maximum of the new block where the factor goes. */
    private static void moveMaximum(long maximum, long sum, long factor) {
        FloatVector before = load(maximum);
        FloatVector now = before.max(load(factor));
        FloatVector f = VectorMath.expUpTo88(before.sub(now));
        store(maximum, now);
        store(factor, f);
        store(sum, load(sum).mul(f));
    }

    /** Without the sum: carried from key to key beside an exponential, C2 may box it. */
    private static void exponentials(long column, long rowBytes, int keys, float scale, long maximum) {
        FloatVector times = broadcast(scale);
        FloatVector shift = load(maximum).neg();
        long row = column;
        for (int key = 0; key < keys; key++) {
            store(row, VectorMath.expUpTo88(load(row).fma(times, shift)));
            row += rowBytes;
        }
    }

    private static void addColumn(long sum, long column, long rowBytes, int keys) {
        FloatVector sum0 = load(sum);
        FloatVector sum1 = broadcast(0);
        long row = column;
        int key = 0;
        for (; key + 2 <= keys; key += 2) {
            sum0 = sum0.add(load(row));
            sum1 = sum1.add(load(row + rowBytes));
            row += 2 * rowBytes;
        }
        if (key < keys) {
            sum0 = sum0.add(load(row));
        }
        store(sum, sum0.add(sum1));
    }

    private static void columnMaximum(long maximum, long column, long rowBytes, int keys, float scale) {
        FloatVector times = broadcast(scale);
        FloatVector max0 = broadcast(Float.NEGATIVE_INFINITY);
        FloatVector max1 = max0;
        long row = column;
        int key = 0;
        for (; key + 2 <= keys; key += 2) {
            max0 = max0.max(load(row).mul(times));
            max1 = max1.max(load(row + rowBytes).mul(times));
            row += 2 * rowBytes;
        }
        if (key < keys) {
            max0 = max0.max(load(row).mul(times));
        }
        store(maximum, max0.max(max1));
    }

    @Override
    public void probabilities(
            long scores,
            long gradScores,
            long rowBytes,
            int keys,
            int queries,
            float scale,
            long logSumExp,
            long deltas) {
        FloatVector times = broadcast(scale);
        for (long i = 0; i < 4L * queries; i += STEP) {
            FloatVector shift = load(logSumExp + i).neg();
            FloatVector delta = load(deltas + i);
            long row = scores + i;
            long gradRow = gradScores + i;
            for (int key = 0; key < keys; key++) {
                FloatVector p = VectorMath.expUpTo88(load(row).fma(times, shift));
                store(row, p);
                store(gradRow, load(gradRow).sub(delta).mul(p).mul(times));
                row += rowBytes;
                gradRow += rowBytes;
            }
        }
    }

    @Override
    public void transpose(long panels, int panel, long source, long sourceRowBytes, int rows, int d, long spare) {
        int wholeRows = rows / LANES * LANES;
        int wholeColumns = d / LANES * LANES;
        for (int row = 0; row < wholeRows; row += LANES) {
            long target = panels + 4L * (row / panel * panel * (long) d + row % panel);
            for (int k = 0; k < wholeColumns; k += LANES) {
                transposeSquare(
                        target + 4L * k * panel,
                        4L * panel,
                        source + row * sourceRowBytes + 4L * k,
                        sourceRowBytes,
                        spare);
            }
        }
        int end = (rows + panel - 1) / panel * panel;
        PlainAttentionLoops.transposePart(panels, panel, source, sourceRowBytes, rows, d, 0, wholeRows, wholeColumns);
        PlainAttentionLoops.transposePart(panels, panel, source, sourceRowBytes, rows, d, wholeRows, end, 0);
    }

    /**
     * Transposes a square of a vector's length: interleaving the upper with the lower half of the rows does it when it is
     * done log₂ of the length times, and four rows go two of these steps at once.
     */
    private static void transposeSquare(long target, long targetRow, long source, long sourceRow, long spare) {
        interleaveTwice(spare, STEP, source, sourceRow);
        if (LANES == 16) {
            interleaveTwice(target, targetRow, spare, STEP);
        } else {
            interleave(target, targetRow, spare, STEP);
        }
    }

    private static void interleave(long target, long targetRow, long source, long sourceRow) {
        FloatVector low = FloatVector.fromArray(SPECIES, LOW, 0);
        FloatVector high = FloatVector.fromArray(SPECIES, HIGH, 0);
        for (int i = 0; i < LANES / 2; i++) {
            FloatVector a = load(source + i * sourceRow);
            FloatVector b = load(source + (i + LANES / 2) * sourceRow);
            store(target + 2 * i * targetRow, low.selectFrom(a, b));
            store(target + (2 * i + 1) * targetRow, high.selectFrom(a, b));
        }
    }

    private static void interleaveTwice(long target, long targetRow, long source, long sourceRow) {
        FloatVector low = FloatVector.fromArray(SPECIES, LOW, 0);
        FloatVector high = FloatVector.fromArray(SPECIES, HIGH, 0);
        long quarter = LANES / 4 * sourceRow;
        for (int i = 0; i < LANES / 4; i++) {
            long row = source + i * sourceRow;
            FloatVector a = load(row);
            FloatVector b = load(row + quarter);
            FloatVector c = load(row + 2 * quarter);
            FloatVector d = load(row + 3 * quarter);
            FloatVector ac = low.selectFrom(a, c);
            FloatVector bd = low.selectFrom(b, d);
            long to = target + 4 * i * targetRow;
            store(to, low.selectFrom(ac, bd));
            store(to + targetRow, high.selectFrom(ac, bd));
            ac = high.selectFrom(a, c);
            bd = high.selectFrom(b, d);
            store(to + 2 * targetRow, low.selectFrom(ac, bd));
            store(to + 3 * targetRow, high.selectFrom(ac, bd));
        }
    }

    @Override
    public void copy(long y, long x, int d, int padded) {
        long i = 0;
        for (; i + STEP <= 4L * d; i += STEP) {
            store(y + i, load(x + i));
        }
        for (; i < 4L * d; i += 4) {
            put(y + i, get(x + i));
        }
        for (; i < 4L * padded; i += 4) {
            put(y + i, 0);
        }
    }

    @Override
    public void scale(long y, long x, float factor, int d) {
        long i = 0;
        for (; i + STEP <= 4L * d; i += STEP) {
            store(y + i, load(x + i).mul(factor));
        }
        for (; i < 4L * d; i += 4) {
            put(y + i, get(x + i) * factor);
        }
    }

    @Override
    public void add(long y, long x, int d) {
        long i = 0;
        for (; i + STEP <= 4L * d; i += STEP) {
            store(y + i, load(y + i).add(load(x + i)));
        }
        for (; i < 4L * d; i += 4) {
            put(y + i, get(y + i) + get(x + i));
        }
    }

    @Override
    public float dot(long x, long y, int d) {
        FloatVector sum = broadcast(0);
        long i = 0;
        for (; i + STEP <= 4L * d; i += STEP) {
            sum = load(x + i).fma(load(y + i), sum);
        }
        float rest = 0;
        for (; i < 4L * d; i += 4) {
            rest += get(x + i) * get(y + i);
        }
        return VectorMath.sum(sum) + rest;
    }
}
