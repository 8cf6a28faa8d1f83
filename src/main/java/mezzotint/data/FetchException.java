package mezzotint.data;

/** Thrown when public packages cannot be fetched; nothing is left half-written. */
public final class FetchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, for a caller that can act on it. */
    public enum Reason {
        /** The npm client is not installed. */
        NO_CLIENT,
        /** The client could not get the package: no network, or no such version. */
        UNREACHABLE,
        /** The package is not the one this version of Mezzotint knows. */
        WRONG_CHECKSUM,
        /** The package does not hold what it should. */
        BAD_PACKAGE,
        /** The cache folder cannot be written. */
        NOT_WRITABLE
    }

    private final Reason reason;

    /**
     * Makes an exception.
     *
     * @param message what happened, and the remedy
     */
    public FetchException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * Makes an exception with what caused it.
     *
     * @param message what happened, and the remedy
     * @param cause the failure below
     */
    public FetchException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What went wrong. */
    public Reason reason() {
        return reason;
    }
}
