package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

/** Float32, float64 and 16-bit arithmetic against float64 and exact decimals. */
class FloatInstructionsTest {
    private static final int TRIES = 25;

    @Provide
    Arbitrary<long[]> floats() {
        return Arbitraries.frequencyOf(
                        Tuple.of(4, Arbitraries.floats().between(-1e4f, 1e4f)),
                        Tuple.of(2, Arbitraries.floats()),
                        Tuple.of(
                                1,
                                Arbitraries.of(
                                        0f,
                                        -0f,
                                        1f,
                                        Float.NaN,
                                        Float.POSITIVE_INFINITY,
                                        Float.NEGATIVE_INFINITY,
                                        Float.MIN_VALUE,
                                        -Float.MIN_NORMAL / 2,
                                        Float.MAX_VALUE)))
                .map(x -> (long) Float.floatToRawIntBits(x) & 0xffffffffL)
                .array(long[].class)
                .ofSize(32);
    }

    @Provide
    Arbitrary<long[]> doubles() {
        return Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.doubles().between(-1e9, 1e9)),
                        Tuple.of(1, Arbitraries.doubles()),
                        Tuple.of(1, Arbitraries.of(0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY)))
                .map(Double::doubleToRawLongBits)
                .array(long[].class)
                .ofSize(32);
    }

    private static float value(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    private static void same(float want, long got, String what) {
        if (Float.isNaN(want)) {
            assertTrue(Float.isNaN(value(got)), what + ": NaN expected, got " + value(got));
        } else {
            assertEquals(Float.floatToRawIntBits(want), (int) got, what + ": " + want + " expected, got " + value(got));
        }
    }

    private static void binary(String instruction, long[] a, long[] b, DoubleBinaryOperator exact) {
        long[] got = OneOp.run(instruction, "f32", new String[] {"f32", "f32"}, a, b);
        for (int i = 0; i < 32; i++) {
            // One operation on float32 done in float64 and rounded once more is correctly rounded: 53 ≥ 2·24 + 2.
            float want = (float) exact.applyAsDouble(value(a[i]), value(b[i]));
            same(want, got[i], instruction + " of " + value(a[i]) + ", " + value(b[i]));
        }
    }

    private static void unary(String instruction, long[] a, DoubleUnaryOperator exact) {
        long[] got = OneOp.run(instruction, "f32", new String[] {"f32"}, a);
        for (int i = 0; i < 32; i++) {
            same((float) exact.applyAsDouble(value(a[i])), got[i], instruction + " of " + value(a[i]));
        }
    }

    private static double flush(double x) {
        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0, x) : x;
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void arithmeticRoundsToNearest(@ForAll("floats") long[] a, @ForAll("floats") long[] b) {
        binary("add.f32", a, b, Double::sum);
        binary("sub.f32", a, b, (x, y) -> x - y);
        binary("mul.rn.f32", a, b, (x, y) -> x * y);
        binary("div.rn.f32", a, b, (x, y) -> x / y);
        unary("rcp.rn.f32", a, x -> 1 / x);
        unary("sqrt.rn.f32", a, Math::sqrt);
        unary("neg.f32", a, x -> -x);
        unary("abs.f32", a, Math::abs);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void flushingMakesSubnormalsZero(@ForAll("floats") long[] a, @ForAll("floats") long[] b) {
        binary("mul.ftz.f32", a, b, (x, y) -> flush((float) (flush(x) * flush(y))));
        binary("add.ftz.f32", a, b, (x, y) -> flush((float) (flush(x) + flush(y))));
        binary("add.sat.f32", a, b, (x, y) -> Double.isNaN(x + y) ? 0 : Math.clamp(x + y, 0.0, 1.0) + 0.0);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void fusedProductsRoundOnce(@ForAll("floats") long[] a, @ForAll("floats") long[] b, @ForAll("floats") long[] c) {
        long[] got = OneOp.run("fma.rn.f32", "f32", new String[] {"f32", "f32", "f32"}, a, b, c);
        for (int i = 0; i < 32; i++) {
            same(Math.fma(value(a[i]), value(b[i]), value(c[i])), got[i], "fma");
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void directedRoundingsBracketTheExactValue(
            @ForAll("floats") long[] a, @ForAll("floats") long[] b, @ForAll("floats") long[] c) {
        for (String mode : new String[] {"rz", "rm", "rp"}) {
            long[] sum = OneOp.run("add." + mode + ".f32", "f32", new String[] {"f32", "f32"}, a, b);
            long[] fused = OneOp.run("fma." + mode + ".f32", "f32", new String[] {"f32", "f32", "f32"}, a, b, c);
            for (int i = 0; i < 32; i++) {
                float x = value(a[i]);
                float y = value(b[i]);
                float v = value(c[i]);
                if (Float.isFinite(x) && Float.isFinite(y)) {
                    bracket(mode, value(sum[i]), new BigDecimal(x).add(new BigDecimal(y)));
                    if (Float.isFinite(v)) {
                        BigDecimal product = new BigDecimal(x).multiply(new BigDecimal(y));
                        bracket(mode, value(fused[i]), product.add(new BigDecimal(v)));
                    }
                }
            }
        }
    }

    private static void bracket(String mode, float got, BigDecimal exact) {
        boolean down = mode.equals("rm") || mode.equals("rz") && exact.signum() > 0;
        String what = mode + " of " + exact + " gave " + got;
        // The result lies on its side of the exact value, and the next number beyond does not.
        int side = compare(got, exact);
        assertTrue(down ? side <= 0 : side >= 0, what);
        if (side != 0) {
            assertTrue(down ? compare(Math.nextUp(got), exact) > 0 : compare(Math.nextDown(got), exact) < 0, what);
        }
    }

    private static int compare(float x, BigDecimal exact) {
        return Float.isInfinite(x) ? (x > 0 ? 1 : -1) : new BigDecimal(x).compareTo(exact);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void extremesPreferNumbersToNan(@ForAll("floats") long[] a, @ForAll("floats") long[] b) {
        binary("max.f32", a, b, (x, y) -> Double.isNaN(x) ? y : Double.isNaN(y) ? x : Math.max(x, y));
        binary("min.f32", a, b, (x, y) -> Double.isNaN(x) ? y : Double.isNaN(y) ? x : Math.min(x, y));
        binary("max.NaN.f32", a, b, (x, y) -> Math.max((float) x, (float) y));
        long[] sign = OneOp.run("copysign.f32", "f32", new String[] {"f32", "f32"}, a, b);
        for (int i = 0; i < 32; i++) {
            assertEquals((int) b[i] & 0x7fffffff | (int) a[i] & 0x80000000, (int) sign[i], "copysign");
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void approximationsKeepTheirDocumentedErrors(@ForAll("floats") long[] a, @ForAll("floats") long[] b) {
        // 2 ulp of float32 is the documented bound of these; ours is the rounded exact value, half an ulp.
        near("ex2.approx.f32", a, x -> Math.pow(2, x), 1);
        near("lg2.approx.f32", a, x -> Math.log(x) / Math.log(2), 1);
        near("rsqrt.approx.f32", a, x -> 1 / Math.sqrt(x), 1);
        near("rcp.approx.f32", a, x -> 1 / x, 1);
        near("sqrt.approx.f32", a, Math::sqrt, 1);
        near("tanh.approx.f32", a, Math::tanh, 1);
        near("sin.approx.f32", a, Math::sin, 1);
        near("cos.approx.f32", a, Math::cos, 1);
    }

    private static void near(String instruction, long[] a, DoubleUnaryOperator exact, int ulps) {
        long[] got = OneOp.run(instruction, "f32", new String[] {"f32"}, a);
        for (int i = 0; i < 32; i++) {
            float want = (float) exact.applyAsDouble(value(a[i]));
            if (Float.isNaN(want)) {
                assertTrue(Float.isNaN(value(got[i])), instruction + " of " + value(a[i]));
            } else {
                float y = value(got[i]);
                assertTrue(
                        y == want || Math.abs(y - want) <= ulps * Math.ulp(want),
                        instruction + " of " + value(a[i]) + ": " + want + " expected, got " + y);
            }
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void float64(@ForAll("doubles") long[] a, @ForAll("doubles") long[] b, @ForAll("doubles") long[] c) {
        String[] three = {"f64", "f64", "f64"};
        String[] two = {"f64", "f64"};
        long[] fma = OneOp.run("fma.rn.f64", "f64", three, a, b, c);
        long[] sum = OneOp.run("add.f64", "f64", two, a, b);
        long[] difference = OneOp.run("sub.f64", "f64", two, a, b);
        long[] product = OneOp.run("mul.f64", "f64", two, a, b);
        long[] quotient = OneOp.run("div.rn.f64", "f64", two, a, b);
        long[] root = OneOp.run("sqrt.rn.f64", "f64", new String[] {"f64"}, a);
        for (int i = 0; i < 32; i++) {
            double x = Double.longBitsToDouble(a[i]);
            double y = Double.longBitsToDouble(b[i]);
            same(Math.fma(x, y, Double.longBitsToDouble(c[i])), fma[i]);
            same(x + y, sum[i]);
            same(x - y, difference[i]);
            same(x * y, product[i]);
            same(x / y, quotient[i]);
            same(Math.sqrt(x), root[i]);
        }
    }

    private static void same(double want, long got) {
        assertEquals(Double.doubleToLongBits(want), Double.doubleToLongBits(Double.longBitsToDouble(got)));
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void sixteenBitPairsRoundOnce(@ForAll("floats") long[] a, @ForAll("floats") long[] b, @ForAll("floats") long[] c) {
        String[] types = {"bf16x2", "bf16x2", "bf16x2"};
        long[] got = OneOp.run("fma.rn.bf16x2", "bf16x2", types, a, b, c);
        for (int i = 0; i < 32; i++) {
            for (int half = 0; half < 32; half += 16) {
                float x = brain(a[i] >>> half);
                float y = brain(b[i] >>> half);
                float v = brain(c[i] >>> half);
                float want = nearestBrain(x, y, v);
                float have = brain(got[i] >>> half);
                assertTrue(want == have || Float.isNaN(want) && Float.isNaN(have), "fma of " + x + ", " + y + ", " + v);
            }
        }
    }

    private static float brain(long bits) {
        return Float.intBitsToFloat((int) (bits & 0xffff) << 16);
    }

    /** The bf16 nearest to x·y + v, found among the neighbours of a first guess by exact comparison. */
    private static float nearestBrain(float x, float y, float v) {
        float guess = Math.fma(x, y, v);
        if (!Float.isFinite(guess)) {
            return guess;
        }
        BigDecimal exact = new BigDecimal(x).multiply(new BigDecimal(y)).add(new BigDecimal(v));
        int low = Float.floatToRawIntBits(guess) & 0xffff0000;
        float best = Float.intBitsToFloat(low);
        for (int step = -1; step <= 1; step++) {
            float candidate = Float.intBitsToFloat(low + (step << 16));
            if (!Float.isFinite(candidate)) {
                continue;
            }
            int closer = new BigDecimal(candidate)
                    .subtract(exact)
                    .abs()
                    .compareTo(new BigDecimal(best).subtract(exact).abs());
            boolean even = (Float.floatToRawIntBits(candidate) >>> 16 & 1) == 0;
            if (closer < 0 || closer == 0 && even) {
                best = candidate;
            }
        }
        // Beyond the largest bf16 by half a step or more is infinite.
        BigDecimal limit = new BigDecimal(Float.intBitsToFloat(0x7f7f0000)).add(new BigDecimal(Math.scalb(1.0, 119)));
        return exact.abs().compareTo(limit) >= 0 ? Math.copySign(Float.POSITIVE_INFINITY, guess) : best;
    }

    @Test
    void aPairConvertsItsFirstSourceIntoTheHighHalf() {
        long[] one = new long[32];
        long[] two = new long[32];
        java.util.Arrays.fill(one, Float.floatToRawIntBits(1f));
        java.util.Arrays.fill(two, Float.floatToRawIntBits(2f));
        long[] got = OneOp.run("cvt.rn.bf16x2.f32", "b32", new String[] {"f32", "f32"}, one, two);
        assertEquals(0x3f804000, (int) got[5]);
        java.util.Arrays.fill(one, Float.floatToRawIntBits(Float.NaN));
        got = OneOp.run("cvt.rn.bf16x2.f32", "b32", new String[] {"f32", "f32"}, one, two);
        assertEquals(0x7fff4000, (int) got[5], "a NaN becomes 0x7fff");
    }
}
