package mezzotint.training;

/** A configuration that cannot be run; the message names key, expected and got. */
public final class InvalidTrainingConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidTrainingConfigException(String key, String expected, Object got) {
        super("training configuration: %s expected %s, got %s".formatted(key, expected, got));
    }

    /** Throws one unless {@code holds}; here and not in a configuration, whose constants are made by other configurations. */
    static void require(boolean holds, String key, String expected, Object got) {
        if (!holds) {
            throw new InvalidTrainingConfigException(key, expected, got);
        }
    }

    InvalidTrainingConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
