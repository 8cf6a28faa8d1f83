package mezzotint.kernel.cpu;

/** {@link CpuFlowMatch} in ordinary loops; the static ones begin at element {@code from}. */
final class PlainFlowMatch implements CpuFlowMatch.Loops {
    @Override
    public void combine(long y, long x, long z, float alpha, float beta, float gamma, int n) {
        combine(y, x, z, alpha, beta, gamma, 0, n);
    }

    @Override
    public void addScaled(long y, long x, float factor, int n) {
        PlainPointwise.addScaled(y, x, factor, 0, n);
    }

    @Override
    public double squaredDistance(long a, long b, int n) {
        return squaredDistance(a, b, 0, n);
    }

    @Override
    public void addScaledDifference(long grad, long a, long b, float factor, int n) {
        addScaledDifference(grad, a, b, factor, 0, n);
    }

    static void combine(long y, long x, long z, float alpha, float beta, float gamma, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, (alpha * Floats.get(x, i) + beta * Floats.get(z, i)) * gamma);
        }
    }

    static double squaredDistance(long a, long b, int from, int n) {
        double sum = 0;
        for (int i = from; i < n; i++) {
            double difference = Floats.get(a, i) - Floats.get(b, i);
            sum += difference * difference;
        }
        return sum;
    }

    static void addScaledDifference(long grad, long a, long b, float factor, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.add(grad, i, factor * (Floats.get(a, i) - Floats.get(b, i)));
        }
    }
}
