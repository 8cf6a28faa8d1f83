package mezzotint.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;

/** A JSON file is not JSON, or not of the expected kind; the message says which file, where and what is wrong. */
public final class MalformedJsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;

    /**
     * @param path the file
     * @param problem what is wrong with it
     */
    public MalformedJsonException(Path path, String problem) {
        super(path + ": " + problem);
        this.path = path;
    }

    static MalformedJsonException of(Path path, JsonProcessingException cause) {
        String where = cause.getLocation() == null
                ? ""
                : "line %d, column %d: "
                        .formatted(
                                cause.getLocation().getLineNr(),
                                cause.getLocation().getColumnNr());
        MalformedJsonException exception = new MalformedJsonException(path, where + cause.getOriginalMessage());
        exception.initCause(cause);
        return exception;
    }

    /** The file. */
    public Path path() {
        return path;
    }
}
