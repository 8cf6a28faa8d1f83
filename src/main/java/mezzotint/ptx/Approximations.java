package mezzotint.ptx;

/** What the special function unit computes, here to float32 accuracy. */
final class Approximations {
    // Coefficients of 2^f for f in [-1/2, 1/2]: the Taylor series of exp(f ln 2), error below 1e-10.
    private static final double C1 = 0.6931471805599453;
    private static final double C2 = 0.24022650695910072;
    private static final double C3 = 0.05550410866482158;
    private static final double C4 = 0.009618129107628477;
    private static final double C5 = 0.0013333558146428443;
    private static final double C6 = 1.5403530393381608e-4;
    private static final double C7 = 1.525273380405984e-5;
    private static final double C8 = 1.3215486790144307e-6;
    private static final double MOST = 200;

    private Approximations() {}

    /** 2 to the power x. */
    static float exp2(float x) {
        double bounded = Math.min(Math.max(x, -MOST), MOST);
        double whole = Math.rint(bounded);
        double f = bounded - whole;
        double power = 1 + f * (C1 + f * (C2 + f * (C3 + f * (C4 + f * (C5 + f * (C6 + f * (C7 + f * C8)))))));
        return (float) (power * Double.longBitsToDouble((long) (whole + 1023) << 52));
    }

    /** The logarithm to base 2. */
    static float log2(float x) {
        return (float) (Math.log(x) / C1);
    }

    static float sin(float x) {
        return (float) Math.sin(x);
    }

    static float cos(float x) {
        return (float) Math.cos(x);
    }

    static float tanh(float x) {
        return (float) Math.tanh(x);
    }

    /** a / b as {@code div.approx}: 0 for divisors beyond 2¹²⁶, as documented. */
    static float divide(float a, float b) {
        return Math.abs(b) > 0x1p126f && Math.abs(b) <= 0x1p128 && !Float.isInfinite(a) ? 0 * (a / b) : a / b;
    }
}
