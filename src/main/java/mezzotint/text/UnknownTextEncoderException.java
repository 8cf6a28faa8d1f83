package mezzotint.text;

import java.util.List;

/** There is no text encoder of that name; the message names the nearest one. */
public final class UnknownTextEncoderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String nearest;

    /**
     * @param name what was asked for
     * @param nearest the known name most like it
     * @param known all names
     */
    UnknownTextEncoderException(String name, String nearest, List<String> known) {
        super("text encoder \"%s\" is not known; did you mean \"%s\"? There are %s."
                .formatted(name, nearest, String.join(", ", known)));
        this.nearest = nearest;
    }

    /** The known name most like it. */
    public String nearest() {
        return nearest;
    }
}
