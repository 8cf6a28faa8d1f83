package mezzotint.ptx;

import java.util.Map;

/** Comparisons, selections and logic on predicates. */
final class CompareDecoder {
    /** Whether a comparison holds for less, equal, greater, and for operands that cannot be ordered. */
    private record Relation(boolean less, boolean equal, boolean greater, boolean unordered) {}

    private static final Map<String, Relation> RELATIONS = Map.ofEntries(
            Map.entry("eq", new Relation(false, true, false, false)),
            Map.entry("ne", new Relation(true, false, true, false)),
            Map.entry("lt", new Relation(true, false, false, false)),
            Map.entry("le", new Relation(true, true, false, false)),
            Map.entry("gt", new Relation(false, false, true, false)),
            Map.entry("ge", new Relation(false, true, true, false)),
            Map.entry("lo", new Relation(true, false, false, false)),
            Map.entry("ls", new Relation(true, true, false, false)),
            Map.entry("hi", new Relation(false, false, true, false)),
            Map.entry("hs", new Relation(false, true, true, false)),
            Map.entry("equ", new Relation(false, true, false, true)),
            Map.entry("neu", new Relation(true, false, true, true)),
            Map.entry("ltu", new Relation(true, false, false, true)),
            Map.entry("leu", new Relation(true, true, false, true)),
            Map.entry("gtu", new Relation(false, false, true, true)),
            Map.entry("geu", new Relation(false, true, true, true)),
            Map.entry("num", new Relation(true, true, true, false)),
            Map.entry("nan", new Relation(false, false, false, true)));

    private CompareDecoder() {}

    static Step setp(Opcode op, Operands args) {
        PtxType type = op.takeType();
        String combine = op.takeAny("and", "or", "xor");
        boolean flush = op.take("ftz");
        String word = op.takeFirst();
        boolean pair = args.at(0) instanceof Operand.Pair;
        args.expect(combine.isEmpty() ? 3 : 4);
        Comparison compare = comparison(op, args, type, word, flush);
        if (!pair && combine.isEmpty()) {
            int z = args.predicateOut(0);
            return (w, m) -> w.predicates[z] = w.predicates[z] & ~m | compare.mask(w) & m;
        }
        int p = args.predicateOut(pair ? ((Operand.Pair) args.at(0)).first() : args.at(0));
        int q = pair
                ? args.predicateOut(((Operand.Pair) args.at(0)).second())
                : args.plan().newPredicate();
        int c = combine.isEmpty() ? -1 : args.predicateIn(3);
        return (w, m) -> {
            int held = compare.mask(w);
            int third = c < 0 ? 0 : w.predicates[c];
            int both = combine(held, third, combine);
            int other = combine(~held, third, combine);
            w.predicates[p] = w.predicates[p] & ~m | both & m;
            w.predicates[q] = w.predicates[q] & ~m | other & m;
        };
    }

    private static int combine(int a, int b, String how) {
        return switch (how) {
            case "and" -> a & b;
            case "or" -> a | b;
            case "xor" -> a ^ b;
            default -> a;
        };
    }

    /** The lanes for which something holds. */
    private interface Comparison {
        int mask(Warp w);
    }

    private static Comparison comparison(Opcode op, Operands args, PtxType type, String word, boolean flush) {
        Relation relation = RELATIONS.get(word);
        if (relation == null) {
            throw op.unknown("no comparison " + word);
        }
        return switch (type) {
            case F32 -> floats(args.floatIn(1), args.floatIn(2), word, relation, flush);
            case F64 -> {
                int a = args.doubleIn(1);
                int b = args.doubleIn(2);
                yield w -> doubles(w.doubles[a], w.doubles[b], relation);
            }
            case F16, BF16 -> {
                int a = args.intIn(1, type);
                int b = args.intIn(2, type);
                boolean brain = type == PtxType.BF16;
                yield w -> halves(w.ints[a], w.ints[b], relation, brain);
            }
            case F16X2, BF16X2, TF32, PRED, B8, S8, U8 -> throw op.unknown("no comparison of " + type.word());
            default ->
                type.bytes == 8
                        ? longs(args.longIn(1), args.longIn(2), word, type.signed())
                        : ints(args.intIn(1, type), args.intIn(2, type), word, relation, type);
        };
    }

