package mezzotint.sampling;

/** A run that cannot fit the memory it was given, found out before it begins; the message has the numbers. */
public final class InsufficientMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InsufficientMemoryException(String message) {
        super(message);
    }
}
