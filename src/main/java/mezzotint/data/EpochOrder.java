package mezzotint.data;

import java.util.SplittableRandom;

/** The loader's random choices, each a pure function of the seed and where it is made. */
final class EpochOrder {
    private EpochOrder() {}

    /** The order in which an epoch visits {@code size} pictures: a Fisher–Yates shuffle of 0 … size − 1. */
    static int[] permutation(long seed, long epoch, int size) {
        SplittableRandom random = new SplittableRandom(mixed(mixed(seed, epoch), -1));
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** The generator of the choices (caption, mirror) at one position of an epoch. */
    static SplittableRandom choices(long seed, long epoch, int position) {
        return new SplittableRandom(mixed(mixed(seed, epoch), position));
    }

    // SplittableRandom's streams of neighbouring seeds may overlap, so each word goes through its mixer first
    private static long mixed(long seed, long word) {
        return new SplittableRandom(new SplittableRandom(seed).nextLong() ^ word).nextLong();
    }
}
