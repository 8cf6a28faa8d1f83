package mezzotint.ptx;

/** One decoded instruction of a kernel. */
final class Instruction {
    /** How a warp goes on after it. */
    enum Kind {
        /** To the next instruction. */
        PLAIN,
        /** To its target, for the lanes that take it. */
        BRANCH,
        /** To one of its targets, by a register. */
        TABLE,
        /** Nowhere. */
        EXIT,
        /** On once the block's other threads have come. */
        BARRIER,
        /** On once the lanes of its member mask have come; then it runs. */
        CONVERGE
    }

    final int pc;
    final Kind kind;
    final Statement statement;
    final Step step;
    final InstructionClass group;
    final int flops;
    /** The predicate it is under, or -1. */
    int guard = -1;

    boolean guardNegated;
    int target = -1;
    int[] targets = {};
    /** Register that holds the index into {@link #targets}, or the member mask of {@link Kind#CONVERGE}; -1 for all lanes. */
    int register = -1;

    BarrierOperation barrier;

    Instruction(int pc, Kind kind, Statement statement, Step step) {
        this.pc = pc;
        this.kind = kind;
        this.statement = statement;
        this.step = step;
        this.group = InstructionClass.of(statement.opcode());
        this.flops = InstructionClass.flops(statement.opcode());
    }
}
