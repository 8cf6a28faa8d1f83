package mezzotint.sampling;

/** The listener wanted no more. */
public final class SamplingCancelledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SamplingCancelledException(int done, int steps) {
        super("sampling was cancelled after %d of %d steps".formatted(done, steps));
    }
}
