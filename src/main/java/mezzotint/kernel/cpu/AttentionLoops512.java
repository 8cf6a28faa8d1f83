package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionLoops} in vectors of 512 bits. The twin for 256 bits differs in the species alone. */
final class AttentionLoops512 implements AttentionLoops {
    /** A constant of the class: C2 makes vector instructions only where it knows the species. */
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_512;

    private static final int LANES = SPECIES.length();
    private static final long STEP = 4L * LANES;

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
        FloatVector times = broadcast(scale);
        for (long i = 0; i < 4L * queries; i += STEP) {
            FloatVector before = first ? broadcast(Float.NEGATIVE_INFINITY) : load(maxima + i);
            FloatVector max = columnMaximum(scores + i, rowBytes, keys, times).max(before);
            FloatVector factor = VectorMath.expUpTo88(before.sub(max));
            FloatVector sum0 = first ? broadcast(0) : load(sums + i).mul(factor);
            FloatVector sum1 = broadcast(0);
            FloatVector shift = max.neg();
            long row = scores + i;
            int key = 0;
            for (; key + 2 <= keys; key += 2) {
                FloatVector e0 = VectorMath.expUpTo88(load(row).fma(times, shift));
                FloatVector e1 = VectorMath.expUpTo88(load(row + rowBytes).fma(times, shift));
                store(row, e0);
                store(row + rowBytes, e1);
                sum0 = sum0.add(e0);
                sum1 = sum1.add(e1);
                row += 2 * rowBytes;
            }
            if (key < keys) {
                FloatVector e0 = VectorMath.expUpTo88(load(row).fma(times, shift));
                store(row, e0);
                sum0 = sum0.add(e0);
            }
            store(maxima + i, max);
            store(sums + i, sum0.add(sum1));
            store(factors + i, factor);
        }
    }

    private static FloatVector columnMaximum(long column, long rowBytes, int keys, FloatVector times) {
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
        return max0.max(max1);
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
    public void transpose(long panels, int panel, long source, long sourceRowBytes, int rows, int d) {
        PlainAttentionLoops.transposeFrom(0, panels, panel, source, sourceRowBytes, rows, d);
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
