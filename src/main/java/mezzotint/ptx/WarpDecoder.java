package mezzotint.ptx;

/** Exchanges between the lanes of a warp. */
final class WarpDecoder {
    private WarpDecoder() {}

    static Step shfl(Opcode op, Operands args) {
        op.takeOne("sync");
        String mode = op.takeOne("bfly", "up", "down", "idx");
        PtxType type = op.takeType();
        args.expect(5);
        if (type.bytes != 4) {
            throw op.unknown("only .b32");
        }
        boolean pair = args.at(0) instanceof Operand.Pair;
        Operand target = args.at(0) instanceof Operand.Pair(Operand first, Operand _) ? first : args.at(0);
        int z = args.intOut(target, PtxType.B32);
        int p = args.at(0) instanceof Operand.Pair(Operand _, Operand second) ? args.predicateOut(second) : -1;
        int a = args.intIn(1, PtxType.B32);
        int b = args.intIn(2, PtxType.B32);
        int c = args.intIn(3, PtxType.B32);
        if (pair && p < 0) {
            throw op.unknown("no predicate");
        }
        return new Shuffle(mode.charAt(0), z, a, b, c, p);
    }

    static Step vote(Opcode op, Operands args) {
        op.takeOne("sync");
        String mode = op.takeOne("all", "any", "uni", "ballot");
        op.takeType();
        args.expect(3);
        int a = args.predicateIn(1);
        if (mode.equals("ballot")) {
            int z = args.intOut(0, PtxType.B32);
            return (w, m) -> {
                int bits = w.predicates[a] & m;
                for (int rest = m; rest != 0; rest &= rest - 1) {
                    w.ints[z][Lanes.next(rest)] = bits;
                }
            };
        }
        int z = args.predicateOut(0);
        return (w, m) -> {
            int bits = w.predicates[a] & m;
            boolean holds = switch (mode) {
                case "all" -> bits == m;
                case "any" -> bits != 0;
                default -> bits == 0 || bits == m;
            };
            w.predicates[z] = w.predicates[z] & ~m | (holds ? m : 0);
        };
    }

    static Step match(Opcode op, Operands args) {
        boolean any = op.takeOne("any", "all").equals("any");
        op.takeOne("sync");
        PtxType type = op.takeType();
        args.expect(3);
        boolean wide = type.bytes == 8;
        int a = wide ? args.longIn(1) : args.intIn(1, type);
        Operand target = args.at(0) instanceof Operand.Pair(Operand first, Operand _) ? first : args.at(0);
        int z = args.intOut(target, PtxType.B32);
        int p = args.at(0) instanceof Operand.Pair(Operand _, Operand second) ? args.predicateOut(second) : -1;
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                int same = 0;
                for (int others = m; others != 0; others &= others - 1) {
                    int o = Lanes.next(others);
                    boolean equal = wide ? w.longs[a][o] == w.longs[a][k] : w.ints[a][o] == w.ints[a][k];
                    same |= equal ? 1 << o : 0;
                }
                w.ints[z][k] = any || same == m ? same : 0;
                if (p >= 0) {
                    w.predicates[p] = same == m ? w.predicates[p] | 1 << k : w.predicates[p] & ~(1 << k);
                }
            }
        };
    }

    static Step redux(Opcode op, Operands args) {
        op.takeOne("sync");
        String what = op.takeOne("add", "min", "max", "and", "or", "xor");
        PtxType type = op.takeType();
        args.expect(3);
        int z = args.intOut(0, type);
        int a = args.intIn(1, type);
        java.util.function.LongBinaryOperator f = AtomicDecoder.integer(op, what);
        boolean signed = type.signed();
        return (w, m) -> {
            int first = Lanes.next(m);
            long sum = widen(w.ints[a][first], signed);
            for (int rest = m & m - 1; rest != 0; rest &= rest - 1) {
                sum = f.applyAsLong(sum, widen(w.ints[a][Lanes.next(rest)], signed));
            }
            for (int rest = m; rest != 0; rest &= rest - 1) {
                w.ints[z][Lanes.next(rest)] = (int) sum;
            }
        };
    }

    private static long widen(int x, boolean signed) {
        return signed ? x : x & 0xffffffffL;
    }

    static Step activemask(Opcode op, Operands args) {
        op.takeType();
        args.expect(1);
        int z = args.intOut(0, PtxType.B32);
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                w.ints[z][Lanes.next(rest)] = m;
            }
        };
    }
}
