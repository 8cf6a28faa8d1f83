package mezzotint.ptx;

/** Ends a block that cannot go on, after its finding has been noted. */
final class KernelAbort extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KernelAbort() {
        super(null, null, false, false);
    }
}
