package mezzotint.ptx;

import java.util.function.LongBinaryOperator;

/** Atomic operations; a launch that has them runs on one worker, so their order is always the same. */
final class AtomicDecoder {
    private AtomicDecoder() {}

    static Step decode(Opcode op, Operands args) {
        boolean reduction = op.name.equals("red");
        PtxType type = op.takeType();
        op.take("async");
        op.takeAny("relaxed", "acquire", "release", "acq_rel");
        op.takeAny("cta", "gpu", "sys");
        op.take("noftz");
        op.dropHints("L1::", "L2::", "level::");
        Access.Space space = MemoryDecoder.space(op);
        String what = op.takeOne("add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec");
        int source = reduction ? 1 : 2;
        args.expect(source + (what.equals("cas") ? 2 : 1));
        Access access = MemoryDecoder.access(args, reduction ? 0 : 1, space, type.bytes, Sanitizer.Mode.ATOMIC);
        LongBinaryOperator f = operation(op, what, type);
        Bits value = bits(args, args.at(source), type);
        Bits other = what.equals("cas") ? bits(args, args.at(source + 1), type) : value;
        boolean exchange = what.equals("cas");
        Target target = reduction ? (w, k, old) -> {} : target(args, type);
        int width = type.bytes;
        Step move = (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                long old = get(w.pageOf(k), w.at[k], width);
                long given = value.get(w, k);
                long now = exchange ? (old == given ? other.get(w, k) : old) : f.applyAsLong(old, given);
                set(w.pageOf(k), w.at[k], width, now);
                target.set(w, k, old);
            }
        };
        return (w, m) -> access.run(w, m, move);
    }

    private static long get(byte[] page, int at, int width) {
        return switch (width) {
            case 8 -> (long) Bytes.LONG.get(page, at);
            case 4 -> (int) Bytes.INT.get(page, at) & 0xffffffffL;
            default -> (short) Bytes.SHORT.get(page, at) & 0xffffL;
        };
    }

    private static void set(byte[] page, int at, int width, long bits) {
        switch (width) {
            case 8 -> Bytes.LONG.set(page, at, bits);
            case 4 -> Bytes.INT.set(page, at, (int) bits);
            default -> Bytes.SHORT.set(page, at, (short) bits);
        }
    }

    private interface Bits {
        long get(Warp w, int lane);
    }

    private interface Target {
        void set(Warp w, int lane, long bits);
    }

    private static Bits bits(Operands args, Operand operand, PtxType type) {
        if (type.bytes == 8) {
            int a = args.longIn(operand);
            return (w, k) -> w.longs[a][k];
        }
        int a = args.intIn(operand, type);
        long mask = type.bytes == 2 ? 0xffff : 0xffffffffL;
        return (w, k) -> w.ints[a][k] & mask;
    }

    private static Target target(Operands args, PtxType type) {
        if (type.bytes == 8) {
            int z = args.longOut(0);
            return (w, k, old) -> w.longs[z][k] = old;
        }
        int z = args.intOut(0, type);
        return (w, k, old) -> w.ints[z][k] = (int) old;
    }

    /** On the bits of the type. */
    private static LongBinaryOperator operation(Opcode op, String what, PtxType type) {
        if (type.floating() && !what.equals("exch")) {
            return floating(op, what, type);
        }
        LongBinaryOperator f = integer(op, what);
        if (type.bytes == 8) {
            boolean unsignedOrder = !type.signed();
            if (unsignedOrder && what.equals("min")) {
                return (x, y) -> Long.compareUnsigned(x, y) < 0 ? x : y;
            }
            if (unsignedOrder && what.equals("max")) {
                return (x, y) -> Long.compareUnsigned(x, y) > 0 ? x : y;
            }
            return f;
        }
        return type.signed() ? (x, y) -> f.applyAsLong((int) x, (int) y) & 0xffffffffL : f;
    }

    private static LongBinaryOperator floating(Opcode op, String what, PtxType type) {
        if (!what.equals("add")) {
            throw op.unknown(what + " of " + type.word());
        }
        return switch (type) {
            case F32 -> (x, y) -> bits(Float.intBitsToFloat((int) x) + Float.intBitsToFloat((int) y));
            case F64 -> (x, y) -> Double.doubleToRawLongBits(Double.longBitsToDouble(x) + Double.longBitsToDouble(y));
            case BF16X2 -> (x, y) -> half(x, y, true) | half(x >>> 16, y >>> 16, true) << 16;
            case F16X2 -> (x, y) -> half(x, y, false) | half(x >>> 16, y >>> 16, false) << 16;
            case F16 -> (x, y) -> half(x, y, false);
            default -> throw op.unknown("no such type");
        };
    }

    private static long bits(float x) {
        return Float.floatToRawIntBits(x) & 0xffffffffL;
    }

    private static long half(long x, long y, boolean brain) {
        int a = (int) x & 0xffff;
        int b = (int) y & 0xffff;
        return brain ? Bf16.bits(Bf16.value(a) + Bf16.value(b)) : Bf16.half(Bf16.halfValue(a) + Bf16.halfValue(b));
    }

    /** On numbers. */
    static LongBinaryOperator integer(Opcode op, String what) {
        return switch (what) {
            case "add" -> Long::sum;
            case "min" -> Math::min;
            case "max" -> Math::max;
            case "and" -> (x, y) -> x & y;
            case "or" -> (x, y) -> x | y;
            case "xor" -> (x, y) -> x ^ y;
            case "exch", "cas" -> (_, y) -> y;
            case "inc" -> (x, y) -> x >= y ? 0 : x + 1;
            case "dec" -> (x, y) -> x == 0 || x > y ? y : x - 1;
            default -> throw op.unknown("no such operation");
        };
    }
}
