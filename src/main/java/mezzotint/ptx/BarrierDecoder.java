package mezzotint.ptx;

/** Barriers of a block and of a warp. */
final class BarrierDecoder {
    private BarrierDecoder() {}

    static Instruction decode(int pc, Opcode op, Operands args) {
        if (op.take("warp")) {
            op.takeOne("sync");
            op.done();
            args.expect(1);
            var instruction = new Instruction(pc, Instruction.Kind.CONVERGE, op.statement, (w, m) -> {});
            instruction.register = args.intIn(0, PtxType.B32);
            return instruction;
        }
        op.take("cta");
        op.take("aligned");
        String what = op.takeOne("sync", "arrive", "red");
        var instruction = new Instruction(pc, Instruction.Kind.BARRIER, op.statement, (w, m) -> {});
        instruction.barrier = what.equals("red") ? reduction(op, args) : plain(op, args, what.equals("arrive"));
        op.done();
        return instruction;
    }

    private static BarrierOperation plain(Opcode op, Operands args, boolean arrive) {
        args.expect(1, 2);
        if (arrive && args.size() == 1) {
            throw op.unknown("arrive needs a number of threads");
        }
        int threads = args.size() > 1 ? args.intIn(1, PtxType.U32) : -1;
        return new BarrierOperation(args.intIn(0, PtxType.U32), threads, arrive, "", -1, false, -1);
    }

    private static BarrierOperation reduction(Opcode op, Operands args) {
        String how = op.takeOne("and", "or", "popc");
        PtxType type = op.takeType();
        args.expect(3, 4);
        int threads = args.size() > 3 ? args.intIn(2, PtxType.U32) : -1;
        if (!(args.at(args.size() - 1) instanceof Operand.Reg(Register register, boolean negated))
                || register.type != PtxType.PRED) {
            throw args.wrong("a predicate");
        }
        int target = how.equals("popc") ? args.intOut(0, type) : args.predicateOut(0);
        return new BarrierOperation(
                args.intIn(1, PtxType.U32), threads, false, how, args.plan().index(register), negated, target);
    }
}
