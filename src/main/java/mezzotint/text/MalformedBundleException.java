package mezzotint.text;

/** A TensorFlow tensor bundle breaks a rule of its format, or lacks a tensor; the message says where. */
public final class MalformedBundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param source the file
     * @param problem what is wrong, expected and got
     */
    MalformedBundleException(String source, String problem) {
        super(source + ": " + problem + ". Fetch the file again.");
    }
}
