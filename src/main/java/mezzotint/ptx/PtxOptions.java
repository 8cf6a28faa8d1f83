package mezzotint.ptx;

/**
 * How the machine runs kernels.
 *
 * @param checks whether memory, races, barriers and lane masks are checked; bounds are always checked
 * @param collect whether findings are gathered in the report; otherwise the first one is thrown
 * @param hostReads whether a copy to the host of unwritten bytes is a finding too
 * @param threads blocks that run at the same time, at least 1; the results are the same for any number
 * @param perturb whether results of {@code .approx} instructions are moved by up to their documented error
 * @param shuffle whether blocks and warps run in a random order
 * @param seed of both
 * @param memoryBytes device memory; kept in the heap only as far as it is written
 * @param turns how often one warp may branch backwards before it counts as endless
 */
public record PtxOptions(
        boolean checks,
        boolean collect,
        boolean hostReads,
        int threads,
        boolean perturb,
        boolean shuffle,
        long seed,
        long memoryBytes,
        long turns) {

    private static final long GIB = 1L << 30;

    /**
     * @throws IllegalArgumentException when a number lies out of range
     */
    public PtxOptions {
        if (threads < 1 || memoryBytes < 1 || turns < 1) {
            throw new IllegalArgumentException("threads, memory and turns must be at least 1, got %d, %d, %d"
                    .formatted(threads, memoryBytes, turns));
        }
    }

    /** All checks, the first finding thrown, as many threads as the computer has processors up to 4. */
    public static PtxOptions standard() {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);
        return new PtxOptions(true, false, false, threads, false, false, 0, 64 * GIB, 100_000_000L);
    }

    /** The same with or without checks. */
    public PtxOptions withChecks(boolean on) {
        return new PtxOptions(on, collect, hostReads, threads, perturb, shuffle, seed, memoryBytes, turns);
    }

    /** The same, with findings gathered in the report and not thrown. */
    public PtxOptions collecting() {
        return new PtxOptions(checks, true, hostReads, threads, perturb, shuffle, seed, memoryBytes, turns);
    }

    /** The same with host reads checked too. */
    public PtxOptions withHostReads(boolean on) {
        return new PtxOptions(checks, collect, on, threads, perturb, shuffle, seed, memoryBytes, turns);
    }

    /** The same on another number of threads. */
    public PtxOptions withThreads(int count) {
        return new PtxOptions(checks, collect, hostReads, count, perturb, shuffle, seed, memoryBytes, turns);
    }

    /** The same with approximate results moved within their documented errors. */
    public PtxOptions perturbed(long by) {
        return new PtxOptions(checks, collect, hostReads, threads, true, shuffle, by, memoryBytes, turns);
    }

    /** The same with blocks and warps in a random order. */
    public PtxOptions shuffled(long by) {
        return new PtxOptions(checks, collect, hostReads, threads, perturb, true, by, memoryBytes, turns);
    }

    /** The same with another bound on backward branches of a warp. */
    public PtxOptions withTurns(long most) {
        return new PtxOptions(checks, collect, hostReads, threads, perturb, shuffle, seed, memoryBytes, most);
    }

    /** The same with another amount of memory. */
    public PtxOptions withMemory(long bytes) {
        return new PtxOptions(checks, collect, hostReads, threads, perturb, shuffle, seed, bytes, turns);
    }
}
