package mezzotint.kernel.cuda;

import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** How many blocks the loops of {@code elementwise.cuh} take, and how wide their groups are. */
final class Tiles {
    /** Threads of a block there. */
    static final int THREADS = 256;

    private static final int GROUP_BYTES = 16;
    private static final int GROUPS_A_THREAD = 2;

    private Tiles() {}

    /** Elements of a group of 16 bytes. */
    static int group(DType dtype) {
        return GROUP_BYTES / dtype.bytes();
    }

    /** Tiles of two groups of {@code group} elements a thread that cover {@code elements}. */
    static long count(long elements, int group) {
        return blocks(elements, GROUPS_A_THREAD * group);
    }

    /** Blocks for {@code elements} when a thread takes {@code perThread} of them. */
    static long blocks(long elements, int perThread) {
        long perBlock = (long) THREADS * perThread;
        return (elements + perBlock - 1) / perBlock;
    }

    /** One block a tile. */
    static LaunchGrid grid(long elements, int group) {
        return LaunchGrid.of(count(elements, group), THREADS);
    }

    /** Whether groups of 16 bytes can be read from the first element of each on; null is none. */
    static boolean aligned(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor != null && tensor.address() % GROUP_BYTES != 0) {
                return false;
            }
        }
        return true;
    }
}
