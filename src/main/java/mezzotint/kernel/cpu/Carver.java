package mezzotint.kernel.cpu;

/** Cuts one block of a worker's scratch memory into pieces that begin at multiples of 64 bytes. */
final class Carver {
    private static final long ALIGNMENT = 64;

    private final long end;
    private long next;

    /** Room for {@code pieces} pieces of {@code bytes} bytes together. */
    Carver(CpuScratch scratch, int worker, int slot, long bytes, int pieces) {
        long all = bytes + pieces * ALIGNMENT;
        next = scratch.worker(worker, slot, all);
        end = next + all;
    }

    /** Address of the next piece. */
    long next(long bytes) {
        long piece = next;
        next += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (next > end) {
            throw new IllegalStateException("scratch memory: %d bytes more than were asked for".formatted(next - end));
        }
        return piece;
    }
}
