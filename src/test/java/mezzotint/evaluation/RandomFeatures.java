package mezzotint.evaluation;

import java.util.Random;

/** Features for tests. */
final class RandomFeatures {
    private RandomFeatures() {}

    /** Independent normal numbers with that mean and deviation. */
    static Features normal(long seed, int rows, int width, double mean, double deviation) {
        Random random = new Random(seed);
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return new Features(rows, width, values);
    }

    /** Those, mixed so that they depend on each other. */
    static Features mixed(long seed, int rows, int width) {
        float[] x = normal(seed, rows, width, 0.3, 1).values();
        for (int row = 0; row < rows; row++) {
            for (int i = 1; i < width; i++) {
                x[row * width + i] += 0.7f * x[row * width + i - 1];
            }
        }
        return new Features(rows, width, x);
    }
}
