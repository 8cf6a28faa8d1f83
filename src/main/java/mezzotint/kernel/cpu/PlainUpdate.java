package mezzotint.kernel.cpu;

import mezzotint.kernel.AdamWFactors;

/** {@link CpuUpdate} in ordinary loops; the static ones begin at element {@code from}. */
final class PlainUpdate implements CpuUpdate.Loops {
    @Override
    public void adamW(long value, long firstMoment, long secondMoment, long gradient, AdamWFactors factors, int n) {
        adamW(value, firstMoment, secondMoment, gradient, factors, 0, n);
    }

    @Override
    public void average(long average, long value, float keep, float take, int n) {
        average(average, value, keep, take, 0, n);
    }

    @Override
    public double sumOfSquares(long x, int n) {
        return sumOfSquares(x, 0, n);
    }

    static void adamW(long value, long firstMoment, long secondMoment, long gradient, AdamWFactors f, int from, int n) {
        for (int i = from; i < n; i++) {
            float g = Floats.get(gradient, i) * f.gradientScale();
            float first = Floats.get(firstMoment, i);
            float m = first + f.firstWeight() * (g - first);
            float v = Floats.get(secondMoment, i) * f.beta2() + f.secondWeight() * g * g;
            Floats.set(firstMoment, i, m);
            Floats.set(secondMoment, i, v);
            float denominator = (float) Math.sqrt(v) / f.root() + f.eps();
            Floats.set(value, i, Floats.get(value, i) * f.decay() + f.size() * m / denominator);
        }
    }

    static void average(long average, long value, float keep, float take, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(average, i, keep * Floats.get(average, i) + take * Floats.get(value, i));
        }
    }

    static double sumOfSquares(long x, int from, int n) {
        double sum = 0;
        for (int i = from; i < n; i++) {
            double v = Floats.get(x, i);
            sum += v * v;
        }
        return sum;
    }
}
