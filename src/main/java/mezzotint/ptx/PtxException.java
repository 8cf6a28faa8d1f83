package mezzotint.ptx;

import mezzotint.kernel.cuda.CudaException;

/** A PTX text cannot be loaded: it is malformed, cut short, or has an instruction that the machine does not know. */
public sealed class PtxException extends CudaException permits PtxSyntaxException, UnknownInstructionException {
    private static final long serialVersionUID = 1L;

    private final int line;

    PtxException(String message, int line) {
        super(message);
        this.line = line;
    }

    /** The line of the PTX text, from 1. */
    public int line() {
        return line;
    }
}
