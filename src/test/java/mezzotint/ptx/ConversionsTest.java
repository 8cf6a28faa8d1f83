package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Conversions between types against exact arithmetic. */
class ConversionsTest {
    private static final int TRIES = 25;
    private static final String[] INTEGERS = {"s16", "u16", "s32", "u32", "s64", "u64"};

    @Provide
    Arbitrary<long[]> whole() {
        return Arbitraries.frequencyOf(
                        Tuple.of(2, Arbitraries.longs()),
                        Tuple.of(2, Arbitraries.longs().between(-70_000, 70_000)),
                        Tuple.of(1, Arbitraries.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 24) + 1)))
                .array(long[].class)
                .ofSize(32);
    }

    @Provide
    Arbitrary<long[]> real() {
        return Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.floats().between(-300, 300)),
                        Tuple.of(2, Arbitraries.floats()),
                        Tuple.of(
                                1,
                                Arbitraries.of(
                                        0.5f,
                                        1.5f,
                                        -2.5f,
                                        Float.NaN,
                                        Float.POSITIVE_INFINITY,
                                        Float.NEGATIVE_INFINITY)))
                .map(x -> (long) Float.floatToRawIntBits(x))
                .array(long[].class)
                .ofSize(32);
    }

    private static BigInteger value(long bits, String type) {
        int width = Integer.parseInt(type.substring(1));
        BigInteger unsigned = new BigInteger(Long.toUnsignedString(bits << 64 - width >>> 64 - width));
        boolean negative = type.charAt(0) == 's' && unsigned.testBit(width - 1);
        return negative ? unsigned.subtract(BigInteger.ONE.shiftLeft(width)) : unsigned;
    }

    private static BigInteger clamp(BigInteger x, String type) {
        int width = Integer.parseInt(type.substring(1));
        boolean signed = type.charAt(0) == 's';
        BigInteger most = BigInteger.ONE.shiftLeft(signed ? width - 1 : width).subtract(BigInteger.ONE);
        BigInteger least = signed ? most.negate().subtract(BigInteger.ONE) : BigInteger.ZERO;
        return x.max(least).min(most);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void integersAreCutOrExtended(@ForAll("whole") long[] a) {
        for (String from : INTEGERS) {
            for (String to : INTEGERS) {
                if (from.equals(to)) {
                    continue;
                }
                long[] got = OneOp.run("cvt." + to + "." + from, to, new String[] {from}, a);
                long[] saturated = OneOp.run("cvt.sat." + to + "." + from, to, new String[] {from}, a);
                for (int i = 0; i < 32; i++) {
                    BigInteger x = value(a[i], from);
                    assertEquals(value(x.longValue(), to), value(got[i], to), "cvt." + to + "." + from + " of " + x);
                    assertEquals(clamp(x, to), value(saturated[i], to), "cvt.sat." + to + "." + from + " of " + x);
                }
            }
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void integersBecomeTheNearestFloat(@ForAll("whole") long[] a) {
        for (String from : INTEGERS) {
            long[] single = OneOp.run("cvt.rn.f32." + from, "f32", new String[] {from}, a);
            long[] twice = OneOp.run("cvt.rn.f64." + from, "f64", new String[] {from}, a);
            for (int i = 0; i < 32; i++) {
                BigInteger x = value(a[i], from);
                assertEquals(x.floatValue(), Float.intBitsToFloat((int) single[i]), "float of " + x);
                assertEquals(x.doubleValue(), Double.longBitsToDouble(twice[i]), "double of " + x);
            }
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void floatsBecomeIntegersInEveryRounding(@ForAll("real") long[] a) {
        for (String to : INTEGERS) {
            for (String mode : new String[] {"rni", "rzi", "rmi", "rpi"}) {
                long[] got = OneOp.run("cvt." + mode + "." + to + ".f32", to, new String[] {"f32"}, a);
                for (int i = 0; i < 32; i++) {
                    float x = Float.intBitsToFloat((int) a[i]);
                    assertEquals(rounded(x, mode, to), value(got[i], to), mode + " of " + x + " to " + to);
                }
            }
        }
    }

    private static BigInteger rounded(float x, String mode, String to) {
        if (Float.isNaN(x)) {
            // NVIDIA's GPUs give 0, and for 64 bits the top bit alone.
            return to.endsWith("64") ? value(Long.MIN_VALUE, to) : BigInteger.ZERO;
        }
        if (Float.isInfinite(x)) {
            return clamp(BigInteger.ONE.shiftLeft(70).multiply(BigInteger.valueOf(x > 0 ? 1 : -1)), to);
        }
        RoundingMode rounding = switch (mode) {
            case "rni" -> RoundingMode.HALF_EVEN;
            case "rzi" -> RoundingMode.DOWN;
            case "rmi" -> RoundingMode.FLOOR;
            default -> RoundingMode.CEILING;
        };
        return clamp(new BigDecimal(x).setScale(0, rounding).toBigInteger(), to);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void floatsRoundToWholeFloats(@ForAll("real") long[] a) {
        long[] near = OneOp.run("cvt.rni.f32.f32", "f32", new String[] {"f32"}, a);
        long[] down = OneOp.run("cvt.rmi.f32.f32", "f32", new String[] {"f32"}, a);
        long[] brain = OneOp.run("cvt.rn.bf16.f32", "b16", new String[] {"f32"}, a);
        long[] wide = OneOp.run("cvt.f64.f32", "f64", new String[] {"f32"}, a);
        for (int i = 0; i < 32; i++) {
            float x = Float.intBitsToFloat((int) a[i]);
            assertEquals((float) Math.rint(x), Float.intBitsToFloat((int) near[i]));
            assertEquals((float) Math.floor(x), Float.intBitsToFloat((int) down[i]));
            assertEquals((double) x, Double.longBitsToDouble(wide[i]));
            if (Float.isNaN(x)) {
                assertEquals(0x7fff, brain[i] & 0xffff);
            } else {
                float narrow = Float.intBitsToFloat((int) brain[i] << 16);
                double gap = Math.abs((double) narrow - x);
                double step = Math.ulp(x) * 0x1p16;
                // Half a step beyond the largest bf16 and more is infinite.
                boolean beyond = Math.abs(x) >= 0x1.ffp127 && Float.isInfinite(narrow);
                assertTrue(narrow == x || beyond || gap <= step / 2, x + " became " + narrow);
            }
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void halvesKeepTheirValue(@ForAll("real") long[] a) {
        long[] half = OneOp.run("cvt.rn.f16.f32", "b16", new String[] {"f32"}, a);
        long[] back = OneOp.run("cvt.f32.f16", "f32", new String[] {"f16"}, half);
        for (int i = 0; i < 32; i++) {
            float x = Float.intBitsToFloat((int) a[i]);
            assertEquals(
                    Float.float16ToFloat(Float.floatToFloat16(x)), Float.intBitsToFloat((int) back[i]), "half of " + x);
        }
    }
}
