package mezzotint.io;

/** A file is no valid safetensors file; the message says which file, which key, what was expected and what it has. */
public final class MalformedSafeTensorsException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int KEY_SHOWN = 200;

    private final String source;
    private final String key;

    /**
     * @param source the file
     * @param key the tensor or part of the file concerned
     * @param expected what the format asks for
     * @param got what the file has
     */
    MalformedSafeTensorsException(String source, String key, String expected, String got) {
        super("%s is no valid safetensors file: %s: expected %s, got %s. Fetch or write it again."
                .formatted(source, shortened(key), expected, shortened(got)));
        this.source = source;
        this.key = key;
    }

    /** The file. */
    public String source() {
        return source;
    }

    /** The tensor's name, or the part of the file (such as {@code header}) that is wrong. */
    public String key() {
        return key;
    }

    private static String shortened(String text) {
        return text.length() <= KEY_SHOWN ? text : text.substring(0, KEY_SHOWN) + "…";
    }
}
