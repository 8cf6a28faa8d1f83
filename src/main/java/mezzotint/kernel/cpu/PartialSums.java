package mezzotint.kernel.cpu;

import static mezzotint.kernel.cpu.CpuMemory.ALL;

import mezzotint.tensor.Tensor;

/** Rows of d sums, one per piece of a loop, added up in the order of the pieces: the same bits on any number of threads. */
final class PartialSums {
    private PartialSums() {}

    /** Sets the row of {@code piece} to zero and returns its address. */
    static long clear(long partials, int piece, int d) {
        long row = partials + 4L * piece * d;
        ALL.asSlice(row, 4L * d).fill((byte) 0);
        return row;
    }

    /** Adds all rows to {@code sums}, of d elements. */
    static void addInOrder(NormRows rows, Tensor sums, long partials, int pieces, int d) {
        if (pieces == 0) {
            return;
        }
        CpuMemory.check(sums.address(), 4L * d);
        for (int piece = 1; piece < pieces; piece++) {
            rows.add(partials, partials + 4L * piece * d, d);
        }
        rows.add(sums.address(), partials, d);
    }
}
