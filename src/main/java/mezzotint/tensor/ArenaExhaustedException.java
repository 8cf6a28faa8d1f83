package mezzotint.tensor;

/** An arena is too small for the tensor asked of it; nothing was allocated. */
public final class ArenaExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ArenaExhaustedException(Shape shape, DType dtype, long bytes, long used, long capacity) {
        super(("arena exhausted: tensor %s of %s needs %,d bytes, %,d of %,d are in use;"
                        + " open the arena with at least %,d bytes or use a smaller batch")
                .formatted(shape, dtype, bytes, used, capacity, used + bytes));
    }
}
