package mezzotint.ptx;

import java.util.List;

/** Conversions between types. */
final class ConvertDecoder {
    private static final String[] ROUNDINGS = {"rn", "rz", "rm", "rp", "rna", "rni", "rzi", "rmi", "rpi"};

    private final Opcode op;
    private final Operands args;
    private final PtxType from;
    private final PtxType to;
    private final boolean flush;
    private final boolean saturate;
    private final boolean relu;
    private final String rounding;

    private ConvertDecoder(Opcode op, Operands args) {
        this.op = op;
        this.args = args;
        this.from = op.takeType();
        this.to = op.takeType();
        this.flush = op.take("ftz");
        this.saturate = op.take("sat");
        this.relu = op.take("relu");
        this.rounding = op.takeAny(ROUNDINGS);
    }

    static Step decode(Opcode op, Operands args) {
        return new ConvertDecoder(op, args).decode();
    }

    private Step decode() {
        if (to == PtxType.BF16X2 || to == PtxType.F16X2) {
            return pair();
        }
        args.expect(2);
        if (!flush && !saturate && !relu) {
            Step fast = fast();
            if (fast != null) {
                return fast;
            }
        }
        if (relu && !to.floating()) {
            throw op.unknown(".relu of an integer");
        }
        if (!from.floating() && !to.floating()) {
            return integers();
        }
        if (!from.floating()) {
            return integerToFloat();
        }
        return to.floating() ? floats() : floatToInteger();
    }

    /** The conversions of inner loops. */
    private Step fast() {
        boolean nearest = rounding.isEmpty() || rounding.equals("rn");
        if (to.bytes == 8 && !to.floating() && from.bytes == 4 && !from.floating() && isInt()) {
            int z = args.longOut(0);
            int a = args.intIn(1, from);
            return from.signed() ? Moves.widenSigned(z, a) : Moves.widen(z, a);
        }
        if (to.bytes == 4 && from.bytes == 8 && !to.floating() && !from.floating()) {
            return Moves.narrow(args.intOut(0, to), args.longIn(1));
        }
        if (to == PtxType.F32 && from == PtxType.S32 && nearest) {
            return FloatLoops.fromInt(args.floatOut(0), args.intIn(1, from));
        }
        if (to == PtxType.F32 && from == PtxType.U32 && nearest) {
            return FloatLoops.fromUnsigned(args.floatOut(0), args.intIn(1, from));
        }
        if (to == PtxType.BF16 && from == PtxType.F32 && nearest) {
            return FloatLoops.bf16(args.intOut(0, to), args.floatIn(1));
        }
        if (to == PtxType.F64 && from == PtxType.F32) {
            return FloatLoops.toDouble(args.doubleOut(0), args.floatIn(1));
        }
        if (to == PtxType.F32 && from == PtxType.F64 && nearest) {
            return FloatLoops.toFloat(args.floatOut(0), args.doubleIn(1));
        }
        return null;
    }

    private boolean isInt() {
        return !args.isFile(args.at(1), RegisterFile.LONG);
    }

