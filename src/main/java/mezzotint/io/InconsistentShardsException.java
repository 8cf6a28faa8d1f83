package mezzotint.io;

import java.nio.file.Path;

/** The files of a sharded checkpoint and its index disagree; the message says on which tensor. */
public final class InconsistentShardsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path index;

    /**
     * @param index the index or folder
     * @param problem what does not agree
     */
    InconsistentShardsException(Path index, String problem) {
        super(index + ": " + problem + ". Fetch the checkpoint again.");
        this.index = index;
    }

    /** The index or folder. */
    public Path index() {
        return index;
    }
}
