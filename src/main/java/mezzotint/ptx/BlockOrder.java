package mezzotint.ptx;

import java.util.Random;

/** The order in which the blocks of a launch run: that of their numbers, or a random one. */
final class BlockOrder {
    private static final int MOST_SHUFFLED = 1 << 20;

    private final boolean shuffle;
    private final long seed;
    private final int[] order;

    BlockOrder(PtxOptions options, long blocks) {
        this.shuffle = options.shuffle();
        this.seed = options.seed();
        this.order = shuffle && blocks <= MOST_SHUFFLED ? permutation((int) blocks, new Random(seed)) : new int[0];
    }

    private static int[] permutation(int size, Random random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    long block(long place) {
        return order.length == 0 ? place : order[(int) place];
    }

    /** What decides the order of a block's warps; null for their own order. */
    Random random(long block) {
        return shuffle ? Multiprocessor.random(seed, block) : null;
    }
}
