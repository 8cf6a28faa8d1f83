package mezzotint.kernel.cpu;

/**
 * Scratch memory of the kernels: one growing block per worker and slot, and one shared block per slot.
 *
 * <p>Contents are undefined at every request. Blocks live as long as the device, so steady state allocates nothing.
 */
final class CpuScratch implements AutoCloseable {
    static final int SLOTS = 8;

    private final CpuMemory[] blocks;
    private final int workers;

    CpuScratch(int workers) {
        this.workers = workers;
        this.blocks = new CpuMemory[(workers + 1) * SLOTS];
    }

    /** Address of at least {@code bytes} bytes that only {@code worker} uses, 64-byte aligned; call it from that worker. */
    long worker(int worker, int slot, long bytes) {
        return block(worker * SLOTS + slot, bytes);
    }

    /** Address of at least {@code bytes} bytes for all workers, 64-byte aligned; call it outside a loop. */
    long shared(int slot, long bytes) {
        return block(workers * SLOTS + slot, bytes);
    }

    private long block(int index, long bytes) {
        CpuMemory block = blocks[index];
        if (block == null || block.byteSize() < bytes) {
            if (block != null) {
                block.close();
            }
            block = CpuMemory.allocate(Math.max(4096, bytes + bytes / 4));
            blocks[index] = block;
        }
        return block.address();
    }

    @Override
    public void close() {
        for (CpuMemory block : blocks) {
            if (block != null) {
                block.close();
            }
        }
    }
}
