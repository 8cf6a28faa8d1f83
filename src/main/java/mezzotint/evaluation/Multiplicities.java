package mezzotint.evaluation;

import mezzotint.kernel.PhiloxRandom;

/**
 * How often each picture is in each of several samples with replacement of a set; sample 0 is the set itself.
 *
 * @param samples R, how many are drawn, beside the set itself
 * @param seed of the draws
 * @param stream keeps sets drawn under one seed apart
 */
record Multiplicities(int samples, long seed, long stream) {
    /** The set itself and nothing more. */
    static final Multiplicities ONCE = new Multiplicities(0, 0, 0);

    /** Samples of another set. */
    Multiplicities ofOtherSet() {
        return new Multiplicities(samples, seed, stream + 1);
    }

    /** Number of samples, the set itself among them. */
    int count() {
        return samples + 1;
    }

    /** How often sample {@code sample} has each of {@code rows} pictures; the numbers add up to {@code rows}. */
    int[] of(int sample, int rows) {
        int[] times = new int[rows];
        if (sample == 0) {
            java.util.Arrays.fill(times, 1);
            return times;
        }
        PhiloxRandom random = new PhiloxRandom(seed, (stream << 32) + sample, 0);
        for (int i = 0; i < rows; i++) {
            times[random.below(rows)]++;
        }
        return times;
    }
}
