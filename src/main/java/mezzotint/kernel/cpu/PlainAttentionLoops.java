package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

/** {@link AttentionLoops} in ordinary loops. */
final class PlainAttentionLoops implements AttentionLoops {

    static float get(long address, int index) {
        return ALL.get(JAVA_FLOAT_UNALIGNED, address + 4L * index);
    }

    static void put(long address, int index, float value) {
        ALL.set(JAVA_FLOAT_UNALIGNED, address + 4L * index, value);
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
        for (int i = 0; i < queries; i++) {
            float before = first ? Float.NEGATIVE_INFINITY : get(maxima, i);
            float max = before;
            for (int key = 0; key < keys; key++) {
                max = Math.max(max, get(scores + key * rowBytes, i) * scale);
            }
            float factor = first ? 0 : (float) Math.exp(before - max);
            float sum = first ? 0 : get(sums, i) * factor;
            for (int key = 0; key < keys; key++) {
                float e = (float) Math.exp(get(scores + key * rowBytes, i) * scale - max);
                put(scores + key * rowBytes, i, e);
                sum += e;
            }
            put(maxima, i, max);
            put(sums, i, sum);
            put(factors, i, factor);
        }
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
        for (int key = 0; key < keys; key++) {
            long row = scores + key * rowBytes;
            long gradRow = gradScores + key * rowBytes;
            for (int i = 0; i < queries; i++) {
                float p = (float) Math.exp(get(row, i) * scale - get(logSumExp, i));
                put(row, i, p);
                put(gradRow, i, (get(gradRow, i) - get(deltas, i)) * p * scale);
            }
        }
    }

    @Override
    public void copy(long y, long x, int d, int padded) {
        for (int i = 0; i < d; i++) {
            put(y, i, get(x, i));
        }
        for (int i = d; i < padded; i++) {
            put(y, i, 0);
        }
    }

    @Override
    public void scale(long y, long x, float factor, int d) {
        for (int i = 0; i < d; i++) {
            put(y, i, get(x, i) * factor);
        }
    }

    @Override
    public void add(long y, long x, int d) {
        for (int i = 0; i < d; i++) {
            put(y, i, get(y, i) + get(x, i));
        }
    }

    @Override
    public float dot(long x, long y, int d) {
        double sum = 0;
        for (int i = 0; i < d; i++) {
            sum += (double) get(x, i) * get(y, i);
        }
        return (float) sum;
    }
}
