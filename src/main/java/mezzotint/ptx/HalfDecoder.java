package mezzotint.ptx;

/** Arithmetic on f16 and bf16, one or two in a register: done in float64 so that the last rounding is as if it were the only one. */
final class HalfDecoder {
    private final Opcode op;
    private final Operands args;
    private final PtxType type;
    private final boolean brain;
    private final boolean pair;

    private HalfDecoder(Opcode op, Operands args) {
        this.op = op;
        this.args = args;
        this.type = op.takeType();
        this.brain = type == PtxType.BF16 || type == PtxType.BF16X2;
        this.pair = type.bytes == 4;
    }

    static Step decode(Opcode op, Operands args) {
        return new HalfDecoder(op, args).decode();
    }

    private Step decode() {
        op.take("rn");
        boolean flush = op.take("ftz");
        boolean saturate = op.take("sat");
        boolean relu = op.take("relu");
        if (flush) {
            throw op.unknown("flushing of 16-bit numbers");
        }
        Lanes.DoubleTernary f = switch (op.name) {
            case "add" -> (x, y, _) -> sum(x, y);
            case "sub" -> (x, y, _) -> sum(x, -y);
            case "mul" -> (x, y, _) -> x * y;
            case "fma" -> (x, y, v) -> sum(x * y, v); // the product has 22 bits at most, so it is exact
            case "min", "max" -> extreme();
            case "neg" -> (x, _, _) -> -x;
            case "abs" -> (x, _, _) -> Math.abs(x);
            case "ex2" -> {
                op.take("approx");
                yield (x, _, _) -> Approximations.exp2((float) x);
            }
            case "tanh" -> {
                op.take("approx");
                yield (x, _, _) -> Math.tanh(x);
            }
            default -> throw op.unknown("no such operation");
        };
        return step(saturate ? (x, y, v) -> Rounding.saturate(f.apply(x, y, v)) : relu ? relu(f) : f);
    }

    private static Lanes.DoubleTernary relu(Lanes.DoubleTernary f) {
        return (x, y, v) -> {
            double result = f.apply(x, y, v);
            return result < 0 ? 0 : result;
        };
    }

    private Lanes.DoubleTernary extreme() {
        boolean keepNan = op.take("NaN");
        boolean least = op.name.equals("min");
        return (x, y, _) -> FloatDecoder.extreme((float) x, (float) y, least, keepNan);
    }

    private Step step(Lanes.DoubleTernary f) {
        int inputs = switch (op.name) {
            case "neg", "abs", "ex2", "tanh" -> 1;
            case "fma" -> 3;
            default -> 2;
        };
        args.expect(inputs + 1);
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        int b = inputs > 1 ? args.intIn(2, type) : a;
        int c = inputs > 2 ? args.intIn(3, type) : a;
        return Lanes.ints(z, a, b, c, (x, y, v) -> {
            int low = narrow(f.apply(widen(x), widen(y), widen(v)));
            return pair ? low | narrow(f.apply(widen(x >>> 16), widen(y >>> 16), widen(v >>> 16))) << 16 : low;
        });
    }

    private double widen(int bits) {
        return brain ? Bf16.value(bits & 0xffff) : Bf16.halfValue(bits & 0xffff);
    }

    private int narrow(double value) {
        float single = oddFloat(value);
        return brain ? Bf16.bits(single) : Bf16.half(single);
    }

    /** The sum, rounded to odd where it does not fit: the last bit then tells a later rounding that something is behind it. */
    private static double sum(double x, double y) {
        double sum = x + y;
        double yPart = sum - x;
        double error = x - (sum - yPart) + (y - yPart);
        if (error == 0 || !Double.isFinite(error) || (Double.doubleToRawLongBits(sum) & 1) != 0) {
            return sum;
        }
        return error > 0 ? Math.nextUp(sum) : Math.nextDown(sum);
    }

    /** Rounds to float32 to odd, so that the next rounding is as if it were the first. */
    static float oddFloat(double value) {
        float nearest = (float) value;
        if (nearest == value || Double.isNaN(value) || Float.isInfinite(nearest)) {
            return nearest;
        }
        if ((Float.floatToRawIntBits(nearest) & 1) != 0) {
            return nearest;
        }
        return nearest < value ? Math.nextUp(nearest) : Math.nextDown(nearest);
    }
}
