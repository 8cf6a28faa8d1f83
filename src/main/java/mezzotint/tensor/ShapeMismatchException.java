package mezzotint.tensor;

/** Tensors, or a tensor and a configuration, do not fit together; the message says which, expected and got. */
public final class ShapeMismatchException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** @param format what, where, expected, got, remedy, as for {@link String#format} */
    public ShapeMismatchException(String format, Object... arguments) {
        super(String.format(format, arguments));
    }
}
