package mezzotint.ptx;

/**
 * Traffic of one kind of memory.
 *
 * @param bytesAsked bytes that the lanes asked for, each lane's counted
 * @param transactions 32-byte sectors of global memory, or wavefronts of shared memory
 * @param idealTransactions the fewest that the same requests could have taken: the distinct bytes of a warp side by side
 */
public record MemoryTraffic(long bytesAsked, long transactions, long idealTransactions) {
    static final MemoryTraffic NONE = new MemoryTraffic(0, 0, 0);

    /** Bytes moved, where the transactions are sectors. */
    public long bytesMoved() {
        return 32 * transactions;
    }

    /** Transactions over the fewest possible, at least 1; 1 where there was no traffic. */
    public double excess() {
        return idealTransactions == 0 ? 1 : (double) transactions / idealTransactions;
    }

    /** Both together. */
    public MemoryTraffic plus(MemoryTraffic other) {
        return new MemoryTraffic(
                bytesAsked + other.bytesAsked,
                transactions + other.transactions,
                idealTransactions + other.idealTransactions);
    }
}
