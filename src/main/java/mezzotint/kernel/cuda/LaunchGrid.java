package mezzotint.kernel.cuda;

/**
 * Geometry of a launch.
 *
 * @param x blocks along x, 1 to 2³¹ − 1
 * @param y blocks along y, 1 to 65,535
 * @param z blocks along z, 1 to 65,535
 * @param threadsX threads of a block along x; with the other two at most 1,024
 * @param threadsY threads of a block along y
 * @param threadsZ threads of a block along z, at most 64
 * @param sharedBytes dynamic shared memory of a block
 */
public record LaunchGrid(int x, int y, int z, int threadsX, int threadsY, int threadsZ, int sharedBytes) {
    private static final int MOST = 65_535;

    /**
     * @throws CudaException when an extent lies outside what CUDA allows
     */
    public LaunchGrid {
        check("blocks along x", x, Integer.MAX_VALUE);
        check("blocks along y", y, MOST);
        check("blocks along z", z, MOST);
        check("threads along x", threadsX, 1024);
        check("threads along y", threadsY, 1024);
        check("threads along z", threadsZ, 64);
        if ((long) threadsX * threadsY * threadsZ > 1024) {
            throw new CudaException("launch: a block has at most 1024 threads, got %d × %d × %d; make the block smaller"
                    .formatted(threadsX, threadsY, threadsZ));
        }
        if (sharedBytes < 0) {
            throw new CudaException("launch: shared memory wants at least 0 bytes, got " + sharedBytes);
        }
    }

    private static void check(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new CudaException(
                    "launch: %s want 1 to %d, got %d; fold the grid or cut the work into several launches"
                            .formatted(what, most, value));
        }
    }

    /**
     * A row of blocks.
     *
     * @param blocks 1 to 2³¹ − 1; a long, so that a number that does not fit is refused and not wrapped
     */
    public static LaunchGrid of(long blocks, int threads) {
        if (blocks > Integer.MAX_VALUE) {
            throw new CudaException("launch: blocks along x want 1 to %d, got %d; cut the work into several launches"
                    .formatted(Integer.MAX_VALUE, blocks));
        }
        return new LaunchGrid((int) blocks, 1, 1, threads, 1, 1, 0);
    }

    /** A plane of blocks. */
    public static LaunchGrid of(int x, int y, int threads) {
        return new LaunchGrid(x, y, 1, threads, 1, 1, 0);
    }

    /** The same with dynamic shared memory. */
    public LaunchGrid withShared(int bytes) {
        return new LaunchGrid(x, y, z, threadsX, threadsY, threadsZ, bytes);
    }

    /** Threads of a block. */
    public int threads() {
        return threadsX * threadsY * threadsZ;
    }

    /** Blocks in all. */
    public long blocks() {
        return (long) x * y * z;
    }
}
