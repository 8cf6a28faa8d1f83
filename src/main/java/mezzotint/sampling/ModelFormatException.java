package mezzotint.sampling;

/** A folder that is not a model this library can open; the message says what is missing or does not fit. */
public final class ModelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelFormatException(String message) {
        super(message);
    }
}
