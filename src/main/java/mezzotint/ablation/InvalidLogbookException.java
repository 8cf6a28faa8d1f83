package mezzotint.ablation;

/** A logbook that cannot be run; the message names the place, what was expected and what was found. */
public final class InvalidLogbookException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidLogbookException(String message) {
        super(message);
    }

    InvalidLogbookException(String message, Throwable cause) {
        super(message, cause);
    }
}
