package mezzotint.ptx;

/** What a report counts instructions by. */
public enum InstructionClass {
    /** Integer arithmetic and logic. */
    INTEGER,
    /** Float32 arithmetic. */
    FLOAT32,
    /** Float64 arithmetic. */
    FLOAT64,
    /** 16-bit floating-point arithmetic. */
    HALF,
    /** Approximate functions: exponential, logarithm, reciprocal, square roots, sine, division. */
    SPECIAL,
    /** Conversions between types. */
    CONVERT,
    /** Comparisons, selections and logic on predicates. */
    COMPARE,
    /** Copies of registers and address conversions. */
    MOVE,
    /** Loads of parameters and constants. */
    PARAMETER,
    /** Loads from global memory. */
    GLOBAL_LOAD,
    /** Stores to global memory. */
    GLOBAL_STORE,
    /** Loads from shared memory. */
    SHARED_LOAD,
    /** Stores to shared memory. */
    SHARED_STORE,
    /** Loads from and stores to a thread's own memory. */
    LOCAL,
    /** Copies from global to shared memory that run beside the thread, and waits for them. */
    ASYNC_COPY,
    /** Atomic operations. */
    ATOMIC,
    /** Loads of matrix fragments. */
    MATRIX_LOAD,
    /** Products of matrix fragments. */
    MATRIX,
    /** Exchanges between the lanes of a warp. */
    WARP,
    /** Barriers and fences. */
    BARRIER,
    /** Branches, calls and returns. */
    CONTROL;

    static InstructionClass of(String opcode) {
        String name = opcode.contains(".") ? opcode.substring(0, opcode.indexOf('.')) : opcode;
        return switch (name) {
            case "bra", "brx", "ret", "exit", "trap", "call", "nanosleep", "brkpt" -> CONTROL;
            case "bar", "barrier", "membar", "fence" -> BARRIER;
            case "shfl", "vote", "match", "redux", "activemask" -> WARP;
            case "mma" -> MATRIX;
            case "ldmatrix" -> MATRIX_LOAD;
            case "atom", "red" -> ATOMIC;
            case "cp" -> ASYNC_COPY;
            case "ld", "ldu" -> memory(opcode, SHARED_LOAD, GLOBAL_LOAD);
            case "st" -> memory(opcode, SHARED_STORE, GLOBAL_STORE);
            case "mov", "cvta", "isspacep", "prefetch" -> MOVE;
            case "setp", "selp", "slct", "set", "testp" -> COMPARE;
            case "cvt" -> CONVERT;
            default -> arithmetic(name, opcode);
        };
    }

    private static InstructionClass memory(String opcode, InstructionClass shared, InstructionClass global) {
        if (opcode.contains(".param") || opcode.contains(".const")) {
            return PARAMETER;
        }
        return opcode.contains(".local") ? LOCAL : opcode.contains(".shared") ? shared : global;
    }

    private static InstructionClass arithmetic(String name, String opcode) {
        if (opcode.endsWith(".pred")) {
            return COMPARE;
        }
        if (opcode.endsWith("f64")) {
            return FLOAT64;
        }
        if (opcode.endsWith("f16") || opcode.endsWith("f16x2")) {
            return HALF;
        }
        if (!opcode.endsWith("f32")) {
            return INTEGER;
        }
        return switch (name) {
            case "ex2", "lg2", "rcp", "sqrt", "rsqrt", "sin", "cos", "tanh", "div" -> SPECIAL;
            default -> FLOAT32;
        };
    }

    /** Additions and products of floating-point numbers that one lane does. */
    static int flops(String opcode) {
        if (opcode.startsWith("mma.")) {
            return matrixFlops(opcode);
        }
        if (!opcode.endsWith("f32")
                && !opcode.endsWith("f64")
                && !opcode.endsWith("f16")
                && !opcode.endsWith("f16x2")) {
            return 0;
        }
        int each = opcode.endsWith("x2") ? 2 : 1;
        return switch (opcode.substring(0, opcode.indexOf('.'))) {
            case "add", "sub", "mul" -> each;
            case "fma", "mad" -> 2 * each;
            default -> 0;
        };
    }

    private static int matrixFlops(String opcode) {
        for (String part : opcode.split("\\.")) {
            if (part.matches("m\\d+n\\d+k\\d+")) {
                String[] sizes = part.substring(1).split("[nk]");
                return 2 * Integer.parseInt(sizes[0]) * Integer.parseInt(sizes[1]) * Integer.parseInt(sizes[2]) / 32;
            }
        }
        return 0;
    }
}
