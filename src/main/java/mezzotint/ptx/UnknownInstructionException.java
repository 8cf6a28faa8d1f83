package mezzotint.ptx;

/** A kernel has an instruction, or a form of one, that the machine does not run; it never guesses. */
public final class UnknownInstructionException extends PtxException {
    private static final long serialVersionUID = 1L;

    private final String kernel;
    private final String instruction;

    UnknownInstructionException(String kernel, int line, String instruction, String why) {
        super(
                "%s: PTX line %d: unknown instruction `%s` (%s); write it with one that the machine knows, or add it to package mezzotint.ptx"
                        .formatted(kernel, line, instruction, why),
                line);
        this.kernel = kernel;
        this.instruction = instruction;
    }

    /** The kernel's name. */
    public String kernel() {
        return kernel;
    }

    /** The instruction as written. */
    public String instruction() {
        return instruction;
    }
}
