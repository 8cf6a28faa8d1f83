package mezzotint.ptx;

import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;

/** Logic, shifts and bit fields. */
final class LogicDecoder {
    private LogicDecoder() {}

    static Step decode(Opcode op, Operands args) {
        if (op.name.equals("shf")) {
            return funnel(op, args);
        }
        if (op.name.equals("prmt")) {
            return permute(op, args);
        }
        boolean shiftAmount = op.name.equals("bfind") && op.take("shiftamt");
        PtxType type = op.takeType();
        return switch (op.name) {
            case "and", "or", "xor" -> type == PtxType.PRED ? CompareDecoder.logic(op, args) : bitwise(op, args, type);
            case "not", "cnot" -> type == PtxType.PRED ? CompareDecoder.not(args) : not(op, args, type);
            case "shl", "shr" -> shift(op, args, type);
            case "popc", "clz" -> count(op, args, type);
            case "brev" -> reverse(args, type);
            case "bfind" -> find(args, type, shiftAmount);
            case "bfe" -> extract(args, type);
            case "bfi" -> insert(args, type);
            case "lop3" -> table(args, type);
            default -> throw op.unknown("no such operation");
        };
    }

    private static Step bitwise(Opcode op, Operands args, PtxType type) {
        args.expect(3);
        if (type.bytes == 8) {
            int z = args.longOut(0);
            int a = args.longIn(1);
            int b = args.longIn(2);
            return switch (op.name) {
                case "and" -> IntegerLoops.and64(z, a, b);
                case "or" -> IntegerLoops.or64(z, a, b);
                default -> IntegerLoops.xor64(z, a, b);
            };
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = args.intIn(2, type);
        return switch (op.name) {
            case "and" -> IntegerLoops.and(z, a, b);
            case "or" -> IntegerLoops.or(z, a, b);
            default -> IntegerLoops.xor(z, a, b);
        };
    }

    private static Step not(Opcode op, Operands args, PtxType type) {
        args.expect(2);
        boolean logical = op.name.equals("cnot");
        if (type.bytes == 8) {
            int z = args.longOut(0);
            int a = args.longIn(1);
            return logical ? Lanes.longs(z, a, x -> x == 0 ? 1 : 0) : IntegerLoops.not64(z, a);
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        if (logical) {
            return Lanes.ints(z, a, x -> x == 0 ? 1 : 0);
        }
        return type.bytes == 2 ? Lanes.ints(z, a, x -> ~x & 0xffff) : IntegerLoops.not(z, a);
    }

    private static Step shift(Opcode op, Operands args, PtxType type) {
        args.expect(3);
        boolean left = op.name.equals("shl");
        boolean signed = type.signed();
        int b = args.intIn(2, PtxType.U32);
        if (type.bytes == 8) {
            int z = args.longOut(0);
            int a = args.longIn(1);
            if (left) {
                return IntegerLoops.shl64(z, a, b);
            }
            return signed
                    ? Lanes.longInt(z, a, b, (x, y) -> x >> ((y & ~63) != 0 ? 63 : y))
                    : Lanes.longInt(z, a, b, (x, y) -> (y & ~63) != 0 ? 0 : x >>> y);
        }
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        if (type.bytes == 2) {
            return Lanes.ints(z, a, b, (x, y) -> shift16(x, y, left, signed));
        }
        return left ? IntegerLoops.shl(z, a, b) : signed ? IntegerLoops.sar(z, a, b) : IntegerLoops.shr(z, a, b);
    }

    private static int shift16(int x, int y, boolean left, boolean signed) {
        int amount = Integer.compareUnsigned(y, 16) > 0 ? 16 : y;
        int result = left ? x << amount : signed ? (short) x >> amount : (x & 0xffff) >>> amount;
        return result & 0xffff;
    }

    private static Step funnel(Opcode op, Operands args) {
        op.takeType();
        args.expect(4);
        boolean left = op.takeOne("l", "r").equals("l");
        boolean wrap = op.takeOne("wrap", "clamp").equals("wrap");
        return Lanes.ints(
                args.intOut(0, PtxType.B32),
                args.intIn(1, PtxType.B32),
                args.intIn(2, PtxType.B32),
                args.intIn(3, PtxType.U32),
                (low, high, amount) -> {
                    int by = wrap ? amount & 31 : Integer.compareUnsigned(amount, 32) > 0 ? 32 : amount;
                    long both = low & 0xffffffffL | (long) high << 32;
                    return left ? (int) (both << by >>> 32) : (int) (both >>> by);
                });
    }

    private static Step permute(Opcode op, Operands args) {
        op.takeType();
        args.expect(4);
        String mode = op.takeAny("f4e", "b4e", "rc8", "ecl", "ecr", "rc16");
        if (!mode.isEmpty()) {
            throw op.unknown("mode " + mode);
        }
        return Lanes.ints(
                args.intOut(0, PtxType.B32),
                args.intIn(1, PtxType.B32),
                args.intIn(2, PtxType.B32),
                args.intIn(3, PtxType.B32),
                LogicDecoder::permute);
    }

    private static int permute(int low, int high, int selector) {
        long both = low & 0xffffffffL | (long) high << 32;
        int result = 0;
        for (int i = 0; i < 4; i++) {
            int choice = selector >>> 4 * i & 15;
            int value = (int) (both >>> 8 * (choice & 7)) & 0xff;
            if (choice > 7) {
                value = (value & 0x80) != 0 ? 0xff : 0;
            }
            result |= value << 8 * i;
        }
        return result;
    }

    private static Step count(Opcode op, Operands args, PtxType type) {
        args.expect(2);
        boolean ones = op.name.equals("popc");
        int z = args.intOut(0, PtxType.U32);
        if (type.bytes == 8) {
            return toInt(z, args.longIn(1), x -> ones ? Long.bitCount(x) : Long.numberOfLeadingZeros(x));
        }
        IntUnaryOperator f = ones ? Integer::bitCount : Integer::numberOfLeadingZeros;
        return Lanes.ints(z, args.intIn(1, type), f);
    }

    private static Step toInt(int z, int a, LongUnaryOperator f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                w.ints[z][k] = (int) f.applyAsLong(w.longs[a][k]);
            }
        };
    }

