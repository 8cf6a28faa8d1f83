package mezzotint.text;

import java.nio.file.Path;

/** Settings or weights of a published text encoder lack something, or say something this version does not know. */
public final class TextFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param file such as {@code tokenizer/tokenizer_config.json}
     * @param key of the setting, or name of the tensor
     * @param expected what it may be
     * @param got what it is
     */
    TextFormatException(Path file, String key, String expected, String got) {
        this(file.toString(), key, expected, got);
    }

    /** The same of weights, which may lie in several files. */
    TextFormatException(String source, String key, String expected, String got) {
        super("%s: %s: expected %s, got %s".formatted(source, key, expected, got));
    }
}
