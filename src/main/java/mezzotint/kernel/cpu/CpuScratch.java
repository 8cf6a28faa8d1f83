package mezzotint.kernel.cpu;

import java.util.Arrays;

/**
 * Scratch memory of the kernels: one growing block per worker and slot, and one shared block per slot; and arrays for the strips
 * of products, see {@link TileKernel}.
 *
 * <p>Contents are undefined at every request. Blocks live as long as the device, so steady state allocates nothing.
 */
final class CpuScratch implements AutoCloseable {
    static final int SLOTS = 8;

    private final CpuMemory[] blocks;
    private final float[][][] strips;
    private final int workers;

    CpuScratch(int workers) {
        this.workers = workers;
        this.blocks = new CpuMemory[(workers + 1) * SLOTS];
        this.strips = new float[workers + 1][0][];
    }

    /** Address of at least {@code bytes} bytes that only {@code worker} uses, 64-byte aligned; call it from that worker. */
    long worker(int worker, int slot, long bytes) {
        return block(worker * SLOTS + slot, bytes);
    }

    /** Address of at least {@code bytes} bytes for all workers, 64-byte aligned; call it outside a loop. */
    long shared(int slot, long bytes) {
        return block(workers * SLOTS + slot, bytes);
    }

    /** {@code count} arrays, or more, of at least {@code floats} floats that only {@code worker} uses; call it from that worker. */
    float[][] workerStrips(int worker, int count, int floats) {
        return strips(worker, count, floats);
    }

    /** {@code count} arrays, or more, of at least {@code floats} floats for all workers; call it outside a loop. */
    float[][] sharedStrips(int count, int floats) {
        return strips(workers, count, floats);
    }

    /** Lengths are odd numbers of lines of memory, with the array's header: else strips would lie in few sets of a cache. */
    private float[][] strips(int index, int count, int wanted) {
        int floats = 16 * (Math.ceilDiv(wanted + 4, 16) | 1) - 4;
        float[][] arrays = strips[index];
        if (arrays.length < count) {
            arrays = Arrays.copyOf(arrays, count);
            strips[index] = arrays;
        }
        for (int i = 0; i < count; i++) {
            if (arrays[i] == null || arrays[i].length < floats) {
                arrays[i] = new float[floats];
            }
        }
        return arrays;
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
