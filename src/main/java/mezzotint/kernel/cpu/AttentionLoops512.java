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
            exponentials(scores + i, rowBytes, keys, scale, maxima + i, sums + i);
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

    /** The sum goes through memory: carried from key to key in a variable, C2 may box it. */
    private static void exponentials(long column, long rowBytes, int keys, float scale, long maximum, long sum) {
        FloatVector times = broadcast(scale);
        FloatVector shift = load(maximum).neg();
        long row = column;
        for (int key = 0; key < keys; key++) {
            FloatVector e = VectorMath.expUpTo88(load(row).fma(times, shift));
            store(row, e);
            store(sum, load(sum).add(e));
            row += rowBytes;
        }
    }

    private static void columnMaximum(long maximum, long column, long rowBytes, int keys, float scale) {
        FloatVector times = broadcast(scale);
        FloatVector max0 = load(column).mul(times);
        FloatVector max1 = load(column).mul(times);
        long row = column + rowBytes;
        int key = 1;
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
