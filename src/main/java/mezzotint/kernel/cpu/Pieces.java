package mezzotint.kernel.cpu;

import mezzotint.tensor.Tensor;

/**
 * Cuts loops into pieces whose size depends on the problem alone, so that results do not depend on the threads.
 *
 * <p>A piece is about 64 KiB an operand: far above the cost of handing it out, and small enough for the second-level cache.
 */
final class Pieces {
    /** Elements of a piece. */
    static final int ELEMENTS = 16 * 1024;

    /** One piece. */
    @FunctionalInterface
    interface Piece {
        /**
         * @param from first element
         * @param count how many
         */
        void run(long from, int count);
    }

    /** One piece of one sample. */
    @FunctionalInterface
    interface SamplePiece {
        /**
         * @param sample which sample
         * @param from first row or element within the sample
         * @param count how many
         */
        void run(int sample, int from, int count);
    }

    private Pieces() {}

    /** How many pieces {@code elements} elements make. */
    static int count(long elements) {
        return Math.toIntExact((elements + ELEMENTS - 1) / ELEMENTS);
    }

    /** Runs {@code body} over [0, elements). */
    static void forEach(CpuThreads threads, long elements, Piece body) {
        threads.forEach(count(elements), (worker, chunk) -> {
            long from = (long) chunk * ELEMENTS;
            body.run(from, (int) Math.min(ELEMENTS, elements - from));
        });
    }

    /** Runs {@code body} over the {@code rows} rows of {@code width} elements of each sample; a piece keeps to one sample. */
    static void forEachSample(CpuThreads threads, int samples, int rows, int width, SamplePiece body) {
        int perPiece = Math.max(1, ELEMENTS / Math.max(1, width));
        int pieces = (rows + perPiece - 1) / perPiece;
        threads.forEach(samples * pieces, (worker, chunk) -> {
            int from = chunk % pieces * perPiece;
            body.run(chunk / pieces, from, Math.min(perPiece, rows - from));
        });
    }

    /** Address of a float32 tensor that may be null: 0 then. */
    static long address(Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }

    /** {@code address} moved by {@code elements} floats; 0 stays 0. */
    static long at(long address, long elements) {
        return address == 0 ? 0 : address + 4 * elements;
    }

    /** Checks {@code elements} floats from each address on that is not 0; see {@link CpuMemory#check}. */
    static void check(long elements, long... addresses) {
        for (long address : addresses) {
            if (address != 0) {
                CpuMemory.check(address, 4 * elements);
            }
        }
    }
}
