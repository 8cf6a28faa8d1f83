package mezzotint.kernel.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/** {@link CpuFlowMatch} in vectors; what does not fill one goes through {@link PlainFlowMatch}. */
final class VectorFlowMatch implements CpuFlowMatch.Loops {
    private static final int W = Lanes.COUNT;

    @Override
    public void combine(long y, long x, long z, float alpha, float beta, float gamma, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector weighted =
                    Lanes.load(x, i).mul(alpha).add(Lanes.load(z, i).mul(beta));
            Lanes.store(weighted.mul(gamma), y, i);
        }
        PlainFlowMatch.combine(y, x, z, alpha, beta, gamma, whole, n);
    }

    @Override
    public void addScaled(long y, long x, float factor, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(x, i).fma(Lanes.all(factor), Lanes.load(y, i)), y, i);
        }
        PlainPointwise.addScaled(y, x, factor, whole, n);
    }

    @Override
    public double squaredDistance(long a, long b, int n) {
        DoubleVector low = DoubleVector.zero(Lanes.DOUBLES);
        DoubleVector high = low;
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector difference = Lanes.load(a, i).sub(Lanes.load(b, i));
            DoubleVector first = Lanes.widen(difference, 0);
            DoubleVector second = Lanes.widen(difference, 1);
            low = first.fma(first, low);
            high = second.fma(second, high);
        }
        return Lanes.sum(low.add(high)) + PlainFlowMatch.squaredDistance(a, b, whole, n);
    }

    @Override
    public void addScaledDifference(long grad, long a, long b, float factor, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector difference = Lanes.load(a, i).sub(Lanes.load(b, i));
            Lanes.store(difference.fma(Lanes.all(factor), Lanes.load(grad, i)), grad, i);
        }
        PlainFlowMatch.addScaledDifference(grad, a, b, factor, whole, n);
    }
}
