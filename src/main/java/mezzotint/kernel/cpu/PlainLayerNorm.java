package mezzotint.kernel.cpu;

/** {@link CpuLayerNorm} in ordinary loops; the static ones are also the rests of the vector loops. */
final class PlainLayerNorm implements CpuLayerNorm.Loops {
    @Override
    public void forward(long y, long mean, long rstd, long x, long scale, long shift, int d, float eps) {
        double sum = 0;
        for (int i = 0; i < d; i++) {
            sum += Floats.get(x, i);
        }
        double m = sum / d;
        double squares = 0;
        for (int i = 0; i < d; i++) {
            double centred = Floats.get(x, i) - m;
            squares += centred * centred;
        }
        double r = 1 / Math.sqrt(squares / d + eps);
        Floats.set(mean, 0, (float) m);
        Floats.set(rstd, 0, (float) r);
        normalise(y, x, m, r, scale, shift, 0, d);
    }

    static void normalise(long y, long x, double mean, double rstd, long scale, long shift, int from, int d) {
        for (int i = from; i < d; i++) {
            double normal = (Floats.get(x, i) - mean) * rstd;
            Floats.set(y, i, (float) (normal * Floats.get(scale, i) + Floats.get(shift, i)));
        }
    }

    @Override
    public void backward(
            long gradX, long gradScale, long gradShift, long gradY, long x, float mean, float rstd, long scale, int d) {
        collect(gradScale, gradShift, gradY, x, mean, rstd, 0, d);
        if (gradX != 0) {
            double direct = direct(gradY, scale, 0, d) / d;
            double along = along(gradY, x, mean, rstd, scale, 0, d) / d;
            spread(gradX, gradY, x, mean, rstd, scale, direct, along, 0, d);
        }
    }

    static void collect(
            long gradScale, long gradShift, long gradY, long x, double mean, double rstd, int from, int d) {
        for (int i = from; i < d; i++) {
            if (gradScale != 0) {
                Floats.add(gradScale, i, (float) (Floats.get(gradY, i) * (Floats.get(x, i) - mean) * rstd));
            }
            if (gradShift != 0) {
                Floats.add(gradShift, i, Floats.get(gradY, i));
            }
        }
    }

    /** <pre>Σ gradY · scale</pre> */
    static double direct(long gradY, long scale, int from, int d) {
        double sum = 0;
        for (int i = from; i < d; i++) {
            sum += (double) Floats.get(gradY, i) * Floats.get(scale, i);
        }
        return sum;
    }

    /** <pre>Σ gradY · scale · (x − mean) · rstd</pre> */
    static double along(long gradY, long x, double mean, double rstd, long scale, int from, int d) {
        double sum = 0;
        for (int i = from; i < d; i++) {
            sum += (double) Floats.get(gradY, i) * Floats.get(scale, i) * (Floats.get(x, i) - mean) * rstd;
        }
        return sum;
    }

    static void spread(
            long gradX,
            long gradY,
            long x,
            double mean,
            double rstd,
            long scale,
            double direct,
            double along,
            int from,
            int d) {
        for (int i = from; i < d; i++) {
            double normal = (Floats.get(x, i) - mean) * rstd;
            double grad = (double) Floats.get(gradY, i) * Floats.get(scale, i);
            Floats.add(gradX, i, (float) (rstd * (grad - direct - normal * along)));
        }
    }
}
