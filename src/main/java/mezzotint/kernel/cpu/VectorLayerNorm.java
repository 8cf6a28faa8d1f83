package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/** {@link CpuLayerNorm} in vectors; what does not fill one goes through {@link PlainLayerNorm}. */
final class VectorLayerNorm implements CpuLayerNorm.Loops {
    private static final int W = Lanes.COUNT;

    @Override
    public void forward(long y, long mean, long rstd, long x, long scale, long shift, int d, float eps) {
        float average = VectorAdaLayerNorm.sum(x, d) / d;
        float variance = VectorAdaLayerNorm.sumOfSquares(x, average, d) / d;
        float factor = (float) (1 / Math.sqrt((double) variance + eps));
        Floats.set(mean, 0, average);
        Floats.set(rstd, 0, factor);
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector normal = Lanes.load(x, i).sub(average).mul(factor);
            Lanes.store(normal.fma(Lanes.load(scale, i), Lanes.load(shift, i)), y, i);
        }
        PlainLayerNorm.normalise(y, x, average, factor, scale, shift, whole, d);
    }

    @Override
    public void backward(
            long gradX, long gradScale, long gradShift, long gradY, long x, float mean, float rstd, long scale, int d) {
        int whole = Lanes.whole(d);
        collect(gradScale, gradShift, gradY, x, mean, rstd, whole);
        PlainLayerNorm.collect(gradScale, gradShift, gradY, x, mean, rstd, whole, d);
        if (gradX == 0) {
            return;
        }
        FloatVector direct = Lanes.zero();
        FloatVector along = Lanes.zero();
        for (int i = 0; i < whole; i += W) {
            FloatVector g = Lanes.load(gradY, i).mul(Lanes.load(scale, i));
            direct = direct.add(g);
            along = g.fma(Lanes.load(x, i).sub(mean).mul(rstd), along);
        }
        double sumOfG = Lanes.sum(direct) + PlainLayerNorm.direct(gradY, scale, whole, d);
        double sumOfGx = Lanes.sum(along) + PlainLayerNorm.along(gradY, x, mean, rstd, scale, whole, d);
        spread(gradX, gradY, x, mean, rstd, scale, (float) (sumOfG / d), (float) (sumOfGx / d), whole);
        PlainLayerNorm.spread(gradX, gradY, x, mean, rstd, scale, sumOfG / d, sumOfGx / d, whole, d);
    }

    private static void collect(long gradScale, long gradShift, long gradY, long x, float mean, float rstd, int whole) {
        for (int i = 0; i < whole; i += W) {
            FloatVector grad = Lanes.load(gradY, i);
            if (gradScale != 0) {
                FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
                Lanes.store(grad.fma(normal, Lanes.load(gradScale, i)), gradScale, i);
            }
            if (gradShift != 0) {
                Lanes.store(Lanes.load(gradShift, i).add(grad), gradShift, i);
            }
        }
    }

    private static void spread(
            long gradX, long gradY, long x, float mean, float rstd, long scale, float direct, float along, int whole) {
        for (int i = 0; i < whole; i += W) {
            FloatVector normal = Lanes.load(x, i).sub(mean).mul(rstd);
            FloatVector g = Lanes.load(gradY, i).mul(Lanes.load(scale, i));
            FloatVector inner = normal.fma(Lanes.all(-along), g.sub(direct));
            Lanes.store(inner.fma(Lanes.all(rstd), Lanes.load(gradX, i)), gradX, i);
        }
    }
}
