package mezzotint.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A file could not be written: nothing was left half-written, and an older file of that name is as it was. */
public final class FileWriteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why a file could not be written. */
    public enum Reason {
        /** The disk or the user's quota is full. */
        NO_SPACE("no space is left on the disk", "Free some space or choose another folder."),
        /** The user may not write there, or the file system is read-only. */
        PERMISSION_DENIED("permission denied", "Make the folder writable for this user or choose another one."),
        /** The folder the file should go to does not exist or is no folder. */
        FOLDER_MISSING("its folder does not exist", "Create the folder first or choose another one."),
        /** The path names a folder. */
        IS_FOLDER("there is a folder of that name", "Choose another file name."),
        /** Anything else; the message carries the system's own words. */
        OTHER("writing failed", "Check the disk and the path.");

        private final String sentence;
        private final String remedy;

        Reason(String sentence, String remedy) {
            this.sentence = sentence;
            this.remedy = remedy;
        }
    }

    private final transient Path path;
    private final Reason reason;

    /**
     * @param path the file that was to be written
     * @param reason why it was not
     * @param detail the system's own words; may be empty
     */
    FileWriteException(Path path, Reason reason, String detail) {
        super("cannot write " + path + ": " + reason.sentence + (detail.isEmpty() ? "" : " (" + detail + ")") + ". "
                + reason.remedy);
        this.path = path;
        this.reason = reason;
    }

    /**
     * Says in one sentence why writing failed.
     *
     * @param path the file that was to be written
     * @param cause what the file system reported
     * @return the exception to throw
     */
    public static FileWriteException of(Path path, IOException cause) {
        Reason reason = reasonOf(path, cause);
        String words = cause.getClass() == IOException.class ? cause.getMessage() : cause.toString();
        String detail = reason == Reason.OTHER ? String.valueOf(words) : "";
        FileWriteException exception = new FileWriteException(path, reason, detail);
        exception.initCause(cause);
        return exception;
    }

    /** The file that was to be written. */
    public Path path() {
        return path;
    }

    /** Why it was not written. */
    public Reason reason() {
        return reason;
    }

    private static Reason reasonOf(Path path, IOException cause) {
        // The Java library has no type for a full disk: only the system's words tell.
        String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (words.contains("no space left") || words.contains("quota exceeded") || words.contains("not enough space")) {
            return Reason.NO_SPACE;
        }
        if (cause instanceof AccessDeniedException
                || words.contains("permission denied")
                || words.contains("read-only file system")
                || words.contains("operation not permitted")) {
            return Reason.PERMISSION_DENIED;
        }
        Path folder = path.toAbsolutePath().getParent();
        return folder != null && !Files.isDirectory(folder) ? Reason.FOLDER_MISSING : Reason.OTHER;
    }
}
