package mezzotint.kernel.cpu;

/** {@link CpuAdaLayerNorm} in ordinary loops. */
final class PlainAdaLayerNorm implements CpuAdaLayerNorm.Loops {
    @Override
    public void forward(long y, long mean, long rstd, long x, long shift, long scale, int rows, int d, float eps) {
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            float average = sum(x + skip, 0, d) / d;
            float variance = sumOfSquares(x + skip, average, 0, d) / d;
            float factor = (float) (1 / Math.sqrt(variance + eps));
            Floats.set(mean, row, average);
            Floats.set(rstd, row, factor);
            modulate(y + skip, x + skip, shift, scale, average, factor, 0, d);
        }
    }

    @Override
    public void backward(
            long gradX,
            long shiftSums,
            long scaleSums,
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
            float average = Floats.get(mean, row);
            float factor = Floats.get(rstd, row);
            sums[0] = 0;
            sums[1] = 0;
            collect(sums, shiftSums, scaleSums, gradY + skip, x + skip, scale, average, factor, 0, d);
            if (gradX != 0) {
                float a = (float) (sums[0] / d);
                float b = (float) (sums[1] / d);
                spread(gradX + skip, gradY + skip, x + skip, scale, average, factor, a, b, 0, d);
            }
        }
    }

    @Override
    public void add(long into, long sums, int n) {
        add(into, sums, 0, n);
    }

    static void add(long into, long sums, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.add(into, i, Floats.get(sums, i));
        }
    }

    static float sum(long x, int from, int d) {
        float sum = 0;
        for (int i = from; i < d; i++) {
            sum += Floats.get(x, i);
        }
        return sum;
    }

    static float sumOfSquares(long x, float mean, int from, int d) {
        float sum = 0;
        for (int i = from; i < d; i++) {
            float centred = Floats.get(x, i) - mean;
            sum += centred * centred;
        }
        return sum;
    }

    static void modulate(long y, long x, long shift, long scale, float mean, float rstd, int from, int d) {
        for (int i = from; i < d; i++) {
            float normal = (Floats.get(x, i) - mean) * rstd;
            Floats.set(y, i, normal * (1 + Floats.get(scale, i)) + Floats.get(shift, i));
        }
    }

    /** Adds a row to the sums over rows, and to {@code sums} Σ g and Σ g·x̂ over the row, with g = (1 + scale)·gradY. */
    static void collect(
            double[] sums,
            long shiftSums,
            long scaleSums,
            long gradY,
            long x,
            long scale,
            float mean,
            float rstd,
            int from,
            int d) {
        for (int i = from; i < d; i++) {
            float grad = Floats.get(gradY, i);
            float normal = (Floats.get(x, i) - mean) * rstd;
            Floats.add(shiftSums, i, grad);
            Floats.add(scaleSums, i, grad * normal);
            float g = grad * (1 + Floats.get(scale, i));
            sums[0] += g;
            sums[1] += g * normal;
        }
    }

    /** gradX += rstd · (g − a − x̂·b), where a and b are the means of g and of g·x̂. */
    static void spread(
            long gradX, long gradY, long x, long scale, float mean, float rstd, float a, float b, int from, int d) {
        for (int i = from; i < d; i++) {
            float normal = (Floats.get(x, i) - mean) * rstd;
            float g = Floats.get(gradY, i) * (1 + Floats.get(scale, i));
            Floats.add(gradX, i, rstd * (g - a - normal * b));
        }
    }
}
