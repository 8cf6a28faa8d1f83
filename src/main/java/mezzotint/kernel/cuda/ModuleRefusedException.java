package mezzotint.kernel.cuda;

/** The driver did not accept a PTX text; the message ends in what its compiler said. */
public final class ModuleRefusedException extends CudaException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, got, remedy */
    public ModuleRefusedException(String message) {
        super(message);
    }
}
