package mezzotint.ptx;

import java.util.Arrays;

/**
 * Who wrote and who read each cell of a piece of memory last.
 *
 * <p>A cell is a 4-byte word until a smaller access comes. A stamp holds, from the top: the serial number of the block, 25
 * bits; the block's clock, 26 bits; and who, 12 bits: a thread, or one of the marks of {@link Stamp}.
 */
final class Shadow {
    /** Cells are 2 to this power bytes large. */
    int shift = 2;

    long[] writes;
    long[] reads;
    /** Index of the instruction that wrote. */
    int[] writers;
    /** The launch in which it was last touched, and written. */
    long touched;

    long written;

    Shadow(int bytes) {
        int cells = bytes + 3 >> 2;
        writes = new long[cells];
        reads = new long[cells];
        writers = new int[cells];
    }

    /** Makes the cells as small as {@code bytes}, 1 or 2. */
    void refine(int bytes) {
        int by = shift - Integer.numberOfTrailingZeros(bytes);
        writes = spread(writes, by);
        reads = spread(reads, by);
        int[] more = new int[writers.length << by];
        for (int i = 0; i < more.length; i++) {
            more[i] = writers[i >> by];
        }
        writers = more;
        shift -= by;
    }

    private static long[] spread(long[] cells, int by) {
        long[] more = new long[cells.length << by];
        for (int i = 0; i < more.length; i++) {
            more[i] = cells[i >> by];
        }
        return more;
    }

    void clear() {
        Arrays.fill(writes, 0);
        Arrays.fill(reads, 0);
    }
}
