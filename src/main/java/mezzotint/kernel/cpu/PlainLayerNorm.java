package mezzotint.kernel.cpu;

/** {@link CpuLayerNorm} in ordinary loops. */
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
        for (int i = 0; i < d; i++) {
            double normalised = (Floats.get(x, i) - m) * r;
            Floats.set(y, i, (float) (normalised * Floats.get(scale, i) + Floats.get(shift, i)));
        }
    }

    @Override
    public void backward(
            long gradX, long gradScale, long gradShift, long gradY, long x, float mean, float rstd, long scale, int d) {
        double direct = 0;
        double along = 0;
        for (int i = 0; i < d; i++) {
            double normalised = ((double) Floats.get(x, i) - mean) * rstd;
            double grad = Floats.get(gradY, i);
            if (gradScale != 0) {
                Floats.add(gradScale, i, (float) (grad * normalised));
            }
            if (gradShift != 0) {
                Floats.add(gradShift, i, (float) grad);
            }
            direct += grad * Floats.get(scale, i);
            along += grad * Floats.get(scale, i) * normalised;
        }
        for (int i = 0; i < d && gradX != 0; i++) {
            double normalised = ((double) Floats.get(x, i) - mean) * rstd;
            double grad = (double) Floats.get(gradY, i) * Floats.get(scale, i);
            Floats.add(gradX, i, (float) (rstd * (grad - direct / d - normalised * along / d)));
        }
    }
}
