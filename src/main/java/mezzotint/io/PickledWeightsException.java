package mezzotint.io;

import java.nio.file.Path;

/** Weights exist only as a Python pickle, which is a program rather than data and is never read. */
public final class PickledWeightsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;

    /** @param path the pickle */
    PickledWeightsException(Path path) {
        super(path + " is a Python pickle, and loading one runs whatever program it holds: convert it to safetensors "
                + "with the tool that wrote it");
        this.path = path;
    }

    /** The pickle. */
    public Path path() {
        return path;
    }
}
