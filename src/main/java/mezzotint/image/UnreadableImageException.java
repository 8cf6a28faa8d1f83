package mezzotint.image;

/** Thrown when a file or stream is not a picture that can be decoded; the message names it and what was found. */
public final class UnreadableImageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String name;

    /**
     * Makes an exception.
     *
     * @param name the file or resource
     * @param found what was found there instead of a picture
     */
    public UnreadableImageException(String name, String found) {
        super("cannot read picture %s: %s".formatted(name, found));
        this.name = name;
    }

    /**
     * Makes an exception with the decoder's own.
     *
     * @param name the file or resource
     * @param found what was found there instead of a picture
     * @param cause the decoder's exception
     */
    public UnreadableImageException(String name, String found, Throwable cause) {
        super("cannot read picture %s: %s".formatted(name, found), cause);
        this.name = name;
    }

    /** The file or resource that could not be read. */
    public String name() {
        return name;
    }
}
