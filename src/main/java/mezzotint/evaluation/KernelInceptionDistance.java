package mezzotint.evaluation;

import mezzotint.kernel.PhiloxRandom;

/**
 * The distance between two sets of pictures under a polynomial kernel of their features (KID when the features are
 * Inception-v3's last pooling); unbiased for sets of any size, and so a little below 0 for sets of one kind.
 *
 * <pre>
 * k(x, y) = (x·y / D + coefficient)^degree
 * Σ_{i≠j} k(xᵢ, xⱼ) / (N(N − 1)) + Σ_{i≠j} k(yᵢ, yⱼ) / (M(M − 1)) − 2 Σ k(xᵢ, yⱼ) / (NM)
 * </pre>
 *
 * @param degree ≥ 1; 3 as published
 * @param coefficient 1 as published
 * @param subsets over which {@link #overSubsets} takes the mean, ≥ 1; 100 in torchmetrics
 * @param subsetSize pictures of each set in a subset, ≥ 2; 1000 in torchmetrics
 * @param seed of the subsets
 * @see <a href="https://arxiv.org/abs/1801.01401">Bińkowski et al. 2018, eq. 4</a>
 */
public record KernelInceptionDistance(int degree, double coefficient, int subsets, int subsetSize, long seed) {
    /** Degree 3, coefficient 1, 100 subsets of 1000. */
    public static final KernelInceptionDistance PUBLISHED = new KernelInceptionDistance(3, 1, 100, 1000, 0);

    private static final int CHUNK_ROWS = 1024;

    /**
     * Mean and spread over subsets.
     *
     * @param mean of the subsets' values
     * @param deviation standard deviation of the subsets' values, √(Σ (v − mean)² / subsets)
     */
    public record Estimate(double mean, double deviation) {}

    /** @throws IllegalArgumentException when a number is out of range */
    public KernelInceptionDistance {
        if (!(degree >= 1 && Double.isFinite(coefficient) && subsets >= 1 && subsetSize >= 2)) {
            throw new IllegalArgumentException(
                    "kernel distance: expected degree and subsets of at least 1 and at least 2 pictures a subset, got %d, %d, %d"
                            .formatted(degree, subsets, subsetSize));
        }
    }

    /**
     * The distance over all pairs, in float64.
     *
     * @param x features (N, D), N ≥ 2
     * @param y features (M, D), M ≥ 2
     * @throws IllegalArgumentException when a set is smaller or the widths differ
     */
    public double between(Features x, Features y) {
        Features.requireRows("kernel distance", 2, x, y);
        return values(x, y, Multiplicities.ONCE)[0];
    }

    /**
     * The published estimate, over subsets drawn without replacement; its mean has the same expectation as
     * {@link #between}, and costs less for large sets.
     *
     * @throws IllegalArgumentException when a set is smaller than a subset or the widths differ
     */
    public Estimate overSubsets(Features x, Features y) {
        Features.requireRows("kernel distance over subsets", subsetSize, x, y);
        double[] values = new double[subsets];
        double mean = 0;
        for (int i = 0; i < subsets; i++) {
            values[i] = between(x.chosen(draw(2L * i, x.rows())), y.chosen(draw(2L * i + 1, y.rows())));
            mean += values[i] / subsets;
        }
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new Estimate(mean, Math.sqrt(squares / subsets));
    }

    /** The first places of a shuffle. */
    private int[] draw(long stream, int rows) {
        PhiloxRandom random = new PhiloxRandom(seed, stream, 0);
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        for (int i = 0; i < subsetSize; i++) {
            int other = i + random.below(rows - i);
            int chosen = order[other];
            order[other] = order[i];
            order[i] = chosen;
        }
        return java.util.Arrays.copyOf(order, subsetSize);
    }

    /** The distance of the sets and of samples of them. */
    double[] values(Features x, Features y, Multiplicities samples) {
        int width = x.width();
        KernelMeans.Kernel kernel = (dot, _, _) -> Math.pow(dot / width + coefficient, degree);
        return new KernelMeans(kernel, CHUNK_ROWS, false).of(x, y, samples).discrepancies();
    }
}
