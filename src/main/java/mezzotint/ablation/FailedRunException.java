package mezzotint.ablation;

/** A run that ended without a result, such as one whose loss was no number; the message is kept in the logbook. */
public final class FailedRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param reason a sentence */
    public FailedRunException(String reason) {
        super(reason);
    }
}
