package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.function.LongBinaryOperator;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Integer instructions against Java's own integers and BigInteger. */
class IntegerInstructionsTest {
    private static final int TRIES = 25;

    @Provide
    Arbitrary<long[]> lanes() {
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(3, Arbitraries.longs()),
                        net.jqwik.api.Tuple.of(2, Arbitraries.longs().between(-3, 70)),
                        net.jqwik.api.Tuple.of(
                                1,
                                Arbitraries.of(
                                        0L, -1L, Long.MIN_VALUE, (long) Integer.MIN_VALUE, 0x7fffffffL, 0x8000L)))
                .array(long[].class)
                .ofSize(32);
    }

    /** @param types of the result and the two operands; one word if they are the same */
    private static void check(String instruction, String types, long[] a, long[] b, LongBinaryOperator expected) {
        String[] words = types.split(" ");
        String out = words[0];
        String left = words[words.length / 2];
        String right = words[words.length - 1];
        long[] got = OneOp.run(instruction, out, new String[] {left, right}, a, b);
        for (int i = 0; i < 32; i++) {
            long want = narrow(expected.applyAsLong(widen(a[i], left), widen(b[i], right)), out);
            assertEquals(
                    want, narrow(got[i], out), instruction + " of " + widen(a[i], left) + ", " + widen(b[i], right));
        }
    }

    private static int bits(String type) {
        return Integer.parseInt(type.substring(1));
    }

    private static long widen(long x, String type) {
        int shift = 64 - bits(type);
        return type.charAt(0) == 's' ? x << shift >> shift : x << shift >>> shift;
    }

    private static long narrow(long x, String type) {
        int shift = 64 - bits(type);
        return x << shift >>> shift;
    }

    private static BigInteger big(long x, String type) {
        return type.equals("u64") ? new BigInteger(Long.toUnsignedString(x)) : BigInteger.valueOf(x);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void sumsDifferencesAndProductsWrap(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b) {
        for (String type : new String[] {"s16", "u16", "s32", "u32", "s64", "u64"}) {
            check("add." + type, type, a, b, Long::sum);
            check("sub." + type, type, a, b, (x, y) -> x - y);
            check("mul.lo." + type, type, a, b, (x, y) -> x * y);
            check(
                    "mul.hi." + type,
                    type,
                    a,
                    b,
                    (x, y) -> big(x, type)
                            .multiply(big(y, type))
                            .shiftRight(bits(type))
                            .longValue());
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void wideProductsKeepAllBits(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b) {
        check("mul.wide.s32", "s64 s32 s32", a, b, (x, y) -> x * y);
        check("mul.wide.u32", "u64 u32 u32", a, b, (x, y) -> x * y);
        check("mul.wide.s16", "s32 s16 s16", a, b, (x, y) -> x * y);
        check("mul.wide.u16", "u32 u16 u16", a, b, (x, y) -> x * y);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void quotientsRoundTowardsZero(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b) {
        long[] divisor = LongStream.of(b)
                .map(x -> (short) x == 0 || (int) x == 0 ? 3 : x)
                .toArray();
        for (String type : new String[] {"s16", "u16", "s32", "u32", "s64", "u64"}) {
            check(
                    "div." + type,
                    type,
                    a,
                    divisor,
                    (x, y) -> big(x, type).divide(big(y, type)).longValue());
            check(
                    "rem." + type,
                    type,
                    a,
                    divisor,
                    (x, y) -> big(x, type).remainder(big(y, type)).longValue());
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void extremesFollowTheSign(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b) {
        for (String type : new String[] {"s16", "u16", "s32", "u32", "s64", "u64"}) {
            check("min." + type, type, a, b, (x, y) -> big(x, type).compareTo(big(y, type)) < 0 ? x : y);
            check("max." + type, type, a, b, (x, y) -> big(x, type).compareTo(big(y, type)) > 0 ? x : y);
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void shiftsBeyondTheWidthAreClamped(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b) {
        check("shl.b32", "b32 u32 u32", a, b, (x, y) -> y > 31 ? 0 : x << y);
        check("shr.u32", "u32 u32 u32", a, b, (x, y) -> y > 31 ? 0 : x >>> y);
        check("shr.s32", "s32 s32 u32", a, b, (x, y) -> x >> Math.min(y, 31));
        check("shl.b64", "b64 u64 u32", a, b, (x, y) -> y > 63 ? 0 : x << y);
        check("shr.u64", "u64 u64 u32", a, b, (x, y) -> y > 63 ? 0 : x >>> y);
        check("shr.s64", "s64 s64 u32", a, b, (x, y) -> x >> Math.min(y, 63));
        check("shr.s16", "s16 s16 u32", a, b, (x, y) -> x >> Math.min(y, 15));
        check("shl.b16", "b16 u16 u32", a, b, (x, y) -> y > 15 ? 0 : x << y);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void logicIsBitwise(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b) {
        for (String type : new String[] {"b32", "b64"}) {
            check("and." + type, type, a, b, (x, y) -> x & y);
            check("or." + type, type, a, b, (x, y) -> x | y);
            check("xor." + type, type, a, b, (x, y) -> x ^ y);
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void threeOperandsMakeProductsAndSums(
            @ForAll("lanes") long[] a, @ForAll("lanes") long[] b, @ForAll("lanes") long[] c) {
        long[] mad = OneOp.run("mad.lo.s32", "s32", new String[] {"s32", "s32", "s32"}, a, b, c);
        long[] wide = OneOp.run("mad.wide.u32", "u64", new String[] {"u32", "u32", "u64"}, a, b, c);
        long[] sad = OneOp.run("sad.s32", "s32", new String[] {"s32", "s32", "s32"}, a, b, c);
        for (int i = 0; i < 32; i++) {
            assertEquals((int) a[i] * (int) b[i] + (int) c[i], (int) mad[i]);
            assertEquals((a[i] & 0xffffffffL) * (b[i] & 0xffffffffL) + c[i], wide[i]);
            assertEquals((int) (Math.abs((long) (int) a[i] - (int) b[i]) + (int) c[i]), (int) sad[i]);
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void bitFieldsAreCutOutAndPutIn(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b, @ForAll("lanes") long[] c) {
        long[] at = LongStream.of(b).map(x -> x & 31).toArray();
        long[] length = LongStream.range(0, 32).map(i -> c[(int) i] & 31).toArray();
        String[] types = {"u32", "u32", "u32"};
        long[] cut = OneOp.run("bfe.u32", "u32", types, a, at, length);
        long[] signed = OneOp.run("bfe.s32", "s32", types, a, at, length);
        long[] put = OneOp.run("bfi.b32", "b32", new String[] {"b32", "b32", "u32", "u32"}, a, c, at, length);
        for (int i = 0; i < 32; i++) {
            int x = (int) a[i];
            int from = (int) at[i];
            int n = (int) length[i];
            int fits = Math.min(n, 32 - from);
            int mask = fits == 0 ? 0 : -1 >>> 32 - fits;
            int field = x >>> from & mask;
            int sign = n == 0 ? 0 : x >> Math.min(from + n - 1, 31) & 1;
            assertEquals(field, (int) cut[i], "bfe.u32");
            assertEquals(sign == 0 ? field : field | ~mask, (int) signed[i], "bfe.s32");
            assertEquals((int) c[i] & ~(mask << from) | (x & mask) << from, (int) put[i], "bfi.b32");
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void countsOfBits(@ForAll("lanes") long[] a) {
        unary("popc.b32", "u32", "b32", a, x -> Integer.bitCount((int) x));
        unary("popc.b64", "u32", "b64", a, Long::bitCount);
        unary("clz.b32", "u32", "b32", a, x -> Integer.numberOfLeadingZeros((int) x));
        unary("clz.b64", "u32", "b64", a, Long::numberOfLeadingZeros);
        unary("brev.b32", "b32", "b32", a, x -> Integer.reverse((int) x));
        unary("bfind.u32", "u32", "u32", a, x -> 31 - Integer.numberOfLeadingZeros((int) x));
        unary("bfind.shiftamt.u32", "u32", "u32", a, x -> (int) x == 0 ? -1 : Integer.numberOfLeadingZeros((int) x));
        unary("not.b32", "b32", "b32", a, x -> ~x);
        unary("neg.s32", "s32", "s32", a, x -> -x);
        unary("abs.s32", "s32", "s32", a, x -> Math.abs((int) x));
        unary("neg.s16", "s16", "s16", a, x -> -x);
    }

    private static void unary(
            String instruction, String out, String in, long[] a, java.util.function.LongUnaryOperator expected) {
        long[] got = OneOp.run(instruction, out, new String[] {in}, a);
        for (int i = 0; i < 32; i++) {
            assertEquals(narrow(expected.applyAsLong(a[i]), out), narrow(got[i], out), instruction + " of " + a[i]);
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void permutationPicksBytes(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b, @ForAll("lanes") long[] c) {
        String[] types = {"b32", "b32", "b32"};
        long[] got = OneOp.run("prmt.b32", "b32", types, a, b, c);
        long[] funnel = OneOp.run("shf.l.wrap.b32", "b32", types, a, b, c);
        long[] right = OneOp.run("shf.r.clamp.b32", "b32", types, a, b, c);
        for (int i = 0; i < 32; i++) {
            byte[] bytes = new byte[8];
            for (int k = 0; k < 4; k++) {
                bytes[k] = (byte) (a[i] >>> 8 * k);
                bytes[k + 4] = (byte) (b[i] >>> 8 * k);
            }
            int want = 0;
            for (int k = 0; k < 4; k++) {
                int selector = (int) (c[i] >>> 4 * k) & 15;
                int value = (selector & 8) != 0 ? bytes[selector & 7] < 0 ? 0xff : 0 : bytes[selector & 7] & 0xff;
                want |= value << 8 * k;
            }
            assertEquals(want, (int) got[i], "prmt");
            long both = a[i] & 0xffffffffL | b[i] << 32;
            assertEquals((int) (both << (c[i] & 31) >>> 32), (int) funnel[i], "shf.l.wrap");
            long by = Math.min(c[i] & 0xffffffffL, 32);
            assertEquals((int) (both >>> by), (int) right[i], "shf.r.clamp");
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void anyTruthTable(
            @ForAll("lanes") long[] a,
            @ForAll("lanes") long[] b,
            @ForAll("lanes") long[] c,
            @ForAll @net.jqwik.api.constraints.IntRange(min = 0, max = 255) int table) {
        long[] got = OneOp.run(
                "lop3.b32", "b32", new String[] {"b32", "b32", "b32", "literal:" + table}, a, b, c, new long[32]);
        for (int i = 0; i < 32; i++) {
            for (int bit = 0; bit < 32; bit++) {
                int row = (int) (a[i] >>> bit & 1) << 2 | (int) (b[i] >>> bit & 1) << 1 | (int) (c[i] >>> bit & 1);
                assertEquals(table >>> row & 1, (int) (got[i] >>> bit & 1), "lop3 row " + row);
            }
        }
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
    void carriesRunThrough(@ForAll("lanes") long[] a, @ForAll("lanes") long[] b) {
        String text = PtxText.withOutput("""
            mul.wide.u32 %l1, %r0, 32;
            add.s64 %l1, %l0, %l1;
            ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%l1];
            add.cc.u32 %r5, %r1, %r3;
            addc.u32 %r6, %r2, %r4;
            sub.cc.u32 %r7, %r1, %r3;
            subc.u32 %r8, %r2, %r4;
            st.global.v4.u32 [%l1+16], {%r5, %r6, %r7, %r8};
            """);
        long[] memory = new long[4 * 32];
        for (int i = 0; i < 32; i++) {
            memory[4 * i] = a[i];
            memory[4 * i + 1] = b[i];
        }
        try (var bench = new PtxWorkbench()) {
            bench.load(text);
            long address = bench.upload(java.lang.foreign.MemorySegment.ofArray(memory));
            bench.launch("k", mezzotint.kernel.cuda.LaunchGrid.of(1, 32), args -> args.wide(address));
            bench.download(address, java.lang.foreign.MemorySegment.ofArray(memory));
        }
        for (int i = 0; i < 32; i++) {
            assertEquals(a[i] + b[i], memory[4 * i + 2], "64-bit sum of two halves");
            assertEquals(a[i] - b[i], memory[4 * i + 3], "64-bit difference of two halves");
        }
    }
}