    private static Comparison ints(int a, int b, String word, Relation relation, PtxType type) {
        if (type.bytes == 2) {
            return w -> {
                int mask = 0;
                for (int k = 0; k < 32; k++) {
                    int x = IntegerDecoder.extend16(w.ints[a][k], type);
                    int y = IntegerDecoder.extend16(w.ints[b][k], type);
                    mask |= (holds(Integer.compare(x, y), relation) ? 1 : 0) << k;
                }
                return mask;
            };
        }
        // Comparing unsigned numbers is comparing signed ones with the top bit flipped.
        int flip = type.signed() ? 0 : Integer.MIN_VALUE;
        return switch (word) {
            case "eq" -> w -> CompareLoops.equal(w.ints[a], w.ints[b]);
            case "ne" -> w -> ~CompareLoops.equal(w.ints[a], w.ints[b]);
            case "lt", "lo" -> w -> CompareLoops.less(w.ints[a], w.ints[b], flip);
            case "gt", "hi" -> w -> CompareLoops.less(w.ints[b], w.ints[a], flip);
            case "le", "ls" -> w -> ~CompareLoops.less(w.ints[b], w.ints[a], flip);
            default -> w -> ~CompareLoops.less(w.ints[a], w.ints[b], flip);
        };
    }

    private static Comparison longs(int a, int b, String word, boolean signed) {
        long flip = signed ? 0 : Long.MIN_VALUE;
        return switch (word) {
            case "eq" -> w -> CompareLoops.equal(w.longs[a], w.longs[b]);
            case "ne" -> w -> ~CompareLoops.equal(w.longs[a], w.longs[b]);
            case "lt", "lo" -> w -> CompareLoops.less(w.longs[a], w.longs[b], flip);
            case "gt", "hi" -> w -> CompareLoops.less(w.longs[b], w.longs[a], flip);
            case "le", "ls" -> w -> ~CompareLoops.less(w.longs[b], w.longs[a], flip);
            default -> w -> ~CompareLoops.less(w.longs[a], w.longs[b], flip);
        };
    }

    private static Comparison floats(int a, int b, String word, Relation relation, boolean flush) {
        if (!flush) {
            switch (word) {
                case "lt" -> {
                    return w -> CompareLoops.less(w.floats[a], w.floats[b]);
                }
                case "gt" -> {
                    return w -> CompareLoops.less(w.floats[b], w.floats[a]);
                }
                case "eq" -> {
                    return w -> CompareLoops.equal(w.floats[a], w.floats[b]);
                }
                default -> {}
            }
        }
        return w -> {
            int mask = 0;
            for (int k = 0; k < 32; k++) {
                float x = flush ? Rounding.flush(w.floats[a][k]) : w.floats[a][k];
                float y = flush ? Rounding.flush(w.floats[b][k]) : w.floats[b][k];
                mask |= (holds(x, y, relation) ? 1 : 0) << k;
            }
            return mask;
        };
    }

