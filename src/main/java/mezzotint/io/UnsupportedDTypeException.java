package mezzotint.io;

/** A tensor of a safetensors file has an element type that cannot be read as what was asked for. */
public final class UnsupportedDTypeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final StoredType type;

    /**
     * @param tensor the tensor's name
     * @param type its type in the file
     * @param wanted what it was asked as
     */
    UnsupportedDTypeException(String tensor, StoredType type, String wanted) {
        super("tensor \"%s\" is stored as %s, which cannot be read as %s; convert the file, or read the bytes of data()"
                .formatted(tensor, type, wanted));
        this.type = type;
    }

    /** The type in the file. */
    public StoredType type() {
        return type;
    }
}
