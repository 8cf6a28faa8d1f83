package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link CpuActivation} in vectors; what does not fill one goes through {@link PlainActivation}. */
final class VectorActivation implements CpuActivation.Loops {
    private static final int W = Lanes.COUNT;
    private static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector QUICK = Lanes.all((float) PlainActivation.QUICK);
    private static final FloatVector TWICE = Lanes.all((float) PlainGeglu.TWICE);
    private static final FloatVector CUBIC_SLOPE = Lanes.all((float) (3 * PlainGeglu.TWICE * PlainGeglu.CUBIC));

    @Override
    public void relu(long y, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(x, i).max(ZERO), y, i);
        }
        PlainActivation.relu(y, x, whole, n);
    }

    @Override
    public void reluBackward(long gradX, long gradY, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            VectorMask<Float> positive = Lanes.load(x, i).compare(VectorOperators.GT, ZERO);
            FloatVector before = Lanes.load(gradX, i);
            Lanes.store(before.blend(before.add(Lanes.load(gradY, i)), positive), gradX, i);
        }
        PlainActivation.reluBackward(gradX, gradY, x, whole, n);
    }

    @Override
    public void geluTanh(long y, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            Lanes.store(v.mul(VectorGeglu.weight(v)), y, i);
        }
        PlainActivation.geluTanh(y, x, whole, n);
    }

    @Override
    public void geluTanhBackward(long gradX, long gradY, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            FloatVector square = v.mul(v);
            FloatVector weight = VectorGeglu.weight(v);
            FloatVector slope = v.mul(weight).mul(RowMath.ONE.sub(weight)).fma(square.fma(CUBIC_SLOPE, TWICE), weight);
            Lanes.store(Lanes.load(gradY, i).fma(slope, Lanes.load(gradX, i)), gradX, i);
        }
        PlainActivation.geluTanhBackward(gradX, gradY, x, whole, n);
    }

    @Override
    public void quickGelu(long y, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            Lanes.store(v.mul(RowMath.sigmoid(v.mul(QUICK))), y, i);
        }
        PlainActivation.quickGelu(y, x, whole, n);
    }

    @Override
    public void quickGeluBackward(long gradX, long gradY, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector steep = Lanes.load(x, i).mul(QUICK);
            FloatVector sigmoid = RowMath.sigmoid(steep);
            FloatVector slope = steep.mul(sigmoid).fma(RowMath.ONE.sub(sigmoid), sigmoid);
            Lanes.store(Lanes.load(gradY, i).fma(slope, Lanes.load(gradX, i)), gradX, i);
        }
        PlainActivation.quickGeluBackward(gradX, gradY, x, whole, n);
    }

    @Override
    public void multiply(long y, long a, long b, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(a, i).mul(Lanes.load(b, i)), y, i);
        }
        PlainActivation.multiply(y, a, b, whole, n);
    }

    @Override
    public void addProduct(long y, long a, long b, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(a, i).fma(Lanes.load(b, i), Lanes.load(y, i)), y, i);
        }
        PlainActivation.addProduct(y, a, b, whole, n);
    }
}
