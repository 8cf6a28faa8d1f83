package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/** {@link CpuGeglu} in vectors; what does not fill one goes through {@link PlainGeglu}. */
final class VectorGeglu implements CpuGeglu.Loops {
    private static final float TWICE = (float) PlainGeglu.TWICE;
    private static final float CUBIC = (float) (PlainGeglu.TWICE * PlainGeglu.CUBIC);

    @Override
    public void forward(long y, long gate, long up, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = Lanes.load(gate, i);
            Lanes.store(x.mul(Lanes.load(up, i)).mul(weight(x)), y, i);
        }
        PlainGeglu.forward(y, gate, up, whole, n);
    }

    @Override
    public void backward(long gradGate, long gradUp, long gradY, long gate, long up, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = Lanes.load(gate, i);
            FloatVector weight = weight(x);
            FloatVector grad = Lanes.load(gradY, i);
            FloatVector gelu = x.mul(weight);
            if (gradUp != 0) {
                Lanes.store(grad.fma(gelu, Lanes.load(gradUp, i)), gradUp, i);
            }
            if (gradGate != 0) {
                FloatVector slopeOf2u = x.mul(x).fma(Lanes.all(3 * CUBIC), Lanes.all(TWICE));
                FloatVector slope = gelu.mul(Lanes.all(1f).sub(weight)).fma(slopeOf2u, weight);
                FloatVector into = Lanes.load(gradGate, i);
                Lanes.store(grad.mul(Lanes.load(up, i)).fma(slope, into), gradGate, i);
            }
        }
        PlainGeglu.backward(gradGate, gradUp, gradY, gate, up, whole, n);
    }

    /** σ(2u), see {@link PlainGeglu#TWICE}. */
    private static FloatVector weight(FloatVector x) {
        return VectorMath.sigmoid(x.mul(x.mul(x).fma(Lanes.all(CUBIC), Lanes.all(TWICE))));
    }
}
