package mezzotint.kernel.cpu;

/** {@link CpuLayerNorm} in ordinary loops; the static ones are also the rests of the vector loops. */
final class PlainLayerNorm implements CpuLayerNorm.Loops {
    @Override
    public void forward(long y, long mean, long rstd, long x, long scale, long shift, int rows, int d, float eps) {
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            double m = mean(x + skip, d);
            double squares = 0;
            for (int i = 0; i < d; i++) {
                double centred = Floats.get(x + skip, i) - m;
                squares += centred * centred;
            }
            double r = 1 / Math.sqrt(squares / d + eps);
            Floats.set(mean, row, (float) m);
            Floats.set(rstd, row, (float) r);
            normalise(y + skip, x + skip, m, r, scale, shift, 0, d);
        }
    }

    private static double mean(long x, int d) {
        double sum = 0;
        for (int i = 0; i < d; i++) {
            sum += Floats.get(x, i);
        }
        return sum / d;
    }

    static void normalise(long y, long x, double mean, double rstd, long scale, long shift, int from, int d) {
        for (int i = from; i < d; i++) {
            double normal = (Floats.get(x, i) - mean) * rstd;
            Floats.set(y, i, (float) (normal * Floats.get(scale, i) + Floats.get(shift, i)));
        }
    }

    @Override
    public void backward(
            long gradX,
            long scaleSums,
            long shiftSums,
            long gradY,
            long x,
            long mean,
            long rstd,
            long scale,
            int rows,
            int d) {
        double[] sums = new double[2];
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            double m = Floats.get(mean, row);
            double r = Floats.get(rstd, row);
            sums[0] = 0;
            sums[1] = 0;
            collect(sums, scaleSums, shiftSums, gradY + skip, x + skip, scale, m, r, 0, d);
            if (gradX != 0) {
                spread(gradX + skip, gradY + skip, x + skip, scale, m, r, sums[0] / d, sums[1] / d, 0, d);
            }
        }
    }

    /** Adds to all sums: over rows, and {Σ g, Σ g·normal} of this row with g = gradY · scale. */
    static void collect(
            double[] sums,
            long scaleSums,
            long shiftSums,
            long gradY,
            long x,
            long scale,
            double mean,
            double rstd,
            int from,
            int d) {
        for (int i = from; i < d; i++) {
            double grad = Floats.get(gradY, i);
            double normal = (Floats.get(x, i) - mean) * rstd;
            double g = grad * Floats.get(scale, i);
            Floats.add(shiftSums, i, (float) grad);
            Floats.add(scaleSums, i, (float) (grad * normal));
            sums[0] += g;
            sums[1] += g * normal;
        }
    }

    static void spread(
            long gradX,
            long gradY,
            long x,
            long scale,
            double mean,
            double rstd,
            double direct,
            double along,
            int from,
            int d) {
        for (int i = from; i < d; i++) {
            double normal = (Floats.get(x, i) - mean) * rstd;
            double g = (double) Floats.get(gradY, i) * Floats.get(scale, i);
            Floats.add(gradX, i, (float) (rstd * (g - direct - normal * along)));
        }
    }
}
