package mezzotint.kernel.cpu;

/** Moves small blocks of float32 from one row stride to another, straight or transposed: what packing is made of. */
interface BlockCopy {
    /** Rows and columns of a block. */
    int size();

    /** Copies {@code rows} rows of {@link #size} elements. */
    void copy(long source, long sourceRowBytes, long target, long targetRowBytes, int rows);

    /** Copies {@code count} pieces of {@code length} elements, a multiple of {@link #size}. */
    default void copyPieces(long source, long sourceStep, long target, long targetStep, int length, int count) {
        for (int i = 0; i < length; i += size()) {
            copy(source + 4L * i, sourceStep, target + 4L * i, targetStep, count);
        }
    }

    /** Copies {@code count} rows of {@link #size} elements, each into an array of its own, from {@code index} on. */
    default void copy(long source, long sourceRowBytes, float[][] targets, int index, int count) {
        for (int row = 0; row < count; row++) {
            copyRow(source + row * sourceRowBytes, targets[row], index, size());
        }
    }

    /** {@link #copy(long, long, float[][], int, int)} of four rows of memory, which follow each other in every array. */
    default void copyFour(long source, long sourceStep, long sourceRowBytes, float[][] targets, int index, int count) {
        for (int row = 0; row < 4; row++) {
            copy(source + row * sourceRowBytes, sourceStep, targets, index + row * size(), count);
        }
    }

    /** Copies rows of {@link #size} elements side by side into an array. */
    default void copy(long source, long sourceRowBytes, float[] target, int rows) {
        for (int row = 0; row < rows; row++) {
            copyRow(source + row * sourceRowBytes, target, size() * row, size());
        }
    }

    /** Copies rows of {@code length} elements, rounded up to a multiple of {@link #size}, into a strip for a tile. */
    default void copyRows(long source, long sourceRowBytes, float[] strip, int rows, int length) {
        for (int row = 0; row < rows; row++) {
            copyRow(source + row * sourceRowBytes, strip, TileKernel.STRIP_ROW * row, length);
        }
    }

    /** Copies {@code length} elements, rounded up to a multiple of {@link #size}. */
    void copyRow(long source, float[] target, int index, int length);

    /** Copies {@link #size} × {@link #size} elements, rows becoming columns. */
    void transpose(long source, long sourceRowBytes, long target, long targetRowBytes);

    /** The blocks of {@code width}; the vector classes load only when asked for. */
    static BlockCopy of(VectorWidth width) {
        return switch (width) {
            case PLAIN -> new PlainBlockCopy();
            case BITS_256 -> new VectorBlockCopy256();
            case BITS_512 -> new VectorBlockCopy512();
        };
    }
}
