package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/** {@link CpuAdaLayerNorm} in vectors; what does not fill one goes through {@link PlainAdaLayerNorm}. */
final class VectorAdaLayerNorm implements CpuAdaLayerNorm.Loops {
    private static final int W = Lanes.COUNT;

    @Override
    public void forward(long y, long mean, long rstd, long x, long shift, long scale, int rows, int d, float eps) {
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            float average = sum(x + skip, d) / d;
            float variance = sumOfSquares(x + skip, average, d) / d;
            float factor = (float) (1 / Math.sqrt(variance + eps));
            Floats.set(mean, row, average);
            Floats.set(rstd, row, factor);
            modulate(y + skip, x + skip, shift, scale, average, factor, d);
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
            collect(sums, shiftSums, scaleSums, gradY + skip, x + skip, scale, average, factor, d);
            if (gradX != 0) {
                float a = (float) (sums[0] / d);
                float b = (float) (sums[1] / d);
                spread(gradX + skip, gradY + skip, x + skip, scale, average, factor, a, b, d);
            }
        }
    }

    @Override
    public void add(long into, long sums, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(into, i).add(Lanes.load(sums, i)), into, i);
        }
        PlainAdaLayerNorm.add(into, sums, whole, n);
    }

    /** Four sums at a time, or each addition would wait for the last. */
    static float sum(long x, int d) {
        FloatVector s0 = Lanes.zero();
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= d - 4 * W; i += 4 * W) {
            s0 = s0.add(Lanes.load(x, i));
            s1 = s1.add(Lanes.load(x, i + W));
            s2 = s2.add(Lanes.load(x, i + 2 * W));
            s3 = s3.add(Lanes.load(x, i + 3 * W));
        }
        for (; i <= d - W; i += W) {
            s0 = s0.add(Lanes.load(x, i));
        }
        return Lanes.sum(s0.add(s1).add(s2.add(s3))) + PlainAdaLayerNorm.sum(x, i, d);
    }

    static float sumOfSquares(long x, float mean, int d) {
        FloatVector s0 = Lanes.zero();
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= d - 4 * W; i += 4 * W) {
            FloatVector c0 = Lanes.load(x, i).sub(mean);
            FloatVector c1 = Lanes.load(x, i + W).sub(mean);
            FloatVector c2 = Lanes.load(x, i + 2 * W).sub(mean);
            FloatVector c3 = Lanes.load(x, i + 3 * W).sub(mean);
            s0 = c0.fma(c0, s0);
            s1 = c1.fma(c1, s1);
            s2 = c2.fma(c2, s2);
            s3 = c3.fma(c3, s3);
        }
        for (; i <= d - W; i += W) {
            FloatVector c0 = Lanes.load(x, i).sub(mean);
            s0 = c0.fma(c0, s0);
        }
        return Lanes.sum(s0.add(s1).add(s2.add(s3))) + PlainAdaLayerNorm.sumOfSquares(x, mean, i, d);
    }

    private static void modulate(long y, long x, long shift, long scale, float mean, float rstd, int d) {
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
            Lanes.store(normal.fma(Lanes.load(scale, i).add(1f), Lanes.load(shift, i)), y, i);
        }
        PlainAdaLayerNorm.modulate(y, x, shift, scale, mean, rstd, whole, d);
    }

    private static void collect(
            double[] sums,
            long shiftSums,
            long scaleSums,
            long gradY,
            long x,
            long scale,
            float mean,
            float rstd,
            int d) {
        FloatVector sumOfG = Lanes.zero();
        FloatVector sumOfGx = Lanes.zero();
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector grad = Lanes.load(gradY, i);
            FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
            FloatVector g = grad.mul(Lanes.load(scale, i).add(1f));
            Lanes.store(Lanes.load(shiftSums, i).add(grad), shiftSums, i);
            Lanes.store(grad.fma(normal, Lanes.load(scaleSums, i)), scaleSums, i);
            sumOfG = sumOfG.add(g);
            sumOfGx = g.fma(normal, sumOfGx);
        }
        sums[0] = Lanes.sum(sumOfG);
        sums[1] = Lanes.sum(sumOfGx);
        PlainAdaLayerNorm.collect(sums, shiftSums, scaleSums, gradY, x, scale, mean, rstd, whole, d);
    }

    private static void spread(
            long gradX, long gradY, long x, long scale, float mean, float rstd, float a, float b, int d) {
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
            FloatVector g = Lanes.load(gradY, i).mul(Lanes.load(scale, i).add(1f));
            FloatVector inner = normal.fma(Lanes.all(-b), g.sub(a));
            Lanes.store(inner.fma(Lanes.all(rstd), Lanes.load(gradX, i)), gradX, i);
        }
        PlainAdaLayerNorm.spread(gradX, gradY, x, scale, mean, rstd, a, b, whole, d);
    }
}
