package mezzotint.ptx;

import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;

/** Integer arithmetic of 16, 32 and 64 bits. */
final class IntegerDecoder {
    private IntegerDecoder() {}

    static Step decode(Opcode op, Operands args) {
        PtxType type = op.takeType();
        if (type.floating() || type == PtxType.PRED || type.bytes == 1) {
            throw op.unknown("no such type for " + op.name);
        }
        return switch (op.name) {
            case "add", "sub" -> sum(op, args, type);
            case "addc", "subc" -> CarryDecoder.sum(op, args, type, true);
            case "madc" -> CarryDecoder.product(op, args, type, true);
            case "mul", "mad" -> product(op, args, type);
            case "mul24", "mad24" -> product24(op, args, type);
            case "sad" -> difference(args, type);
            case "div", "rem" -> quotient(op, args, type);
            case "min", "max" -> extreme(op, args, type);
            case "abs", "neg" -> sign(op, args, type);
            case "dp4a" -> dot(args, type, op);
            default -> throw op.unknown("no such operation");
        };
    }

    /** The value of the low 16 bits. */
    static int extend16(int value, PtxType type) {
        return type.signed() ? (short) value : value & 0xffff;
    }

    static Step binary(Operands args, PtxType type, IntBinaryOperator f, LongBinaryOperator g) {
        args.expect(3);
        if (type.bytes == 8) {
            return Lanes.longs(args.longOut(0), args.longIn(1), args.longIn(2), g);
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        return type.bytes == 4
                ? Lanes.ints(z, a, b, f)
                : Lanes.ints(z, a, b, (x, y) -> f.applyAsInt(extend16(x, type), extend16(y, type)) & 0xffff);
    }

    private static Step sum(Opcode op, Operands args, PtxType type) {
        if (op.take("cc")) {
            return CarryDecoder.sum(op, args, type, false);
        }
        boolean add = op.name.equals("add");
        args.expect(3);
        if (op.take("sat")) {
            return Lanes.ints(
                    args.intOut(0, type),
                    args.intIn(1, type),
                    args.intIn(2, type),
                    (x, y) -> saturate((long) x + (add ? y : -(long) y)));
        }
        if (type.bytes == 8) {
            int z = args.longOut(0);
            int a = args.longIn(1);
            int b = args.longIn(2);
            return add ? IntegerLoops.add64(z, a, b) : IntegerLoops.sub64(z, a, b);
        }
        if (type.bytes == 2) {
            return add
                    ? binary(args, type, Integer::sum, Long::sum)
                    : binary(args, type, (x, y) -> x - y, (x, y) -> x - y);
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        return add ? IntegerLoops.add(z, a, b) : IntegerLoops.sub(z, a, b);
    }

    private static int saturate(long value) {
        return (int) Math.min(Math.max(value, Integer.MIN_VALUE), Integer.MAX_VALUE);
    }

    private static Step product(Opcode op, Operands args, PtxType type) {
        boolean sum = op.name.equals("mad");
        args.expect(sum ? 4 : 3);
        if (op.take("wide")) {
            return wide(op, args, type, sum);
        }
        boolean high = op.takeOne("lo", "hi").equals("hi");
        if (op.take("cc")) {
            return CarryDecoder.product(op, args, type, high, false);
        }
        if (high) {
            return high(op, args, type, sum);
        }
        if (type.bytes == 8) {
            int z = args.longOut(0);
            int a = args.longIn(1);
            int b = args.longIn(2);
            return sum ? IntegerLoops.mad64(z, a, b, args.longIn(3)) : IntegerLoops.mul64(z, a, b);
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        if (type.bytes == 2) {
            return sum
                    ? Lanes.ints(z, a, b, args.intIn(3, type), (x, y, v) -> x * y + v & 0xffff)
                    : Lanes.ints(z, a, b, (x, y) -> x * y & 0xffff);
        }
        return sum ? IntegerLoops.mad(z, a, b, args.intIn(3, type)) : IntegerLoops.mul(z, a, b);
    }

    private static Step wide(Opcode op, Operands args, PtxType type, boolean sum) {
        if (type.bytes == 8) {
            throw op.unknown("no wide product of 64 bits");
        }
        if (type.bytes == 2) {
            int z = args.intOut(0, PtxType.S32);
            int a = args.intIn(1, type);
            int b = args.intIn(2, type);
            return sum
                    ? Lanes.ints(
                            z, a, b, args.intIn(3, PtxType.S32), (x, y, v) -> extend16(x, type) * extend16(y, type) + v)
                    : Lanes.ints(z, a, b, (x, y) -> extend16(x, type) * extend16(y, type));
        }
        int z = args.longOut(0);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        if (sum) {
            int c = args.longIn(3);
            return type.signed() ? IntegerLoops.madWide(z, a, b, c) : IntegerLoops.madWideUnsigned(z, a, b, c);
        }
        return type.signed() ? IntegerLoops.mulWide(z, a, b) : IntegerLoops.mulWideUnsigned(z, a, b);
    }

    static int highWord(int x, int y, boolean signed) {
        return (int) ((signed ? (long) x * y : (x & 0xffffffffL) * (y & 0xffffffffL)) >>> 32);
    }

    static long highWord(long x, long y, boolean signed) {
        return signed ? Math.multiplyHigh(x, y) : Math.unsignedMultiplyHigh(x, y);
    }

    private static Step high(Opcode op, Operands args, PtxType type, boolean sum) {
        boolean signed = type.signed();
        if (type.bytes == 2) {
            if (sum) {
                throw op.unknown("no mad.hi of 16 bits");
            }
            return binary(args, type, (x, y) -> x * y >>> 16, (x, _) -> x);
        }
        if (type.bytes == 8) {
            return sum
                    ? Lanes.longs(
                            args.longOut(0),
                            args.longIn(1),
                            args.longIn(2),
                            args.longIn(3),
                            (x, y, v) -> highWord(x, y, signed) + v)
                    : binary(args, type, (x, _) -> x, (x, y) -> highWord(x, y, signed));
        }
        if (sum) {
            return Lanes.ints(
                    args.intOut(0, type),
                    args.intIn(1, type),
                    args.intIn(2, type),
                    args.intIn(3, type),
                    (x, y, v) -> highWord(x, y, signed) + v);
        }
        return binary(args, type, (x, y) -> highWord(x, y, signed), (x, _) -> x);
    }

    private static Step product24(Opcode op, Operands args, PtxType type) {
        int shift = op.takeOne("lo", "hi").equals("hi") ? 16 : 0;
        boolean signed = type.signed();
        Lanes.IntTernary f = (x, y, v) ->
                (int) ((signed ? (long) (x << 8 >> 8) * (y << 8 >> 8) : (x & 0xffffffL) * (y & 0xffffffL)) >>> shift)
                        + v;
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        return op.name.equals("mad24")
                ? Lanes.ints(z, a, b, args.intIn(3, type), f)
                : Lanes.ints(z, a, b, (x, y) -> f.apply(x, y, 0));
    }

    private static Step difference(Operands args, PtxType type) {
        args.expect(4);
        boolean signed = type.signed();
        if (type.bytes == 8) {
            return Lanes.longs(
                    args.longOut(0),
                    args.longIn(1),
                    args.longIn(2),
                    args.longIn(3),
                    (x, y, v) -> v + distance(x, y, signed));
        }
        return Lanes.ints(
                args.intOut(0, type), args.intIn(1, type), args.intIn(2, type), args.intIn(3, type), (x, y, v) -> {
                    long a = signed ? x : x & 0xffffffffL;
                    long b = signed ? y : y & 0xffffffffL;
                    return v + (int) Math.abs(a - b);
                });
    }

    private static long distance(long x, long y, boolean signed) {
        boolean less = signed ? x < y : Long.compareUnsigned(x, y) < 0;
        return less ? y - x : x - y;
    }

    /** By zero: all bits set, as the GPU has it; the remainder is the dividend. */
    private static Step quotient(Opcode op, Operands args, PtxType type) {
        boolean signed = type.signed();
        if (op.name.equals("div")) {
            return binary(
                    args,
                    type,
                    (x, y) -> y == 0 ? -1 : signed ? x / y : Integer.divideUnsigned(x, y),
                    (x, y) -> y == 0 ? -1 : signed ? x / y : Long.divideUnsigned(x, y));
        }
        return binary(
                args,
                type,
                (x, y) -> y == 0 ? x : signed ? x % y : Integer.remainderUnsigned(x, y),
                (x, y) -> y == 0 ? x : signed ? x % y : Long.remainderUnsigned(x, y));
    }

    private static Step extreme(Opcode op, Operands args, PtxType type) {
        boolean least = op.name.equals("min");
        if (type.signed() && type.bytes == 4) {
            args.expect(3);
            int z = args.intOut(0, type);
            int a = args.intIn(1, type);
            int b = args.intIn(2, type);
            return least ? IntegerLoops.min(z, a, b) : IntegerLoops.max(z, a, b);
        }
        boolean signed = type.signed();
        return binary(
                args,
                type,
                (x, y) -> (signed ? x < y : Integer.compareUnsigned(x, y) < 0) == least ? x : y,
                (x, y) -> (signed ? x < y : Long.compareUnsigned(x, y) < 0) == least ? x : y);
    }

    private static Step sign(Opcode op, Operands args, PtxType type) {
        args.expect(2);
        boolean negate = op.name.equals("neg");
        if (type.bytes == 8) {
            return Lanes.longs(args.longOut(0), args.longIn(1), x -> negate ? -x : Math.abs(x));
        }
        IntUnaryOperator f =
                type.bytes == 2 ? x -> (negate ? -x : Math.abs((short) x)) & 0xffff : x -> negate ? -x : Math.abs(x);
        return Lanes.ints(args.intOut(0, type), args.intIn(1, type), f);
    }

    /** The sum of four products of bytes. */
    private static Step dot(Operands args, PtxType second, Opcode op) {
        boolean firstSigned = op.takeOne("s32", "u32").equals("s32");
        boolean secondSigned = second.signed();
        return Lanes.ints(
                args.intOut(0, second),
                args.intIn(1, second),
                args.intIn(2, second),
                args.intIn(3, second),
                (x, y, v) -> {
                    int sum = v;
                    for (int shift = 0; shift < 32; shift += 8) {
                        int a = firstSigned ? (byte) (x >>> shift) : x >>> shift & 0xff;
                        int b = secondSigned ? (byte) (y >>> shift) : y >>> shift & 0xff;
                        sum += a * b;
                    }
                    return sum;
                });
    }
}
