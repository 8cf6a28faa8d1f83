package mezzotint.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Functions of whole vectors, of any width: inlined into a loop over one species they fold to straight code.
 *
 * <p>Only classes that are loaded when the device has vectors may name this one.
 */
final class VectorMath {
    private static final float LOG2_E = 1.44269504f;
    /** 1.5 · 2²³ + 127: adding it rounds to an integer, and the low bits then hold the exponent of that power of 2. */
    private static final float ROUND = 12583039f;
    /** ln 2 in two parts; the high one has so few bits that its product with an exponent is exact. */
    private static final float LN2_HIGH = 0.693145752f;

    private static final float LN2_LOW = 1.42860677e-6f;

    private static final float LOWEST = -87f;
    private static final float HIGHEST = 88f;

    private static final VectorShuffle<Float> EIGHT_OF_16 = across(FloatVector.SPECIES_512, 8);
    private static final VectorShuffle<Float> FOUR_OF_16 = across(FloatVector.SPECIES_512, 4);
    private static final VectorShuffle<Float> TWO_OF_16 = across(FloatVector.SPECIES_512, 2);
    private static final VectorShuffle<Float> ONE_OF_16 = across(FloatVector.SPECIES_512, 1);
    private static final VectorShuffle<Float> FOUR_OF_8 = across(FloatVector.SPECIES_256, 4);
    private static final VectorShuffle<Float> TWO_OF_8 = across(FloatVector.SPECIES_256, 2);
    private static final VectorShuffle<Float> ONE_OF_8 = across(FloatVector.SPECIES_256, 1);

    private VectorMath() {}

    private static VectorShuffle<Float> across(VectorSpecies<Float> species, int distance) {
        return VectorShuffle.fromOp(species, lane -> lane ^ distance);
    }

    /**
     * Sum of the lanes of a vector of 256 or 512 bits, in a fixed order: that of {@code reduceLanes} is left open and differs
     * between interpreted and compiled code, so a run would not repeat its bits.
     */
    static float sum(FloatVector x) {
        if (x.length() == 16) {
            FloatVector y = x.add(x.rearrange(EIGHT_OF_16));
            y = y.add(y.rearrange(FOUR_OF_16));
            y = y.add(y.rearrange(TWO_OF_16));
            return y.add(y.rearrange(ONE_OF_16)).lane(0);
        }
        FloatVector y = x.add(x.rearrange(FOUR_OF_8));
        y = y.add(y.rearrange(TWO_OF_8));
        return y.add(y.rearrange(ONE_OF_8)).lane(0);
    }

    /**
     * <pre>e^x</pre>
     *
     * Relative error at most 1e-7 on [−87, 88]; arguments outside are taken to the nearer end; NaN stays NaN.
     */
    static FloatVector exp(FloatVector x) {
        return expUpTo88(x.blend(HIGHEST, x.compare(VectorOperators.GT, HIGHEST)));
    }

    /** {@link #exp} for arguments that are known to be at most 88, as those of a softmax are. */
    static FloatVector expUpTo88(FloatVector argument) {
        FloatVector x = argument.max(LOWEST);
        FloatVector shifted = x.fma(x.broadcast(LOG2_E), x.broadcast(ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(x.broadcast(-LN2_HIGH), x);
        r = n.fma(x.broadcast(-LN2_LOW), r);
        // e^r on [−½ ln 2, ½ ln 2]: minimax polynomial of degree 7 (Cephes expf)
        FloatVector p = r.fma(x.broadcast(1.9875691500e-4f), x.broadcast(1.3981999507e-3f));
        p = p.fma(r, x.broadcast(8.3334519073e-3f));
        p = p.fma(r, x.broadcast(4.1665795894e-2f));
        p = p.fma(r, x.broadcast(1.6666665459e-1f));
        p = p.fma(r, x.broadcast(5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1f);
        return p.mul(
                shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
    }

    /** <pre>σ(x) = 1 / (1 + e^−x)</pre> relative error at most 3e-7 for x ≥ −87. */
    static FloatVector sigmoid(FloatVector x) {
        FloatVector denominator = exp(x.neg()).add(1f);
        return x.broadcast(1f).div(denominator);
    }

    /** Hyperbolic tangent, relative error at most 3e-7; a polynomial near 0, where 1 − 2/(e^2x + 1) would cancel. */
    static FloatVector tanh(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = z.fma(x.broadcast(-5.70498872745e-3f), x.broadcast(2.06390887954e-2f));
        p = p.fma(z, x.broadcast(-5.37397155531e-2f));
        p = p.fma(z, x.broadcast(1.33314422036e-1f));
        p = p.fma(z, x.broadcast(-3.33332819422e-1f));
        FloatVector small = p.fma(z.mul(x), x);
        FloatVector large = x.broadcast(-2f).div(exp(x.add(x)).add(1f)).add(1f);
        return large.blend(small, x.abs().compare(VectorOperators.LT, 0.625f));
    }
}