    private static int doubles(double[] x, double[] y, Relation relation) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            mask |= (holds(x[k], y[k], relation) ? 1 : 0) << k;
        }
        return mask;
    }

    private static int halves(int[] x, int[] y, Relation relation, boolean brain) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            float left = brain ? Bf16.value(x[k] & 0xffff) : Bf16.halfValue(x[k]);
            float right = brain ? Bf16.value(y[k] & 0xffff) : Bf16.halfValue(y[k]);
            mask |= (holds(left, right, relation) ? 1 : 0) << k;
        }
        return mask;
    }

    private static boolean holds(int order, Relation relation) {
        return order < 0 ? relation.less : order == 0 ? relation.equal : relation.greater;
    }

    private static boolean holds(double x, double y, Relation relation) {
        return x < y ? relation.less : x == y ? relation.equal : x > y ? relation.greater : relation.unordered;
    }

    static Step selp(Opcode op, Operands args) {
        PtxType type = op.takeType();
        args.expect(4);
        int p = args.predicateIn(3);
        return select(op, args, type, w -> w.predicates[p]);
    }

    /** Takes the first source where the third is not negative. */
    static Step slct(Opcode op, Operands args) {
        PtxType by = op.takeType();
        PtxType type = op.takeType();
        op.take("ftz");
        args.expect(4);
        if (by == PtxType.F32) {
            int c = args.floatIn(3);
            return select(op, args, type, w -> {
                int mask = 0;
                for (int k = 0; k < 32; k++) {
                    mask |= (w.floats[c][k] >= 0 ? 1 : 0) << k;
                }
                return mask;
            });
        }
        int c = args.intIn(3, by);
        int zero = args.plan().intConstant(0);
        return select(op, args, type, w -> ~CompareLoops.less(w.ints[c], w.ints[zero], 0));
    }

    private static Step select(Opcode op, Operands args, PtxType type, Comparison by) {
        switch (type.file()) {
            case FLOAT -> {
                int z = args.floatOut(0);
                int a = args.floatIn(1);
                int b = args.floatIn(2);
                return (w, m) -> CompareLoops.select(w.floats[z], w.floats[a], w.floats[b], by.mask(w), m);
            }
            case DOUBLE -> {
                int z = args.doubleOut(0);
                int a = args.doubleIn(1);
                int b = args.doubleIn(2);
                return (w, m) -> CompareLoops.select(w.doubles[z], w.doubles[a], w.doubles[b], by.mask(w), m);
            }
            case LONG -> {
                int z = args.longOut(0);
                int a = args.longIn(1);
                int b = args.longIn(2);
                return (w, m) -> CompareLoops.select(w.longs[z], w.longs[a], w.longs[b], by.mask(w), m);
            }
            case INT -> {
                int z = args.intOut(0, type);
                int a = args.intIn(1, type);
                int b = args.intIn(2, type);
                return (w, m) -> CompareLoops.select(w.ints[z], w.ints[a], w.ints[b], by.mask(w), m);
            }
            default -> throw op.unknown("no selection of predicates");
        }
    }

    /** All bits, or 1.0, where the comparison holds. */
    static Step set(Opcode op, Operands args) {
        PtxType type = op.takeType();
        PtxType to = op.takeType();
        String combine = op.takeAny("and", "or", "xor");
        boolean flush = op.take("ftz");
        String word = op.takeFirst();
        args.expect(combine.isEmpty() ? 3 : 4);
        Comparison compare = comparison(op, args, type, word, flush);
        int c = combine.isEmpty() ? -1 : args.predicateIn(3);
        boolean real = to == PtxType.F32;
        int z = real ? args.floatOut(0) : args.intOut(0, to);
        return (w, m) -> {
            int held = c < 0 ? compare.mask(w) : combine(compare.mask(w), w.predicates[c], combine);
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                boolean yes = (held >>> k & 1) != 0;
                if (real) {
                    w.floats[z][k] = yes ? 1 : 0;
                } else {
                    w.ints[z][k] = yes ? -1 : 0;
                }
            }
        };
    }

    /** What kind of number a value is. */
    static Step testp(Opcode op, Operands args) {
        PtxType type = op.takeType();
        String what = op.takeOne("finite", "infinite", "number", "notanumber", "normal", "subnormal");
        args.expect(2);
        int z = args.predicateOut(0);
        boolean single = type == PtxType.F32;
        int a = single ? args.floatIn(1) : args.doubleIn(1);
        return (w, m) -> {
            int mask = 0;
            for (int k = 0; k < 32; k++) {
                mask |= (is(what, single ? w.floats[a][k] : w.doubles[a][k], single) ? 1 : 0) << k;
            }
            w.predicates[z] = w.predicates[z] & ~m | mask & m;
        };
    }

    private static boolean is(String what, double x, boolean single) {
        double least = single ? Float.MIN_NORMAL : Double.MIN_NORMAL;
        return switch (what) {
            case "finite" -> Double.isFinite(x);
            case "infinite" -> Double.isInfinite(x);
            case "number" -> !Double.isNaN(x);
            case "notanumber" -> Double.isNaN(x);
            case "normal" -> Double.isFinite(x) && Math.abs(x) >= least;
            default -> x != 0 && Math.abs(x) < least;
        };
    }

    static Step logic(Opcode op, Operands args) {
        args.expect(3);
        int z = args.predicateOut(0);
        int a = args.predicateIn(1);
        int b = args.predicateIn(2);
        return switch (op.name) {
            case "and" -> (w, m) -> w.predicates[z] = w.predicates[z] & ~m | w.predicates[a] & w.predicates[b] & m;
            case "or" -> (w, m) -> w.predicates[z] = w.predicates[z] & ~m | (w.predicates[a] | w.predicates[b]) & m;
            default -> (w, m) -> w.predicates[z] = w.predicates[z] & ~m | (w.predicates[a] ^ w.predicates[b]) & m;
        };
    }

    static Step not(Operands args) {
        args.expect(2);
        int z = args.predicateOut(0);
        int a = args.predicateIn(1);
        return (w, m) -> w.predicates[z] = w.predicates[z] & ~m | ~w.predicates[a] & m;
    }
}
