package mezzotint.training.technique;

/** A term of the loss looks at features that nobody has provided; the message names them. */
public final class MissingFeaturesException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    MissingFeaturesException(String message) {
        super(message);
    }
}
