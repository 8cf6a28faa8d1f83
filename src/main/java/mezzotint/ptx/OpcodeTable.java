package mezzotint.ptx;

import java.util.Set;

/** Which decoder knows an instruction. */
final class OpcodeTable {
    private static final Set<String> CONVERGING = Set.of("shfl", "vote", "match", "redux", "mma", "ldmatrix");

    private static final Set<String> LOGIC = Set.of(
            "and", "or", "xor", "not", "cnot", "shl", "shr", "shf", "prmt", "popc", "clz", "brev", "bfind", "bfe",
            "bfi", "lop3");

    private static final Set<String> ARITHMETIC = Set.of(
            "add",
            "sub",
            "mul",
            "mad",
            "fma",
            "div",
            "rem",
            "abs",
            "neg",
            "min",
            "max",
            "addc",
            "subc",
            "madc",
            "mul24",
            "mad24",
            "sad",
            "dp4a",
            "rcp",
            "sqrt",
            "rsqrt",
            "ex2",
            "lg2",
            "sin",
            "cos",
            "tanh",
            "copysign");

    private OpcodeTable() {}

    /** Whether the lanes of its mask run it together. */
    static boolean converges(String name) {
        return CONVERGING.contains(name);
    }

    static Step decode(Opcode op, Operands args, Perturbation perturbation) {
        if (LOGIC.contains(op.name)) {
            return LogicDecoder.decode(op, args);
        }
        if (ARITHMETIC.contains(op.name)) {
            return arithmetic(op, args, perturbation);
        }
        return switch (op.name) {
            case "mov" -> MoveDecoder.mov(op, args);
            case "cvta" -> MoveDecoder.cvta(op, args);
            case "isspacep" -> MoveDecoder.isspacep(op, args);
            case "ld", "ldu" -> MemoryDecoder.ld(op, args);
            case "st" -> MemoryDecoder.st(op, args);
            case "cp" -> MemoryDecoder.cp(op, args);
            case "prefetch", "prefetchu" -> MemoryDecoder.prefetch(op);
            case "atom", "red" -> AtomicDecoder.decode(op, args);
            case "cvt" -> ConvertDecoder.decode(op, args);
            case "setp" -> CompareDecoder.setp(op, args);
            case "selp" -> CompareDecoder.selp(op, args);
            case "slct" -> CompareDecoder.slct(op, args);
            case "set" -> CompareDecoder.set(op, args);
            case "testp" -> CompareDecoder.testp(op, args);
            case "membar", "fence" -> fence(op);
            case "nanosleep" -> nothing(op);
            case "trap" -> OpcodeTable::trap;
            default -> warp(op, args);
        };
    }

    private static Step warp(Opcode op, Operands args) {
        return switch (op.name) {
            case "shfl" -> WarpDecoder.shfl(op, args);
            case "vote" -> WarpDecoder.vote(op, args);
            case "match" -> WarpDecoder.match(op, args);
            case "redux" -> WarpDecoder.redux(op, args);
            case "activemask" -> WarpDecoder.activemask(op, args);
            case "ldmatrix" -> MatrixDecoder.ldmatrix(op, args);
            case "mma" -> MatrixDecoder.mma(op, args);
            default -> throw op.unknown("no such operation");
        };
    }

    private static Step nothing(Opcode op) {
        op.takeType();
        return (w, m) -> {};
    }

    private static void trap(Warp w, int m) {
        w.processor.findings.report(FindingKind.TRAP, w, Lanes.next(m), "the kernel stopped itself");
        throw new KernelAbort();
    }

    private static Step arithmetic(Opcode op, Operands args, Perturbation perturbation) {
        String word = op.statement.opcode();
        PtxType type =
                PtxType.of(word.substring(word.lastIndexOf('.') + 1)).orElseThrow(() -> op.unknown("no such type"));
        return switch (type) {
            case F32 -> FloatDecoder.decode(op, args, perturbation);
            case F64 -> DoubleDecoder.decode(op, args);
            case F16, BF16, F16X2, BF16X2 -> HalfDecoder.decode(op, args);
            default -> IntegerDecoder.decode(op, args);
        };
    }

    /** Blocks run one after the other or apart from each other, so a fence has nothing to do. */
    private static Step fence(Opcode op) {
        op.takeAny("sc", "acq_rel");
        op.takeOne("cta", "gl", "gpu", "sys");
        return (w, m) -> {};
    }
}
