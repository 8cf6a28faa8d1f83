package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link CpuPooling.Maxima} in vectors; what does not fill one goes through {@link PlainMaxima}. */
final class VectorMaxima implements CpuPooling.Maxima {
    private static final int W = Lanes.COUNT;

    @Override
    public void take(long y, long index, long x, int place, int d, boolean first) {
        int whole = Lanes.whole(d);
        if (first) {
            copy(y, index, x, place, whole);
        } else {
            takeLarger(y, index, x, place, whole);
        }
        PlainMaxima.take(y, index, x, place, whole, d, first);
    }

    /** Places move as the bits of floats, which nothing computes with. */
    private static void copy(long y, long index, long x, int place, int whole) {
        FloatVector places = Lanes.all(Float.intBitsToFloat(place));
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(x, i), y, i);
            Lanes.store(places, index, i);
        }
    }

    private static void takeLarger(long y, long index, long x, int place, int whole) {
        FloatVector places = Lanes.all(Float.intBitsToFloat(place));
        for (int i = 0; i < whole; i += W) {
            FloatVector value = Lanes.load(x, i);
            FloatVector best = Lanes.load(y, i);
            VectorMask<Float> nan = value.compare(VectorOperators.NE, value);
            VectorMask<Float> bestNan = best.compare(VectorOperators.NE, best);
            VectorMask<Float> larger = value.compare(VectorOperators.GT, best).or(nan.andNot(bestNan));
            Lanes.store(best.blend(value, larger), y, i);
            Lanes.store(Lanes.load(index, i).blend(places, larger), index, i);
        }
    }
}