    private Step pair() {
        args.expect(3);
        boolean brain = to == PtxType.BF16X2;
        if (from != PtxType.F32 || saturate) {
            throw op.unknown("only from f32");
        }
        int z = args.intOut(0, PtxType.B32);
        int a = args.floatIn(1);
        int b = args.floatIn(2);
        if (brain && !relu && rounding.equals("rn")) {
            return FloatLoops.bf16x2(z, a, b);
        }
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                w.ints[z][k] = narrow(w.floats[a][k], brain) << 16 | narrow(w.floats[b][k], brain);
            }
        };
    }

    private int narrow(double value, boolean brain) {
        double x = relu && !(value > 0) && !Double.isNaN(value) ? 0 : value;
        if (rounding.equals("rz")) {
            if (!brain) {
                throw op.unknown("rounding of f16 towards zero");
            }
            return Double.isNaN(x) ? 0x7fff : Float.floatToRawIntBits(Rounding.toFloat(x, "rz")) >>> 16;
        }
        float single = HalfDecoder.oddFloat(x);
        return brain ? Bf16.bits(single) : Bf16.half(single);
    }

    private Step integers() {
        int fromBits = 8 * from.bytes;
        boolean fromSigned = from.signed();
        return integerStep(bits -> {
            long value = extend(bits, fromBits, fromSigned);
            return saturate ? clamp(value, fromSigned) : value;
        });
    }

    static long extend(long bits, int width, boolean signed) {
        int shift = 64 - width;
        return signed ? bits << shift >> shift : bits << shift >>> shift;
    }

    /** Into the range of the target. */
    private long clamp(long value, boolean signed) {
        int width = 8 * to.bytes;
        boolean hugeUnsigned = !signed && value < 0;
        if (to.signed()) {
            long most = Long.MAX_VALUE >> 64 - width;
            return hugeUnsigned ? most : Math.min(Math.max(value, -most - 1), most);
        }
        if (signed && value < 0) {
            return 0;
        }
        return width == 64 ? value : hugeUnsigned ? (1L << width) - 1 : Math.min(value, (1L << width) - 1);
    }

    private interface Bits {
        long of(long bits);
    }

    /** Reads an integer register of whichever width, writes the target. */
    private Step integerStep(Bits f) {
        boolean wideIn = args.isFile(args.at(1), RegisterFile.LONG) || from.bytes == 8;
        int a = wideIn ? args.longIn(1) : args.intIn(1, from);
        Target target = target();
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                target.set(w, k, f.of(wideIn ? w.longs[a][k] : w.ints[a][k]));
            }
        };
    }

    private interface Target {
        void set(Warp w, int lane, long value);
    }

    /** The target register, filled to its width by the sign of the type where it is wider than the type. */
    private Target target() {
        Operand operand = args.at(0);
        int width = 8 * to.bytes;
        boolean signed = to.signed();
        if (args.isFile(operand, RegisterFile.LONG) || to.bytes == 8) {
            int z = args.longOut(0);
            return (w, k, value) -> w.longs[z][k] = extend(value, width, signed);
        }
        int z = args.intOut(0, to);
        int mask = args.registerBytes(operand) == 2 ? 0xffff : -1;
        return (w, k, value) -> w.ints[z][k] = (int) extend(value, width, signed) & mask;
    }

    private Step integerToFloat() {
        boolean wideIn = args.isFile(args.at(1), RegisterFile.LONG) || from.bytes == 8;
        int a = wideIn ? args.longIn(1) : args.intIn(1, from);
        int width = 8 * from.bytes;
        boolean signed = from.signed();
        String mode = rounding.equals("rn") ? "" : rounding;
        FloatTarget target = floatTarget();
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                long value = extend(wideIn ? w.longs[a][k] : w.ints[a][k], width, signed);
                target.set(w, k, fromInteger(value, signed, mode));
            }
        };
    }

    private double fromInteger(long value, boolean signed, String mode) {
        if (to == PtxType.F32) {
            if (mode.isEmpty() && (signed || value >= 0)) {
                return (float) value;
            }
            return Rounding.toFloat(value, signed, mode);
        }
        if (to == PtxType.F64) {
            return mode.isEmpty() && (signed || value >= 0) ? (double) value : Rounding.toDouble(value, signed, mode);
        }
        return signed || value >= 0 ? (double) value : 0x1p64;
    }

    private interface FloatTarget {
        void set(Warp w, int lane, double value);
    }

    private FloatTarget floatTarget() {
        return switch (to) {
            case F32, TF32 -> {
                int z = args.floatOut(0);
                yield (w, k, value) -> w.floats[z][k] = (float) value;
            }
            case F64 -> {
                int z = args.doubleOut(0);
                yield (w, k, value) -> w.doubles[z][k] = value;
            }
            case F16, BF16 -> {
                int z = args.intOut(0, to);
                boolean brain = to == PtxType.BF16;
                yield (w, k, value) -> w.ints[z][k] = narrow(value, brain);
            }
            default -> throw op.unknown("no such target");
        };
    }

    private interface FloatSource {
        double get(Warp w, int lane);
    }

    private FloatSource floatSource() {
        return switch (from) {
            case F32 -> {
                int a = args.floatIn(1);
                yield flush ? (w, k) -> Rounding.flush(w.floats[a][k]) : (w, k) -> w.floats[a][k];
            }
            case F64 -> {
                int a = args.doubleIn(1);
                yield (w, k) -> w.doubles[a][k];
            }
            case F16 -> {
                int a = args.intIn(1, from);
                yield (w, k) -> Bf16.halfValue(w.ints[a][k] & 0xffff);
            }
            case BF16 -> {
                int a = args.intIn(1, from);
                yield (w, k) -> Bf16.value(w.ints[a][k] & 0xffff);
            }
            default -> throw op.unknown("no such source");
        };
    }

    private Step floats() {
        FloatSource source = floatSource();
        FloatTarget target = floatTarget();
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                target.set(w, k, toFloat(source.get(w, k)));
            }
        };
    }

    private double toFloat(double x) {
        double value = x;
        if (to == PtxType.TF32) {
            return tensorFloat((float) x);
        }
        if (List.of("rni", "rzi", "rmi", "rpi").contains(rounding)) {
            value = whole(x, rounding);
        } else if (to == PtxType.F32 && from == PtxType.F64) {
            value = rounding.equals("rn") || rounding.isEmpty() ? (float) x : Rounding.toFloat(x, rounding);
        }
        if (to == PtxType.F32 && flush) {
            value = Rounding.flush((float) value);
        }
        return saturate ? Rounding.saturate(value) : value;
    }

    /** To 10 bits after the point, ties away from zero. */
    private static float tensorFloat(float x) {
        return Float.isFinite(x) ? Float.intBitsToFloat(Float.floatToRawIntBits(x) + 0x1000 & ~0x1fff) : x;
    }

    static double whole(double x, String rounding) {
        return switch (rounding) {
            case "rzi" -> x < 0 ? Math.ceil(x) : Math.floor(x);
            case "rmi" -> Math.floor(x);
            case "rpi" -> Math.ceil(x);
            default -> Math.rint(x);
        };
    }

    /** Out of range: the nearest integer of the type; a NaN gives 0, or the sign bit alone for 64 bits. */
    private Step floatToInteger() {
        FloatSource source = floatSource();
        Target target = target();
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                target.set(w, k, toInteger(whole(source.get(w, k), rounding)));
            }
        };
    }

    private long toInteger(double x) {
        if (Double.isNaN(x)) {
            return to.bytes == 8 ? Long.MIN_VALUE : 0;
        }
        if (to == PtxType.U64) {
            return x <= 0 ? 0 : x >= 0x1p64 ? -1 : x >= 0x1p63 ? (long) (x - 0x1p63) ^ Long.MIN_VALUE : (long) x;
        }
        return clamp((long) x, true);
    }
}
