package mezzotint.ptx;

import java.util.List;

/** Copies, packing and unpacking, and conversions of addresses. */
final class MoveDecoder {
    private MoveDecoder() {}

    static Step mov(Opcode op, Operands args) {
        PtxType type = op.takeType();
        args.expect(2);
        if (args.at(0) instanceof Operand.Vector(List<Operand> parts)) {
            return unpack(op, args, type, parts);
        }
        if (args.at(1) instanceof Operand.Vector(List<Operand> parts)) {
            return pack(op, args, type, parts);
        }
        if (args.at(1) instanceof Operand.Name(String name, Scope _, long _) && type.bytes == 8) {
            if (name.equals("%clock64") || name.equals("%globaltimer")) {
                return Moves.longs(args.longOut(0), args.plan().longConstant(0));
            }
        }
        return switch (type.file()) {
            case PREDICATE -> {
                int z = args.predicateOut(0);
                int a = args.predicateIn(1);
                yield (w, m) -> w.predicates[z] = w.predicates[z] & ~m | w.predicates[a] & m;
            }
            case LONG -> Moves.longs(args.longOut(0), args.longIn(1));
            case FLOAT -> Moves.floats(args.floatOut(0), args.floatIn(1));
            case DOUBLE -> Moves.doubles(args.doubleOut(0), args.doubleIn(1));
            case INT -> Moves.ints(args.intOut(0, type), args.intIn(1, type));
        };
    }

    private static Step unpack(Opcode op, Operands args, PtxType type, List<Operand> parts) {
        if (type.bytes == 4 && parts.size() == 2) {
            int a = args.intIn(1, PtxType.B32);
            return both(
                    Moves.low16(args.intOut(parts.get(0), PtxType.B16), a),
                    Moves.high16(args.intOut(parts.get(1), PtxType.B16), a));
        }
        if (type.bytes == 8 && parts.size() == 2) {
            int a = args.longIn(1);
            return both(
                    Moves.lowWord(args.intOut(parts.get(0), PtxType.B32), a),
                    Moves.highWord(args.intOut(parts.get(1), PtxType.B32), a));
        }
        if (type.bytes == 8 && parts.size() == 4) {
            int a = args.longIn(1);
            int low = args.plan().newInt();
            int high = args.plan().newInt();
            return both(
                    both(Moves.lowWord(low, a), Moves.highWord(high, a)),
                    both(
                            both(
                                    Moves.low16(args.intOut(parts.get(0), PtxType.B16), low),
                                    Moves.high16(args.intOut(parts.get(1), PtxType.B16), low)),
                            both(
                                    Moves.low16(args.intOut(parts.get(2), PtxType.B16), high),
                                    Moves.high16(args.intOut(parts.get(3), PtxType.B16), high))));
        }
        throw op.unknown("%d parts of %s".formatted(parts.size(), type.word()));
    }

    private static Step pack(Opcode op, Operands args, PtxType type, List<Operand> parts) {
        if (type.bytes == 4 && parts.size() == 2) {
            int low = args.intIn(parts.get(0), PtxType.B16);
            int high = args.intIn(parts.get(1), PtxType.B16);
            return Moves.pack16(args.intOut(0, PtxType.B32), low, high);
        }
        if (type.bytes == 8 && parts.size() == 2) {
            int low = args.intIn(parts.get(0), PtxType.B32);
            int high = args.intIn(parts.get(1), PtxType.B32);
            return Moves.packWords(args.longOut(0), low, high);
        }
        if (type.bytes == 8 && parts.size() == 4) {
            int low = args.plan().newInt();
            int high = args.plan().newInt();
            return both(
                    both(
                            Moves.pack16(
                                    low, args.intIn(parts.get(0), PtxType.B16), args.intIn(parts.get(1), PtxType.B16)),
                            Moves.pack16(
                                    high,
                                    args.intIn(parts.get(2), PtxType.B16),
                                    args.intIn(parts.get(3), PtxType.B16))),
                    Moves.packWords(args.longOut(0), low, high));
        }
        throw op.unknown("%d parts of %s".formatted(parts.size(), type.word()));
    }

    private static Step both(Step first, Step second) {
        return (w, m) -> {
            first.run(w, m);
            second.run(w, m);
        };
    }

    /** Generic addresses: global memory as it is, windows for shared and local memory. */
    static Step cvta(Opcode op, Operands args) {
        PtxType type = op.takeType();
        boolean to = op.take("to");
        String space = op.takeOne("global", "shared", "local", "const", "param", "shared::cta");
        if (type.bytes != 8) {
            throw op.unknown("only 64-bit addresses");
        }
        args.expect(2);
        int z = args.longOut(0);
        int a = args.longIn(1);
        long window = space.startsWith("shared")
                ? KernelPlan.SHARED_WINDOW
                : space.equals("local") ? KernelPlan.LOCAL_WINDOW : 0;
        if (space.equals("param")) {
            throw op.unknown("generic addresses of parameters");
        }
        return window == 0
                ? Moves.longs(z, a)
                : to ? Lanes.longs(z, a, x -> x - window) : Lanes.longs(z, a, x -> x + window);
    }

    static Step isspacep(Opcode op, Operands args) {
        String space = op.takeOne("global", "shared", "local", "const", "shared::cta");
        args.expect(2);
        int z = args.predicateOut(0);
        int a = args.longIn(1);
        return (w, m) -> {
            int mask = 0;
            for (int k = 0; k < 32; k++) {
                mask |= (lies(w.longs[a][k], space) ? 1 : 0) << k;
            }
            w.predicates[z] = w.predicates[z] & ~m | mask & m;
        };
    }

    private static boolean lies(long address, String space) {
        long window = address >>> DeviceMemory.SPAN_SHIFT << DeviceMemory.SPAN_SHIFT;
        return switch (space) {
            case "global" -> window != KernelPlan.SHARED_WINDOW && window != KernelPlan.LOCAL_WINDOW;
            case "local" -> window == KernelPlan.LOCAL_WINDOW;
            case "const" -> false;
            default -> window == KernelPlan.SHARED_WINDOW;
        };
    }
}
