package mezzotint.kernel.cuda;

/**
 * A kernel failed while it ran: the GPU's context is lost, with all its memory, and this process cannot use that GPU any
 * more.
 */
public final class CudaContextLostException extends CudaException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, got, remedy */
    public CudaContextLostException(String message) {
        super(message);
    }
}
