package mezzotint.data;

import java.nio.file.Path;

/** Thrown when a data set cannot be used as it lies; the message names the file and the remedy. */
public final class DatasetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path place;

    /**
     * Makes an exception.
     *
     * @param place the file or folder at fault
     * @param problem what is wrong there, and the remedy
     */
    public DatasetException(Path place, String problem) {
        super("%s: %s".formatted(place, problem));
        this.place = place;
    }

    /**
     * Makes an exception with what caused it.
     *
     * @param place the file or folder at fault
     * @param problem what is wrong there, and the remedy
     * @param cause the failure below
     */
    public DatasetException(Path place, String problem, Throwable cause) {
        super("%s: %s".formatted(place, problem), cause);
        this.place = place;
    }

    /** The file or folder at fault. */
    public Path place() {
        return place;
    }
}
