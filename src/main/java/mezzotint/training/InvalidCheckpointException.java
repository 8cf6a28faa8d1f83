package mezzotint.training;

/** A checkpoint that a run cannot go on from; the message says why and what to give instead. */
public final class InvalidCheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidCheckpointException(String message) {
        super(message);
    }
}
