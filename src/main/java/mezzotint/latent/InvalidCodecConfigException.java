package mezzotint.latent;

import java.nio.file.Path;

/** A configuration of an autoencoder that cannot be built; the message names file, key, expected and got. */
public final class InvalidCodecConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final String rest;

    InvalidCodecConfigException(String key, String expected, Object got) {
        this("autoencoder configuration", key, "expected %s, got %s".formatted(expected, got));
    }

    private InvalidCodecConfigException(String where, String key, String rest) {
        super("%s: %s %s".formatted(where, key, rest));
        this.key = key;
        this.rest = rest;
    }

    /** The same, said of a file. */
    InvalidCodecConfigException in(Path file) {
        return new InvalidCodecConfigException(file.toString(), key, rest);
    }

    /** The key whose value does not fit. */
    public String key() {
        return key;
    }
}
