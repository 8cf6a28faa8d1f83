package mezzotint.kernel.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link CpuSoftmax} in vectors; what does not fill one goes through {@link PlainSoftmax}. */
final class VectorSoftmax implements CpuSoftmax.Loops {
    private static final int W = Lanes.COUNT;
    private static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector LOWEST = Lanes.all(Float.NEGATIVE_INFINITY);

    @Override
    public void forward(long y, long x, long mask, int keys, float scale) {
        int whole = Lanes.whole(keys);
        float max = mask == 0 ? max(x, scale, whole) : maskedMax(x, mask, scale, whole);
        max = Math.max(max, PlainSoftmax.max(x, mask, scale, whole, keys));
        double sum =
                mask == 0 ? exponentials(y, x, scale, max, whole) : maskedExponentials(y, x, mask, scale, max, whole);
        sum += PlainSoftmax.exponentials(y, x, mask, scale, max, whole, keys);
        float factor = sum == 0 ? 0 : (float) (1 / sum);
        scale(y, factor, whole);
        PlainPointwise.scale(y, y, factor, whole, keys);
    }

    private static void scale(long y, float factor, int whole) {
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(y, i).mul(factor), y, i);
        }
    }

    private static VectorMask<Float> seen(long mask, int i) {
        return Lanes.load(mask, i).compare(VectorOperators.NE, ZERO);
    }

    /** Which of equal numbers wins does not matter, so {@code reduceLanes} may take them in any order. */
    private static float max(long x, float scale, int whole) {
        FloatVector max = Lanes.all(Float.NEGATIVE_INFINITY);
        for (int i = 0; i < whole; i += W) {
            max = max.max(Lanes.load(x, i).mul(scale));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static float maskedMax(long x, long mask, float scale, int whole) {
        FloatVector max = Lanes.all(Float.NEGATIVE_INFINITY);
        for (int i = 0; i < whole; i += W) {
            max = max.max(LOWEST.blend(Lanes.load(x, i).mul(scale), seen(mask, i)));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static double exponentials(long y, long x, float scale, float max, int whole) {
        DoubleVector sum0 = DoubleVector.zero(Lanes.DOUBLES);
        DoubleVector sum1 = sum0;
        for (int i = 0; i < whole; i += W) {
            FloatVector e = RowMath.expUpTo88(Lanes.load(x, i).fma(Lanes.all(scale), Lanes.all(-max)));
            Lanes.store(e, y, i);
            sum0 = sum0.add(Lanes.widen(e, 0));
            sum1 = sum1.add(Lanes.widen(e, 1));
        }
        return Lanes.sum(sum0.add(sum1));
    }

    private static double maskedExponentials(long y, long x, long mask, float scale, float max, int whole) {
        DoubleVector sum0 = DoubleVector.zero(Lanes.DOUBLES);
        DoubleVector sum1 = sum0;
        for (int i = 0; i < whole; i += W) {
            FloatVector all = RowMath.exp(Lanes.load(x, i).fma(Lanes.all(scale), Lanes.all(-max)));
            FloatVector e = ZERO.blend(all, seen(mask, i));
            Lanes.store(e, y, i);
            sum0 = sum0.add(Lanes.widen(e, 0));
            sum1 = sum1.add(Lanes.widen(e, 1));
        }
        return Lanes.sum(sum0.add(sum1));
    }

    @Override
    public void backward(long gradX, long gradY, long y, int keys, float scale) {
        int whole = Lanes.whole(keys);
        double dot = dot(gradY, y, whole) + PlainSoftmax.dot(gradY, y, whole, keys);
        addGradient(gradX, gradY, y, scale, (float) dot, whole);
        PlainSoftmax.addGradient(gradX, gradY, y, scale, dot, whole, keys);
    }

    /** Σ a·b, two sums at a time. */
    private static float dot(long a, long b, int whole) {
        FloatVector sum0 = Lanes.zero();
        FloatVector sum1 = Lanes.zero();
        int i = 0;
        for (; i <= whole - 2 * W; i += 2 * W) {
            sum0 = Lanes.load(a, i).fma(Lanes.load(b, i), sum0);
            sum1 = Lanes.load(a, i + W).fma(Lanes.load(b, i + W), sum1);
        }
        for (; i < whole; i += W) {
            sum0 = Lanes.load(a, i).fma(Lanes.load(b, i), sum0);
        }
        return Lanes.sum(sum0.add(sum1));
    }

    private static void addGradient(long gradX, long gradY, long y, float scale, float dot, int whole) {
        for (int i = 0; i < whole; i += W) {
            FloatVector slope = Lanes.load(gradY, i).sub(dot).mul(scale);
            Lanes.store(slope.fma(Lanes.load(y, i), Lanes.load(gradX, i)), gradX, i);
        }
    }
}
