package mezzotint.text;

import java.nio.file.Path;

/** The settings of a published tokenizer are missing or say something this version does not know. */
public final class TokenizerFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param file such as {@code tokenizer/tokenizer_config.json}
     * @param key of the setting
     * @param expected what it may be
     * @param got what it is
     */
    TokenizerFormatException(Path file, String key, String expected, String got) {
        super("%s: %s: expected %s, got %s".formatted(file, key, expected, got));
    }
}
