package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

/** {@link NormRows} in ordinary loops, for every row length. */
final class PlainNormRows implements NormRows {

    private static float get(long address, int index) {
        return ALL.get(JAVA_FLOAT_UNALIGNED, address + 4L * index);
    }

    private static void put(long address, int index, float value) {
        ALL.set(JAVA_FLOAT_UNALIGNED, address + 4L * index, value);
    }

    @Override
    public float reciprocalRms(long x, int d, float eps) {
        double sum = 0;
        for (int i = 0; i < d; i++) {
            sum += (double) get(x, i) * get(x, i);
        }
        return (float) (1 / Math.sqrt(sum / d + eps));
    }

    @Override
    public void scale(long y, long x, float rstd, long scale, int d) {
        for (int i = 0; i < d; i++) {
            put(y, i, get(x, i) * rstd * get(scale, i));
        }
    }

    @Override
    public void scaleAndRotate(long y, long x, float rstd, long scale, long cos, long sin, int d) {
        for (int i = 0; i < d; i += 2) {
            float even = get(x, i) * rstd * get(scale, i);
            float odd = get(x, i + 1) * rstd * get(scale, i + 1);
            put(y, i, even * get(cos, i) + odd * get(sin, i));
            put(y, i + 1, odd * get(cos, i + 1) + even * get(sin, i + 1));
        }
    }

    @Override
    public void rotate(long y, long x, long cos, long sin, int d) {
        for (int i = 0; i < d; i += 2) {
            float even = get(x, i);
            float odd = get(x, i + 1);
            put(y, i, even * get(cos, i) + odd * get(sin, i));
            put(y, i + 1, odd * get(cos, i + 1) + even * get(sin, i + 1));
        }
    }

    @Override
    public void rotateBack(long y, long x, long cos, long sin, int d) {
        for (int i = 0; i < d; i += 2) {
            float even = get(x, i);
            float odd = get(x, i + 1);
            put(y, i, even * get(cos, i) - odd * get(sin, i));
            put(y, i + 1, odd * get(cos, i + 1) - even * get(sin, i + 1));
        }
    }

    @Override
    public void addRotatedBack(long y, long x, long cos, long sin, int d) {
        for (int i = 0; i < d; i += 2) {
            float even = get(x, i);
            float odd = get(x, i + 1);
            put(y, i, get(y, i) + even * get(cos, i) - odd * get(sin, i));
            put(y, i + 1, get(y, i + 1) + odd * get(cos, i + 1) - even * get(sin, i + 1));
        }
    }

    @Override
    public void add(long y, long x, int d) {
        for (int i = 0; i < d; i++) {
            put(y, i, get(y, i) + get(x, i));
        }
    }

    @Override
    public void addGradients(long gradX, long gradScale, long gradY, long x, float rstd, long scale, int d) {
        if (gradScale != 0) {
            for (int i = 0; i < d; i++) {
                put(gradScale, i, get(gradScale, i) + get(gradY, i) * get(x, i) * rstd);
            }
        }
        if (gradX == 0) {
            return;
        }
        double dot = 0;
        for (int i = 0; i < d; i++) {
            dot += (double) get(gradY, i) * get(scale, i) * get(x, i);
        }
        float alongX = (float) (-dot * rstd * rstd * rstd / d);
        for (int i = 0; i < d; i++) {
            put(gradX, i, get(gradX, i) + get(gradY, i) * get(scale, i) * rstd + get(x, i) * alongX);
        }
    }

    @Override
    public void expandRotation(long cos, long sin, long table, int d) {
        for (int i = 0; i < d; i += 2) {
            put(cos, i, get(table, i));
            put(cos, i + 1, get(table, i));
            put(sin, i, -get(table, i + 1));
            put(sin, i + 1, get(table, i + 1));
        }
    }
}
