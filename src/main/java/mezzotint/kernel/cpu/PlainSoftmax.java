package mezzotint.kernel.cpu;

/** {@link CpuSoftmax} in ordinary loops; the static ones are also the rests of the vector loops. */
final class PlainSoftmax implements CpuSoftmax.Loops {
    @Override
    public void forward(long y, long x, long mask, int keys, float scale) {
        float max = max(x, mask, scale, 0, keys);
        double sum = exponentials(y, x, mask, scale, max, 0, keys);
        float factor = sum == 0 ? 0 : (float) (1 / sum);
        PlainPointwise.scale(y, y, factor, 0, keys);
    }

    static float max(long x, long mask, float scale, int from, int keys) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < keys; i++) {
            if (isSeen(mask, i)) {
                max = Math.max(max, scale * Floats.get(x, i));
            }
        }
        return max;
    }

    /** Writes e^(scale · x − max), 0 where nothing is seen, and returns the sum. */
    static double exponentials(long y, long x, long mask, float scale, float max, int from, int keys) {
        double sum = 0;
        for (int i = from; i < keys; i++) {
            double e = isSeen(mask, i) ? Math.exp((double) scale * Floats.get(x, i) - max) : 0;
            sum += e;
            Floats.set(y, i, (float) e);
        }
        return sum;
    }

    private static boolean isSeen(long mask, int i) {
        return mask == 0 || Floats.get(mask, i) != 0;
    }

    @Override
    public void backward(long gradX, long gradY, long y, int keys, float scale) {
        addGradient(gradX, gradY, y, scale, dot(gradY, y, 0, keys), 0, keys);
    }

    static double dot(long a, long b, int from, int n) {
        double sum = 0;
        for (int i = from; i < n; i++) {
            sum += (double) Floats.get(a, i) * Floats.get(b, i);
        }
        return sum;
    }

    static void addGradient(long gradX, long gradY, long y, float scale, double dot, int from, int keys) {
        for (int i = from; i < keys; i++) {
            Floats.add(gradX, i, (float) (scale * (Floats.get(gradY, i) - dot) * Floats.get(y, i)));
        }
    }
}
