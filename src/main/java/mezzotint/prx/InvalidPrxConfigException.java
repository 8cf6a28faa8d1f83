package mezzotint.prx;

/** A configuration of the denoiser that cannot be built; the message names key, expected and got. */
public final class InvalidPrxConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidPrxConfigException(String key, String expected, Object got) {
        super("PRX configuration: %s expected %s, got %s".formatted(key, expected, got));
    }
}
