package mezzotint.kernel.cuda;

/** The driver did not start a kernel: its block or its shared memory are more than the device has; nothing ran. */
public final class LaunchRefusedException extends CudaException {
    private static final long serialVersionUID = 1L;

    /** @param message what, where, expected, got, remedy */
    public LaunchRefusedException(String message) {
        super(message);
    }
}
