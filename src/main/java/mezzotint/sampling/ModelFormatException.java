package mezzotint.sampling;

import java.nio.file.Path;

/** A folder that is not a model this library can open; the message says what is missing or does not fit. */
public final class ModelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelFormatException(String message) {
        super(message);
    }

    /** One value of one file is not as it should be. */
    ModelFormatException(Path file, String key, String expected, String got) {
        super("%s: %s: expected %s, got %s".formatted(file, key, expected, got));
    }
}
