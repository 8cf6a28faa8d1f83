package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link VectorMath} for {@link Lanes}, with its constants ready as vectors.
 *
 * <p>C2 stops inlining at 18,000 nodes, and a broadcast costs it as many as an operation: with broadcasts in place the backward
 * of GELU does not fit, its vectors become objects, and it runs at a tenth of the speed.
 */
final class RowMath {
    static final FloatVector ONE = Lanes.all(1f);

    private static final FloatVector LOG2_E = Lanes.all(1.44269504f);
    /** 1.5 · 2²³: adding it rounds to an integer, which then stands in the low bits. */
    private static final FloatVector ROUND = Lanes.all(12582912f);
    /** ln 2 in two parts; the high one has so few bits that its product with an exponent is exact. */
    private static final FloatVector MINUS_LN2_HIGH = Lanes.all(-0.693145752f);

    private static final FloatVector MINUS_LN2_LOW = Lanes.all(-1.42860677e-6f);
    private static final FloatVector LOWEST = Lanes.all(-87f);
    private static final FloatVector HIGHEST = Lanes.all(88f);

    // e^r on [−½ ln 2, ½ ln 2]: minimax polynomial of degree 7 (Cephes expf)
    private static final FloatVector P7 = Lanes.all(1.98756912e-4f);
    private static final FloatVector P6 = Lanes.all(1.39819994e-3f);
    private static final FloatVector P5 = Lanes.all(8.33345205e-3f);
    private static final FloatVector P4 = Lanes.all(4.16657962e-2f);
    private static final FloatVector P3 = Lanes.all(1.66666657e-1f);
    private static final FloatVector P2 = Lanes.all(5e-1f);

    private RowMath() {}

    /** <pre>e^x</pre> as {@link VectorMath#exp}: relative error at most 1e-7 on [−87, 88], clamped outside, NaN stays. */
    static FloatVector exp(FloatVector x) {
        VectorMask<Float> high = x.compare(VectorOperators.GT, HIGHEST);
        return expUpTo88(x.blend(HIGHEST, high));
    }

    /** {@link #exp} for arguments that are known to be at most 88. */
    static FloatVector expUpTo88(FloatVector argument) {
        FloatVector x = argument.blend(LOWEST, argument.compare(VectorOperators.LT, LOWEST));
        FloatVector shifted = x.fma(LOG2_E, ROUND);
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
        FloatVector p = r.fma(P7, P6).fma(r, P5).fma(r, P4).fma(r, P3).fma(r, P2);
        p = p.fma(r.mul(r), r).add(ONE);
        return p.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }

    /** <pre>σ(x) = 1 / (1 + e^−x)</pre> relative error at most 3e-7 for x ≥ −87. */
    static FloatVector sigmoid(FloatVector x) {
        return ONE.div(exp(x.neg()).add(ONE));
    }
}