    private static Step reverse(Operands args, PtxType type) {
        args.expect(2);
        return type.bytes == 8
                ? Lanes.longs(args.longOut(0), args.longIn(1), Long::reverse)
                : Lanes.ints(args.intOut(0, type), args.intIn(1, type), Integer::reverse);
    }

    /** The position of the most significant bit that differs from the sign; −1 where there is none. */
    private static Step find(Operands args, PtxType type, boolean shiftAmount) {
        args.expect(2);
        int z = args.intOut(0, PtxType.U32);
        boolean signed = type.signed();
        if (type.bytes == 8) {
            return toInt(
                    z,
                    args.longIn(1),
                    x -> position(63 - Long.numberOfLeadingZeros(signed && x < 0 ? ~x : x), 63, shiftAmount));
        }
        return Lanes.ints(
                z,
                args.intIn(1, type),
                x -> position(31 - Integer.numberOfLeadingZeros(signed && x < 0 ? ~x : x), 31, shiftAmount));
    }

    private static int position(int bit, int top, boolean shiftAmount) {
        return shiftAmount && bit >= 0 ? top - bit : bit;
    }

    private static Step extract(Operands args, PtxType type) {
        args.expect(4);
        int b = args.intIn(2, PtxType.U32);
        int c = args.intIn(3, PtxType.U32);
        boolean signed = type.signed();
        if (type.bytes == 8) {
            int z = args.longOut(0);
            int a = args.longIn(1);
            return (w, m) -> {
                for (int rest = m; rest != 0; rest &= rest - 1) {
                    int k = Lanes.next(rest);
                    w.longs[z][k] = extract(w.longs[a][k], w.ints[b][k] & 0xff, w.ints[c][k] & 0xff, 63, signed);
                }
            };
        }
        return Lanes.ints(args.intOut(0, type), args.intIn(1, type), b, c, (x, at, length) ->
                (int) extract(signed ? x : x & 0xffffffffL, at & 0xff, length & 0xff, 31, signed));
    }

    private static long extract(long x, int at, int length, int top, boolean signed) {
        if (length == 0) {
            return 0;
        }
        long sign = signed ? x >> Math.min(at + length - 1, top) & 1 : 0;
        int end = Math.min(at + length, top + 1);
        long field = at > top ? 0 : x >>> at & mask(end - at);
        int taken = Math.max(0, end - at);
        return sign != 0 ? field | ~mask(taken) : field;
    }

    private static long mask(int bits) {
        return bits >= 64 ? -1 : (1L << bits) - 1;
    }

    private static Step insert(Operands args, PtxType type) {
        args.expect(5);
        int c = args.intIn(3, PtxType.U32);
        int d = args.intIn(4, PtxType.U32);
        boolean wide = type.bytes == 8;
        int z = wide ? args.longOut(0) : args.intOut(0, type);
        int a = wide ? args.longIn(1) : args.intIn(1, type);
        int b = wide ? args.longIn(2) : args.intIn(2, type);
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                int at = w.ints[c][k] & 0xff;
                int length = w.ints[d][k] & 0xff;
                if (wide) {
                    w.longs[z][k] = insert(w.longs[a][k], w.longs[b][k], at, length, 64);
                } else {
                    w.ints[z][k] = (int) insert(w.ints[a][k], w.ints[b][k], at, length, 32);
                }
            }
        };
    }

    private static long insert(long field, long into, int at, int length, int bits) {
        if (at >= bits || length == 0) {
            return into;
        }
        long mask = mask(Math.min(length, bits - at)) << at;
        return into & ~mask | field << at & mask;
    }

    private static Step table(Operands args, PtxType type) {
        args.expect(5);
        int table = args.literal(4);
        return Lanes.ints(
                args.intOut(0, type), args.intIn(1, type), args.intIn(2, type), args.intIn(3, type), (x, y, v) -> {
                    int result = 0;
                    for (int row = 0; row < 8; row++) {
                        if ((table >>> row & 1) != 0) {
                            result |= ((row & 4) != 0 ? x : ~x) & ((row & 2) != 0 ? y : ~y) & ((row & 1) != 0 ? v : ~v);
                        }
                    }
                    return result;
                });
    }
}
