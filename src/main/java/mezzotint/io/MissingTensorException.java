package mezzotint.io;

import java.util.List;
import java.util.stream.Collectors;

/** A file of weights holds no tensor of the name that was asked for. */
public final class MissingTensorException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int NAMES_SHOWN = 5;

    private final String name;

    /**
     * @param name the name asked for
     * @param source the file
     * @param names what it does hold
     */
    MissingTensorException(String name, String source, List<String> names) {
        super("there is no tensor \"%s\" among the %d of %s%s; is it a checkpoint of another model?"
                .formatted(
                        name,
                        names.size(),
                        source,
                        names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", ", " (", ", …)"))));
        this.name = name;
    }

    /** The name asked for. */
    public String name() {
        return name;
    }
}
