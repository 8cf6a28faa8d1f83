package mezzotint.ptx;

/** Float32 arithmetic and the special function unit. */
final class FloatDecoder {
    private final Opcode op;
    private final Operands args;
    private final Perturbation perturbation;
    private boolean flush;
    private boolean saturate;
    private String rounding = "";

    private FloatDecoder(Opcode op, Operands args, Perturbation perturbation) {
        this.op = op;
        this.args = args;
        this.perturbation = perturbation;
    }

    static Step decode(Opcode op, Operands args, Perturbation perturbation) {
        op.takeType();
        return new FloatDecoder(op, args, perturbation).decode();
    }

    private Step decode() {
        flush = op.take("ftz");
        saturate = op.take("sat");
        rounding = op.takeAny("rn", "rz", "rm", "rp");
        if (rounding.equals("rn")) {
            rounding = "";
        }
        boolean approximate = op.take("approx");
        boolean full = op.take("full");
        Step step = switch (op.name) {
            case "add", "sub", "mul" -> binary();
            case "fma", "mad" -> ternary();
            case "div" -> divide(approximate, full);
            case "min", "max" -> extreme();
            case "neg" -> unary(FloatLoops.neg(args.floatOut(0), args.floatIn(1)), x -> -x);
            case "abs" -> unary(FloatLoops.abs(args.floatOut(0), args.floatIn(1)), Math::abs);
            case "copysign" -> copySign();
            case "rcp", "sqrt" -> approximate ? special() : precise();
            case "rsqrt", "ex2", "lg2", "sin", "cos", "tanh" -> {
                if (!approximate) {
                    throw op.unknown("only .approx exists");
                }
                yield special();
            }
            default -> throw op.unknown("no such operation");
        };
        return step;
    }

    private float in(float x) {
        return flush ? Rounding.flush(x) : x;
    }

    private float out(float x) {
        float flushed = flush ? Rounding.flush(x) : x;
        return saturate ? Rounding.saturate(flushed) : flushed;
    }

    private boolean plain() {
        return !flush && !saturate && rounding.isEmpty();
    }

    private Step unary(Step plain, Lanes.FloatUnary f) {
        args.expect(2);
        return plain() ? plain : Lanes.floats(args.floatOut(0), args.floatIn(1), x -> out(f.apply(in(x))));
    }

    private Step binary() {
        args.expect(3);
        int z = args.floatOut(0);
        int a = args.floatIn(1);
        int b = args.floatIn(2);
        String mode = rounding;
        return switch (op.name) {
            case "add" ->
                plain()
                        ? FloatLoops.add(z, a, b)
                        : Lanes.floats(
                                z,
                                a,
                                b,
                                (x, y) -> out(mode.isEmpty() ? in(x) + in(y) : Rounding.add(in(x), in(y), mode)));
            case "sub" ->
                plain()
                        ? FloatLoops.sub(z, a, b)
                        : Lanes.floats(
                                z,
                                a,
                                b,
                                (x, y) -> out(mode.isEmpty() ? in(x) - in(y) : Rounding.add(in(x), -in(y), mode)));
            default ->
                plain()
                        ? FloatLoops.mul(z, a, b)
                        : Lanes.floats(
                                z,
                                a,
                                b,
                                (x, y) -> out(mode.isEmpty() ? in(x) * in(y) : Rounding.multiply(in(x), in(y), mode)));
        };
    }

    private Step ternary() {
        args.expect(4);
        int z = args.floatOut(0);
        int a = args.floatIn(1);
        int b = args.floatIn(2);
        int c = args.floatIn(3);
        String mode = rounding;
        if (plain()) {
            return FloatLoops.fma(z, a, b, c);
        }
        return Lanes.floats(
                z,
                a,
                b,
                c,
                (x, y, v) ->
                        out(mode.isEmpty() ? Math.fma(in(x), in(y), in(v)) : Rounding.fma(in(x), in(y), in(v), mode)));
    }

    private Step divide(boolean approximate, boolean full) {
        args.expect(3);
        int z = args.floatOut(0);
        int a = args.floatIn(1);
        int b = args.floatIn(2);
        if (approximate) {
            return Lanes.floats(
                    z, a, b, (x, y) -> out(perturbation.relative(Approximations.divide(in(x), in(y)), x, 0x1p-22)));
        }
        if (full) {
            return Lanes.floats(z, a, b, (x, y) -> out(perturbation.relative(in(x) / in(y), x, 0x1p-22)));
        }
        if (plain()) {
            return FloatLoops.div(z, a, b);
        }
        String mode = rounding;
        return Lanes.floats(
                z, a, b, (x, y) -> out(mode.isEmpty() ? in(x) / in(y) : Rounding.divide(in(x), in(y), mode)));
    }

