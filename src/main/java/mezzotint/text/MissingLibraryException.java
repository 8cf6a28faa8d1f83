package mezzotint.text;

/** An optional library is not on the class path, or has no native code for this machine. */
public final class MissingLibraryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String coordinate;

    /**
     * @param coordinate group, artifact and version
     * @param problem what could not be done
     * @param purpose what the library is for
     * @param cause what Java said
     */
    MissingLibraryException(
            String coordinate, String problem, NativeTokenizers.Purpose purpose, Throwable cause) {
        super("%s: %s. Add the dependency %s%s.".formatted(problem, cause, coordinate, purpose.alternative()), cause);
        this.coordinate = coordinate;
    }

    /** The Maven coordinate, group:artifact:version. */
    public String coordinate() {
        return coordinate;
    }
}
