package mezzotint.sampling;

/** A request that the model it was put to cannot fulfil; the message says what is expected. */
public final class SamplingRequestException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    SamplingRequestException(String format, Object... arguments) {
        super(format.formatted(arguments));
    }
}
