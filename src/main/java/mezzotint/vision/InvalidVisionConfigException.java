package mezzotint.vision;

/** Thrown when the {@code config.json} of a vision encoder asks for what there is not. */
public final class InvalidVisionConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidVisionConfigException(String where, String key, String expected, Object got) {
        super("%s: %s, expected %s, got %s; use the configuration as it was published"
                .formatted(where, key, expected, got));
    }
}
