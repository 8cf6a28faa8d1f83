package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/** {@link RowDots} in vectors: a sum per lane, the lanes in a fixed tree, then what is left of the depth in order. */
final class VectorRowDots implements RowDots {
    @Override
    public void dots(int depth, long a, long b, long bRowBytes, long addend, long c) {
        int whole = Lanes.whole(depth);
        long b1 = b + bRowBytes;
        long b2 = b1 + bRowBytes;
        long b3 = b2 + bRowBytes;
        FloatVector v0 = Lanes.zero();
        FloatVector v1 = Lanes.zero();
        FloatVector v2 = Lanes.zero();
        FloatVector v3 = Lanes.zero();
        for (int k = 0; k < whole; k += Lanes.COUNT) {
            FloatVector x = Lanes.load(a, k);
            v0 = x.fma(Lanes.load(b, k), v0);
            v1 = x.fma(Lanes.load(b1, k), v1);
            v2 = x.fma(Lanes.load(b2, k), v2);
            v3 = x.fma(Lanes.load(b3, k), v3);
        }
        Floats.set(c, 0, Floats.get(addend, 0) + (Lanes.sum(v0) + rest(whole, depth, a, b)));
        Floats.set(c, 1, Floats.get(addend, 1) + (Lanes.sum(v1) + rest(whole, depth, a, b1)));
        Floats.set(c, 2, Floats.get(addend, 2) + (Lanes.sum(v2) + rest(whole, depth, a, b2)));
        Floats.set(c, 3, Floats.get(addend, 3) + (Lanes.sum(v3) + rest(whole, depth, a, b3)));
    }

    private static float rest(int from, int depth, long a, long b) {
        float sum = 0;
        for (int k = from; k < depth; k++) {
            sum += Floats.get(a, k) * Floats.get(b, k);
        }
        return sum;
    }
}
