package mezzotint.kernel.evidence;

import java.util.Locale;

/**
 * A generation of multiprocessors that the shipped PTX is assembled for, and what one multiprocessor holds.
 *
 * @see <a href="https://docs.nvidia.com/cuda/cuda-c-programming-guide/#compute-capabilities">CUDA C++ Programming Guide,
 *     technical specifications per compute capability</a>
 */
public enum Architecture {
    /** A100. */
    SM_80(64, 32, 164),
    /** A40, RTX 3090. */
    SM_86(48, 16, 100),
    /** RTX 4090, L40. */
    SM_89(48, 24, 100),
    /** H100. */
    SM_90(64, 32, 228);

    private static final int REGISTERS = 65_536;
    private static final int MOST_REGISTERS_PER_THREAD = 255;
    private static final int WARP = 32;
    private static final int SCHEDULERS = 4;
    private static final int REGISTER_UNIT = 256;
    private static final int SHARED_UNIT = 128;
    private static final int SHARED_PER_BLOCK_RESERVED = 1024;

    private final int warps;
    private final int blocks;
    private final int sharedBytes;

    Architecture(int warps, int blocks, int sharedKib) {
        this.warps = warps;
        this.blocks = blocks;
        this.sharedBytes = sharedKib * 1024;
    }

    /** As the assembler wants it: {@code sm_80}. */
    public String target() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Warps that a multiprocessor can hold. */
    public int warps() {
        return warps;
    }

    /**
     * How many warps of a kernel a multiprocessor holds at a time.
     *
     * <pre>
     * by warps      ⌊warps / warps of a block⌋
     * by registers  ⌊4·⌊16,384 / ⌈32·registers⌉₂₅₆⌋ / ⌈warps of a block⌉₄⌋      (four schedulers, a quarter each)
     * by shared     ⌊shared / ⌈shared of a block + 1,024⌉₁₂₈⌋
     * </pre>
     *
     * and never more blocks than the architecture allows.
     *
     * @param threads of a block, 1 to 1,024
     * @param registers of a thread, 0 to 255
     * @param shared bytes of shared memory of a block, static and dynamic
     * @return 0 when not even one block fits
     */
    public int residentWarps(int threads, int registers, int shared) {
        if (threads < 1 || threads > 1024 || registers < 0 || registers > MOST_REGISTERS_PER_THREAD || shared < 0) {
            throw new IllegalArgumentException("occupancy: threads want 1 to 1024, registers 0 to 255 and shared memory"
                    + " at least 0 bytes, got %d, %d and %d".formatted(threads, registers, shared));
        }
        int ofBlock = up(threads, WARP) / WARP;
        int most = Math.min(blocks, warps / ofBlock);
        if (registers > 0) {
            int ofWarp = up(registers * WARP, REGISTER_UNIT);
            // Whether one block fits is asked as if its warps were dealt out evenly; how many do is not.
            boolean fits = ofWarp * up(ofBlock, SCHEDULERS) <= REGISTERS;
            most = fits ? Math.min(most, REGISTERS / SCHEDULERS / ofWarp * SCHEDULERS / ofBlock) : 0;
        }
        most = Math.min(most, sharedBytes / up(shared + SHARED_PER_BLOCK_RESERVED, SHARED_UNIT));
        return most * ofBlock;
    }

    private static int up(int value, int unit) {
        return (value + unit - 1) / unit * unit;
    }
}
