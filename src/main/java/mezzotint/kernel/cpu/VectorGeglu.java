package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link CpuGeglu} in vectors; what does not fill one goes through {@link PlainGeglu}. */
final class VectorGeglu implements CpuGeglu.Loops {
    private static final FloatVector TWICE = Lanes.all((float) PlainGeglu.TWICE);
    private static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector LEAST = Lanes.all(PlainGeglu.LEAST);
    private static final FloatVector CUBIC = Lanes.all((float) (PlainGeglu.TWICE * PlainGeglu.CUBIC));
    private static final FloatVector CUBIC_SLOPE = Lanes.all((float) (3 * PlainGeglu.TWICE * PlainGeglu.CUBIC));

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
    public void backward(long gradGate, long gradUp, long gradY, long gate, long up, int n, boolean first) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = Lanes.load(gate, i);
            FloatVector weight = weight(x);
            FloatVector grad = Lanes.load(gradY, i);
            FloatVector gelu = x.mul(weight);
            if (gradUp != 0) {
                Lanes.store(grad.fma(gelu, Lanes.load(gradUp, i, first)), gradUp, i);
            }
            if (gradGate != 0) {
                FloatVector slopeOf2u = x.mul(x).fma(CUBIC_SLOPE, TWICE);
                FloatVector slope = gelu.mul(RowMath.ONE.sub(weight)).fma(slopeOf2u, weight);
                FloatVector into = Lanes.load(gradGate, i, first);
                Lanes.store(grad.mul(Lanes.load(up, i)).fma(slope, into), gradGate, i);
            }
        }
        PlainGeglu.backward(gradGate, gradUp, gradY, gate, up, whole, n, first);
    }

    /** σ(2u), see {@link PlainGeglu#TWICE}, and zero below {@link PlainGeglu#LEAST}. */
    static FloatVector weight(FloatVector x) {
        FloatVector twice = x.mul(x.mul(x).fma(CUBIC, TWICE));
        return RowMath.sigmoid(twice).blend(ZERO, twice.compare(VectorOperators.LT, LEAST));
    }
}
