package mezzotint.kernel.cpu;

/**
 * The innermost product: one full tile of c kept in registers while the whole depth runs by.
 *
 * <p>Every call covers all {@link #rows}, or {@link #packedRows}, × {@link #columns}; at the edges of a matrix callers read zero-padded copies and
 * write to a scratch tile. Strides are in bytes, and b may be a packed panel or the rows of a matrix as they lie.
 *
 * <p>A strip of a comes as an array of constant strides. C2 then checks the index of all rows at once, and one register and
 * constants address them; of addresses in free strides it checks each by itself and keeps a pointer a row in memory. A tile
 * runs at 190 to 205 so, instead of 155 to 160 of 215 GFLOP/s, on a core with two units for 512 bits.
 *
 * <p>Each element is one chain: the addend, then the depth in ascending order. So the same numbers give the same bits
 * whatever the strides, and a depth cut into pieces gives the bits of the whole.
 *
 * <p>A process runs at speed with one vector width: when it has used two, the Vector API's type profiles are mixed and C2
 * boxes the accumulators of the large kernel.
 */
interface TileKernel {
    /**
     * What an address and a stride are cut to, which changes none: C2 sees then that no sum of them leaves {@link CpuMemory#ALL}, and
     * a tile is 100 instructions shorter.
     */
    long ADDRESS = (1L << 62) - 1;

    /** See {@link #ADDRESS}. */
    long STRIDE = (1L << 40) - 1;

    /** Rows of a tile. */
    int rows();

    /** Rows of a tile of a packed strip, at most {@link #rows} and {@link #stripWidth}. */
    default int packedRows() {
        return rows();
    }

    /** Columns of a tile, a power of two, at most 32. */
    int columns();

    /** Floats from one row of a strip to the next: an odd number of lines of memory, so that rows fall into all sets. */
    int STRIP_ROW = 1360;

    /** Floats from one k to the next in a strip packed depth-major: the size of a {@link BlockCopy}. */
    int stripWidth();

    /**
     * <pre>c[i, j] = addend[i, j] + Σ_k a[i, k] · b[k, j]</pre>
     *
     * @param depth number of k, at least 0
     * @param strip a[i, k] is {@code strip[STRIP_ROW·i + k]}
     * @param b address of b[0, 0]; b[k, …] lies at {@code b + k·bRowBytes}, contiguous
     * @param addend address of addend[0, 0], rows contiguous; may be c, or one row for all with a stride of 0
     * @param c address of c[0, 0]; c[i, …] lies at {@code c + i·cRowBytes}, contiguous
     */
    void multiplyRows(
            int depth, float[] strip, long b, long bRowBytes, long addend, long addendRowBytes, long c, long cRowBytes);

    /**
     * The same for a strip packed depth-major.
     *
     * @param strip a[i, k] is {@code strip[stripWidth·k + i]}
     */
    void multiplyPacked(
            int depth, float[] strip, long b, long bRowBytes, long addend, long addendRowBytes, long c, long cRowBytes);

    /** {@link #multiplyPacked} or {@link #multiplyRows}. */
    default void multiply(
            boolean packed,
            int depth,
            float[] strip,
            long b,
            long bRowBytes,
            long addend,
            long addendRowBytes,
            long c,
            long cRowBytes) {
        if (packed) {
            multiplyPacked(depth, strip, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
        } else {
            multiplyRows(depth, strip, b, bRowBytes, addend, addendRowBytes, c, cRowBytes);
        }
    }

    /** The kernel of {@code width}; the vector classes load only when asked for. */
    static TileKernel of(VectorWidth width) {
        return switch (width) {
            case PLAIN -> new PlainTile();
            case BITS_256 -> new VectorTile256();
            case BITS_512 -> new VectorTile512();
        };
    }

    /** Looks up all memory that a call with these arguments touches, see {@link CpuMemory#check}; the array checks itself. */
    default void check(
            int rows, int depth, long b, long bRowBytes, long addend, long addendRowBytes, long c, long cRowBytes) {
        checkRows(b, bRowBytes, 4L * columns(), depth);
        for (int i = 0; i < rows; i++) {
            CpuMemory.check(addend + i * addendRowBytes, 4L * columns());
            CpuMemory.check(c + i * cRowBytes, 4L * columns());
        }
    }

    /** The same for the first and the last of {@code count} rows. */
    default void checkRows(long address, long rowBytes, long bytes, int count) {
        if (count > 0) {
            CpuMemory.check(address, bytes);
            CpuMemory.check(address + (count - 1) * rowBytes, bytes);
        }
    }

    /** A row of zeros, the addend of a product that has none. */
    final class Zeros {
        private static final CpuMemory MEMORY = CpuMemory.allocate(256);

        static {
            MEMORY.fill(0, MEMORY.byteSize(), (byte) 0);
        }

        /** Address of 64 zeros. */
        static final long ROW = MEMORY.address();

        private Zeros() {}
    }
}
