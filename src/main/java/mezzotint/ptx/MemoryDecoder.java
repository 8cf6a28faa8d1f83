package mezzotint.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Loads, stores and asynchronous copies. */
final class MemoryDecoder {
    private MemoryDecoder() {}

    private static void dropHints(Opcode op) {
        op.take("weak");
        op.take("relaxed");
        op.take("acquire");
        op.take("release");
        op.take("volatile");
        op.takeAny("cta", "gpu", "sys", "cluster");
        op.takeAny("ca", "cg", "cs", "lu", "cv", "wb", "wt");
        op.dropHints("L1::", "L2::", "level::");
    }

    static Access.Space space(Opcode op) {
        String word = op.takeAny("global", "shared", "shared::cta", "local", "const");
        return switch (word) {
            case "global", "const" -> Access.Space.GLOBAL;
            case "shared", "shared::cta" -> Access.Space.SHARED;
            case "local" -> Access.Space.LOCAL;
            default -> Access.Space.GENERIC;
        };
    }

    private static int vector(Opcode op) {
        String word = op.takeAny("v2", "v4", "v8");
        return word.isEmpty() ? 1 : word.charAt(1) - '0';
    }

    /** The access through the address operand {@code k}. */
    static Access access(Operands args, int k, Access.Space space, int bytes, Sanitizer.Mode mode) {
        if (!(args.at(k) instanceof Operand.Address(Operand base, long offset))) {
            throw args.wrong("an address");
        }
        boolean wide =
                args.isFile(base, RegisterFile.LONG) || !(base instanceof Operand.Reg) && space != Access.Space.SHARED;
        int register = wide ? args.longIn(base) : args.intIn(base, PtxType.U32);
        return new Access(space, bytes, mode, register, wide, offset);
    }

    static Step ld(Opcode op, Operands args) {
        PtxType type = op.takeType();
        int count = vector(op);
        args.expect(2);
        if (op.take("param")) {
            return parameter(op, args, type, count);
        }
        boolean readOnly = op.take("nc") || op.name.equals("ldu");
        dropHints(op);
        Sanitizer.Mode mode = readOnly ? Sanitizer.Mode.READ_ONLY : Sanitizer.Mode.READ;
        Access access = access(args, 1, space(op), type.bytes * count, mode);
        Step move = loads(op, args, type, count);
        return (w, m) -> access.run(w, m, move);
    }

    private static Step loads(Opcode op, Operands args, PtxType type, int count) {
        List<Operand> targets = args.elements(0);
        if (targets.size() != count) {
            throw op.unknown("%d registers for %d elements".formatted(targets.size(), count));
        }
        var moves = new ArrayList<Step>();
        for (int q = 0; q < count; q++) {
            int offset = q * type.bytes;
            Operand target = targets.get(q);
            moves.add(
                    switch (fileOf(args, target, type)) {
                        case FLOAT -> Movers.loadFloat(args.floatOut(target), offset);
                        case LONG -> Movers.loadLong(args.longOut(target), offset);
                        case DOUBLE -> Movers.loadDouble(args.doubleOut(target), offset);
                        default ->
                            Movers.load(
                                    args.intOut(target, type), offset, type, Math.min(4, args.registerBytes(target)));
                    });
        }
        return all(moves);
    }

    /** The registers to use: of the operand's own kind where the width agrees, so that no move is needed. */
    private static RegisterFile fileOf(Operands args, Operand operand, PtxType type) {
        if (type.bytes == 4 && args.isFile(operand, RegisterFile.FLOAT)) {
            return RegisterFile.FLOAT;
        }
        if (type.bytes == 8) {
            boolean real = args.isFile(operand, RegisterFile.DOUBLE) || operand instanceof Operand.Real;
            return real ? RegisterFile.DOUBLE : RegisterFile.LONG;
        }
        return type == PtxType.F32 && operand instanceof Operand.Real ? RegisterFile.FLOAT : RegisterFile.INT;
    }

    private static Step all(List<Step> steps) {
        if (steps.size() == 1) {
            return steps.getFirst();
        }
        Step[] array = steps.toArray(Step[]::new);
        return (w, m) -> {
            for (Step step : array) {
                step.run(w, m);
            }
        };
    }

