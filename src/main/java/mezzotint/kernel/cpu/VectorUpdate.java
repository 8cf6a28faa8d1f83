package mezzotint.kernel.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import mezzotint.kernel.AdamWFactors;

/** {@link CpuUpdate} in vectors; what does not fill one goes through {@link PlainUpdate}. */
final class VectorUpdate implements CpuUpdate.Loops {
    private static final int W = Lanes.COUNT;

    @Override
    public void adamW(long value, long firstMoment, long secondMoment, long gradient, AdamWFactors f, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector g = Lanes.load(gradient, i).mul(f.gradientScale());
            FloatVector first = Lanes.load(firstMoment, i);
            FloatVector m = first.add(g.sub(first).mul(f.firstWeight()));
            FloatVector v = Lanes.load(secondMoment, i)
                    .mul(f.beta2())
                    .add(g.mul(f.secondWeight()).mul(g));
            Lanes.store(m, firstMoment, i);
            Lanes.store(v, secondMoment, i);
            FloatVector denominator = v.sqrt().div(f.root()).add(f.eps());
            FloatVector move = m.mul(f.size()).div(denominator);
            Lanes.store(Lanes.load(value, i).mul(f.decay()).add(move), value, i);
        }
        PlainUpdate.adamW(value, firstMoment, secondMoment, gradient, f, whole, n);
    }

    @Override
    public void average(long average, long value, float keep, float take, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector kept = Lanes.load(average, i).mul(keep);
            Lanes.store(kept.add(Lanes.load(value, i).mul(take)), average, i);
        }
        PlainUpdate.average(average, value, keep, take, whole, n);
    }

    @Override
    public double sumOfSquares(long x, int n) {
        DoubleVector low = DoubleVector.zero(Lanes.DOUBLES);
        DoubleVector high = low;
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            DoubleVector first = Lanes.widen(v, 0);
            DoubleVector second = Lanes.widen(v, 1);
            low = first.fma(first, low);
            high = second.fma(second, high);
        }
        return Lanes.sum(low.add(high)) + PlainUpdate.sumOfSquares(x, whole, n);
    }
}
