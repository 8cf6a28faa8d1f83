package mezzotint.ptx;

/** Float64 arithmetic. */
final class DoubleDecoder {
    private DoubleDecoder() {}

    static Step decode(Opcode op, Operands args) {
        op.takeType();
        String taken = op.takeAny("rn", "rz", "rm", "rp");
        String mode = taken.equals("rn") ? "" : taken;
        return switch (op.name) {
            case "add", "sub", "mul" -> binary(op, args, mode);
            case "fma", "mad" -> fma(args, mode);
            case "div" -> {
                args.expect(3);
                checkNearest(op, mode);
                yield Lanes.doubles(args.doubleOut(0), args.doubleIn(1), args.doubleIn(2), (x, y) -> x / y);
            }
            case "min", "max" -> extreme(op, args);
            case "neg" -> unary(args, x -> -x);
            case "abs" -> unary(args, Math::abs);
            case "sqrt" -> {
                checkNearest(op, mode);
                yield unary(args, Math::sqrt);
            }
            case "rcp" -> {
                boolean approximate = op.take("approx");
                op.take("ftz");
                checkNearest(op, mode);
                yield unary(args, approximate ? x -> coarse(1 / x) : x -> 1 / x);
            }
            case "rsqrt" -> {
                op.take("approx");
                op.take("ftz");
                yield unary(args, x -> coarse(1 / Math.sqrt(x)));
            }
            case "copysign" -> {
                args.expect(3);
                yield Lanes.doubles(
                        args.doubleOut(0), args.doubleIn(1), args.doubleIn(2), (sign, x) -> Math.copySign(x, sign));
            }
            default -> throw op.unknown("no such operation");
        };
    }

    private static void checkNearest(Opcode op, String mode) {
        if (!mode.isEmpty()) {
            throw op.unknown("only rounding to nearest");
        }
    }

    private static Step unary(Operands args, java.util.function.DoubleUnaryOperator f) {
        args.expect(2);
        return Lanes.doubles(args.doubleOut(0), args.doubleIn(1), f);
    }

    /** The hardware's first guess has 20 bits after the point and flushes subnormal numbers; the rest is zero. */
    private static double coarse(double x) {
        return Double.isNaN(x) ? x : Double.longBitsToDouble(Double.doubleToRawLongBits(x) & 0xffffffff00000000L);
    }

    private static Step binary(Opcode op, Operands args, String mode) {
        args.expect(3);
        int z = args.doubleOut(0);
        int a = args.doubleIn(1);
        int b = args.doubleIn(2);
        boolean nearest = mode.isEmpty();
        return switch (op.name) {
            case "add" ->
                nearest ? FloatLoops.add64(z, a, b) : Lanes.doubles(z, a, b, (x, y) -> Rounding.add(x, y, mode));
            case "sub" ->
                nearest ? FloatLoops.sub64(z, a, b) : Lanes.doubles(z, a, b, (x, y) -> Rounding.add(x, -y, mode));
            default ->
                nearest ? FloatLoops.mul64(z, a, b) : Lanes.doubles(z, a, b, (x, y) -> Rounding.multiply(x, y, mode));
        };
    }

    private static Step fma(Operands args, String mode) {
        args.expect(4);
        int z = args.doubleOut(0);
        int a = args.doubleIn(1);
        int b = args.doubleIn(2);
        int c = args.doubleIn(3);
        return mode.isEmpty()
                ? FloatLoops.fma64(z, a, b, c)
                : Lanes.doubles(z, a, b, c, (x, y, v) -> Rounding.fma(x, y, v, mode));
    }

    private static Step extreme(Opcode op, Operands args) {
        args.expect(3);
        boolean least = op.name.equals("min");
        return Lanes.doubles(args.doubleOut(0), args.doubleIn(1), args.doubleIn(2), (x, y) -> {
            if (Double.isNaN(x) || Double.isNaN(y)) {
                return Double.isNaN(x) ? y : x;
            }
            return least ? Math.min(x, y) : Math.max(x, y);
        });
    }
}