    /** Parameters of the entry are the same for all threads; those of a function lie in the thread's own memory. */
    private static Step parameter(Opcode op, Operands args, PtxType type, int count) {
        if (!(args.at(1) instanceof Operand.Address(Operand base, long offset))) {
            throw args.wrong("an address");
        }
        Step move = loads(op, args, type, count);
        if (base instanceof Operand.Name name) {
            Variable variable = name.scope().variable(name.text());
            long at = args.address(name) + offset;
            if (variable != null && args.plan().isEntryParameter(variable)) {
                if (offset < 0 || name.offset() + offset + (long) type.bytes * count > variable.bytes()) {
                    throw op.unknown("outside of the parameter's %d bytes".formatted(variable.bytes()));
                }
                return (w, m) -> {
                    Arrays.fill(w.at, (int) at);
                    w.page = w.block.parameters();
                    move.run(w, m);
                };
            }
            int register = args.plan().longConstant(at);
            var access = new Access(Access.Space.LOCAL, type.bytes * count, Sanitizer.Mode.READ, register, true, 0);
            return (w, m) -> access.run(w, m, move);
        }
        boolean wide = args.isFile(base, RegisterFile.LONG);
        int register = wide ? args.longIn(base) : args.intIn(base, PtxType.U32);
        int bytes = type.bytes * count;
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = Lanes.next(rest);
                long at = (wide ? w.longs[register][k] : w.ints[register][k]) + offset;
                if (at < 0 || at + bytes > w.block.parameters().length) {
                    w.processor.findings.report(FindingKind.OUT_OF_BOUNDS, w, k, "parameter byte " + at);
                    return;
                }
                w.at[k] = (int) at;
            }
            w.page = w.block.parameters();
            move.run(w, m);
        };
    }

    static Step st(Opcode op, Operands args) {
        PtxType type = op.takeType();
        int count = vector(op);
        args.expect(2);
        boolean parameter = op.take("param");
        dropHints(op);
        Access.Space space = parameter ? Access.Space.LOCAL : space(op);
        Access access = access(args, 0, space, type.bytes * count, Sanitizer.Mode.WRITE);
        Step move = stores(op, args, type, count);
        return (w, m) -> {
            access.run(w, m, (warp, lanes) -> {
                Sanitizer sanitizer = warp.processor.sanitizer;
                if (sanitizer.suspects == 0) {
                    move.run(warp, lanes);
                } else {
                    storeSuspects(warp, lanes, move, access.bytes);
                }
            });
        };
    }

    /** One lane after the other: a lane that stores other bytes than the unordered writer before it is a race. */
    private static void storeSuspects(Warp w, int lanes, Step move, int bytes) {
        Sanitizer sanitizer = w.processor.sanitizer;
        int suspects = sanitizer.suspects;
        sanitizer.suspects = 0;
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            byte[] page = w.pageOf(k);
            int at = w.at[k];
            byte[] before = Arrays.copyOfRange(page, at, at + bytes);
            move.run(w, 1 << k);
            if ((suspects >>> k & 1) != 0 && !Arrays.equals(before, 0, bytes, page, at, at + bytes)) {
                sanitizer.confirm(w, k);
            }
        }
    }

    private static Step stores(Opcode op, Operands args, PtxType type, int count) {
        List<Operand> sources = args.elements(1);
        if (sources.size() != count) {
            throw op.unknown("%d registers for %d elements".formatted(sources.size(), count));
        }
        var moves = new ArrayList<Step>();
        for (int q = 0; q < count; q++) {
            int offset = q * type.bytes;
            Operand source = sources.get(q);
            moves.add(
                    switch (fileOf(args, source, type)) {
                        case FLOAT -> Movers.storeFloat(args.floatIn(source), offset);
                        case LONG -> Movers.storeLong(args.longIn(source), offset);
                        case DOUBLE -> Movers.storeDouble(args.doubleIn(source), offset);
                        default -> Movers.store(args.intIn(source, type), offset, type.bytes);
                    });
        }
        return all(moves);
    }

    /** {@code cp.async} and its waits. */
    static Step cp(Opcode op, Operands args) {
        if (!op.takeFirst().equals("async")) {
            throw op.unknown("only cp.async");
        }
        if (op.take("commit_group")) {
            return (w, m) -> w.copies.commit(m);
        }
        if (op.take("wait_all")) {
            return (w, m) -> w.copies.finish(w, m, -1);
        }
        if (op.take("wait_group")) {
            int pending = args.literal(0);
            return (w, m) -> w.copies.finish(w, m, pending);
        }
        String cache = op.takeOne("ca", "cg");
        op.takeOne("shared", "shared::cta");
        op.takeOne("global");
        dropHints(op);
        args.expect(3, 5);
        int bytes = args.literal(2);
        if (bytes != 16 && (cache.equals("cg") || bytes != 4 && bytes != 8)) {
            throw op.unknown("%d bytes".formatted(bytes));
        }
        Access to = access(args, 0, Access.Space.SHARED, bytes, Sanitizer.Mode.WRITE);
        Access from = access(args, 1, Access.Space.GLOBAL, bytes, Sanitizer.Mode.READ);
        int size = args.size() > 3 ? args.intIn(3, PtxType.U32) : args.plan().intConstant(bytes);
        return new AsyncCopyStep(to, from, size);
    }

    static Step prefetch(Opcode op) {
        dropHints(op);
        space(op);
        op.takeAny("L1", "L2");
        return (w, m) -> {};
    }
}
