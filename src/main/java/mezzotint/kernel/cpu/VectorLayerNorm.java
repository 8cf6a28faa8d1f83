package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/** {@link CpuLayerNorm} in vectors; what does not fill one goes through {@link PlainLayerNorm}. */
final class VectorLayerNorm implements CpuLayerNorm.Loops {
    private static final int W = Lanes.COUNT;

    @Override
    public void forward(long y, long mean, long rstd, long x, long scale, long shift, int rows, int d, float eps) {
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            float average = VectorAdaLayerNorm.sum(x + skip, d) / d;
            float variance = VectorAdaLayerNorm.sumOfSquares(x + skip, average, d) / d;
            float factor = (float) (1 / Math.sqrt(variance + eps));
            Floats.set(mean, row, average);
            Floats.set(rstd, row, factor);
            normalise(y + skip, x + skip, average, factor, scale, shift, d);
        }
    }

    private static void normalise(long y, long x, float mean, float rstd, long scale, long shift, int d) {
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
            Lanes.store(normal.fma(Lanes.load(scale, i), Lanes.load(shift, i)), y, i);
        }
        PlainLayerNorm.normalise(y, x, mean, rstd, scale, shift, whole, d);
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
            float average = Floats.get(mean, row);
            float factor = Floats.get(rstd, row);
            collect(sums, scaleSums, shiftSums, gradY + skip, x + skip, scale, average, factor, d);
            if (gradX != 0) {
                float direct = (float) (sums[0] / d);
                float along = (float) (sums[1] / d);
                spread(gradX + skip, gradY + skip, x + skip, scale, average, factor, direct, along, d);
            }
        }
    }

    /** Adds to the sums over rows, and sets the two over this row. */
    private static void collect(
            double[] sums,
            long scaleSums,
            long shiftSums,
            long gradY,
            long x,
            long scale,
            float mean,
            float rstd,
            int d) {
        FloatVector direct = Lanes.zero();
        FloatVector along = Lanes.zero();
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector grad = Lanes.load(gradY, i);
            FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
            FloatVector g = grad.mul(Lanes.load(scale, i));
            Lanes.store(Lanes.load(shiftSums, i).add(grad), shiftSums, i);
            Lanes.store(grad.fma(normal, Lanes.load(scaleSums, i)), scaleSums, i);
            direct = direct.add(g);
            along = g.fma(normal, along);
        }
        sums[0] = Lanes.sum(direct);
        sums[1] = Lanes.sum(along);
        PlainLayerNorm.collect(sums, scaleSums, shiftSums, gradY, x, scale, mean, rstd, whole, d);
    }

    private static void spread(
            long gradX, long gradY, long x, long scale, float mean, float rstd, float direct, float along, int d) {
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
            FloatVector g = Lanes.load(gradY, i).mul(Lanes.load(scale, i));
            FloatVector inner = normal.fma(Lanes.all(-along), g.sub(direct));
            Lanes.store(inner.fma(Lanes.all(rstd), Lanes.load(gradX, i)), gradX, i);
        }
        PlainLayerNorm.spread(gradX, gradY, x, scale, mean, rstd, direct, along, whole, d);
    }
}
