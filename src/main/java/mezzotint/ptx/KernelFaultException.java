package mezzotint.ptx;

import mezzotint.kernel.cuda.CudaException;

/** A kernel did something that is wrong on every GPU, or on some; the message tells what, where and which thread. */
public final class KernelFaultException extends CudaException {
    private static final long serialVersionUID = 1L;

    private final transient PtxFinding finding;

    KernelFaultException(PtxFinding finding) {
        super(finding.message());
        this.finding = finding;
    }

    /** What was found. */
    public PtxFinding finding() {
        return finding;
    }
}