    private Step extreme() {
        args.expect(3, 4);
        if (args.size() == 4) {
            throw op.unknown("three inputs need compute capability 10");
        }
        boolean keepNan = op.take("NaN");
        boolean magnitude = op.take("xorsign");
        if (magnitude) {
            op.take("abs");
        }
        int z = args.floatOut(0);
        int a = args.floatIn(1);
        int b = args.floatIn(2);
        boolean least = op.name.equals("min");
        if (plain() && !keepNan && !magnitude) {
            return least ? FloatLoops.min(z, a, b) : FloatLoops.max(z, a, b);
        }
        return Lanes.floats(z, a, b, (x, y) -> {
            float left = magnitude ? Math.abs(in(x)) : in(x);
            float right = magnitude ? Math.abs(in(y)) : in(y);
            float result = extreme(left, right, least, keepNan);
            boolean negative = (Float.floatToRawIntBits(x) ^ Float.floatToRawIntBits(y)) < 0;
            return out(magnitude && negative ? -result : result);
        });
    }

    static float extreme(float x, float y, boolean least, boolean keepNan) {
        if (Float.isNaN(x) || Float.isNaN(y)) {
            return keepNan || Float.isNaN(x) && Float.isNaN(y) ? Float.NaN : Float.isNaN(x) ? y : x;
        }
        return least ? Math.min(x, y) : Math.max(x, y);
    }

    private Step copySign() {
        args.expect(3);
        return Lanes.floats(args.floatOut(0), args.floatIn(1), args.floatIn(2), (sign, magnitude) -> {
            int bits = Float.floatToRawIntBits(magnitude) & 0x7fffffff | Float.floatToRawIntBits(sign) & 0x80000000;
            return Float.intBitsToFloat(bits);
        });
    }

    private Step precise() {
        args.expect(2);
        int z = args.floatOut(0);
        int a = args.floatIn(1);
        boolean reciprocal = op.name.equals("rcp");
        if (plain()) {
            return reciprocal ? FloatLoops.rcp(z, a) : FloatLoops.sqrt(z, a);
        }
        String mode = rounding;
        return Lanes.floats(z, a, x -> out(precise(in(x), reciprocal, mode)));
    }

    private static float precise(float x, boolean reciprocal, String mode) {
        if (mode.isEmpty()) {
            return reciprocal ? 1 / x : (float) Math.sqrt(x);
        }
        return reciprocal ? Rounding.divide(1, x, mode) : Rounding.sqrt(x, mode);
    }

    private Step special() {
        args.expect(2);
        int z = args.floatOut(0);
        int a = args.floatIn(1);
        if (!perturbation.active()) {
            switch (op.name) {
                case "ex2" -> {
                    if (!saturate) {
                        return flush ? FloatLoops.exp2Flushed(z, a) : FloatLoops.exp2(z, a);
                    }
                }
                case "rsqrt" -> {
                    if (plain()) {
                        return FloatLoops.rsqrt(z, a);
                    }
                }
                default -> {}
            }
        }
        return switch (op.name) {
            case "ex2" -> Lanes.floats(z, a, x -> out(perturbation.relative(Approximations.exp2(in(x)), x, 0x1p-22)));
            case "lg2" -> Lanes.floats(z, a, x -> out(logarithm(in(x))));
            case "rcp" -> Lanes.floats(z, a, x -> out(perturbation.relative(1 / in(x), x, 0x1p-23)));
            case "sqrt" -> Lanes.floats(z, a, x -> out(perturbation.relative((float) Math.sqrt(in(x)), x, 0x1p-22)));
            case "rsqrt" ->
                Lanes.floats(z, a, x -> out(perturbation.relative((float) (1 / Math.sqrt(in(x))), x, 0x1p-22)));
            case "sin" -> Lanes.floats(z, a, x -> out(perturbation.absolute(Approximations.sin(in(x)), x, 0x1p-20)));
            case "cos" -> Lanes.floats(z, a, x -> out(perturbation.absolute(Approximations.cos(in(x)), x, 0x1p-20)));
            default -> Lanes.floats(z, a, x -> out(perturbation.relative(Approximations.tanh(in(x)), x, 0x1p-11)));
        };
    }

    /** Its documented error is absolute between 1/2 and 2 and relative elsewhere. */
    private float logarithm(float x) {
        float y = Approximations.log2(x);
        return x > 0.5f && x < 2 ? perturbation.absolute(y, x, 0x1p-22) : perturbation.relative(y, x, 0x1p-22);
    }
}
