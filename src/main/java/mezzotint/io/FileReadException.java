package mezzotint.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file could not be read; the message names the file, the cause and what to do. */
public final class FileReadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;

    /**
     * @param path the file
     * @param problem what is wrong with it, and what to do
     */
    public FileReadException(Path path, String problem) {
        super("cannot read " + path + ": " + problem);
        this.path = path;
    }

    private FileReadException(Path path, String problem, IOException cause) {
        this(path, problem);
        initCause(cause);
    }

    /**
     * Says in one sentence why reading failed.
     *
     * @param path the file
     * @param cause what the file system reported
     * @return the exception to throw
     */
    public static FileReadException of(Path path, IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return new FileReadException(path, "there is no such file. Check the path.", cause);
        }
        if (cause instanceof AccessDeniedException) {
            return new FileReadException(path, "permission denied. Make it readable for this user.", cause);
        }
        if (Files.isDirectory(path)) {
            return new FileReadException(path, "it is a folder. Give the path of a file.", cause);
        }
        return new FileReadException(path, cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
    }

    /** The file that could not be read. */
    public Path path() {
        return path;
    }
}
