package mezzotint.kernel.cuda;

/** CUDA's driver refused, or a kernel failed; the message says what, with which sizes, and CUDA's own word for it. */
public class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, got, remedy */
    public CudaException(String message) {
        super(message);
    }

    /** As above, with the failure that showed it. */
    public CudaException(String message, Throwable cause) {
        super(message, cause);
    }
}
