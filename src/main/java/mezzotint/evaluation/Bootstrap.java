package mezzotint.evaluation;

import java.util.stream.IntStream;

/**
 * How far a distance between two sets would move with other pictures of the same kinds: both sets are drawn anew, with
 * replacement, many times over.
 *
 * <p>A set drawn with replacement has fewer distinct pictures than the set itself, which moves these distances up; so it is the
 * spread of the samples about their own mean that is put around the distance measured, and not their values.
 *
 * <pre>[d + q_(1−level)/2(d* − mean d*), d + q_(1+level)/2(d* − mean d*)]</pre>
 *
 * <p>What cannot be below 0 is cut off there: all but the unbiased {@link KernelInceptionDistance}.
 *
 * @param samples how many times, ≥ 2
 * @param seed of the draws
 * @param level share of samples within the interval, in (0, 1)
 * @see <a href="https://doi.org/10.1214/aos/1176344552">Efron 1979</a>
 */
public record Bootstrap(int samples, long seed, double level) {
    /**
     * Where a distance would be with other pictures.
     *
     * @param low its lower end
     * @param high its upper end
     */
    public record Interval(double low, double high) {}

    /**
     * A distance with its interval.
     *
     * @param value of the sets themselves
     * @param interval about it
     */
    public record Estimate(double value, Interval interval) {}

    /** @throws IllegalArgumentException when a number is out of range */
    public Bootstrap {
        if (!(samples >= 2 && level > 0 && level < 1)) {
            throw new IllegalArgumentException(
                    "bootstrap: expected at least 2 samples and a level between 0 and 1, got %d and %s"
                            .formatted(samples, level));
        }
    }

    /** {@link FrechetDistance#between} with its interval. */
    public Estimate frechet(Features x, Features y) {
        Features.requireRows("Fréchet distance", 2, x, y);
        Multiplicities first = draws();
        Multiplicities second = first.ofOtherSet();
        return atLeastZero(estimate(IntStream.range(0, first.count())
                .parallel()
                .mapToDouble(sample -> FrechetDistance.between(
                        CentredFeatures.of(x, first.of(sample, x.rows())),
                        CentredFeatures.of(y, second.of(sample, y.rows()))))
                .toArray()));
    }

    /** {@link MaximumMeanDiscrepancy#between} with its interval; NaN when a set is empty. */
    public Estimate discrepancy(MaximumMeanDiscrepancy metric, Features x, Features y) {
        Features.requireSameWidth(x, y);
        return x.rows() == 0 || y.rows() == 0
                ? new Estimate(Double.NaN, new Interval(Double.NaN, Double.NaN))
                : atLeastZero(estimate(metric.values(x, y, draws())));
    }

    private static Estimate atLeastZero(Estimate estimate) {
        Interval interval = estimate.interval();
        return new Estimate(estimate.value(), new Interval(Math.max(0, interval.low()), Math.max(0, interval.high())));
    }

    /** {@link KernelInceptionDistance#between} with its interval. */
    public Estimate kernel(KernelInceptionDistance metric, Features x, Features y) {
        Features.requireRows("kernel distance", 2, x, y);
        return estimate(metric.values(x, y, draws()));
    }

    private Multiplicities draws() {
        return new Multiplicities(samples, seed, 0);
    }

    /** The first is of the sets themselves, the others of samples; NaN, as of a sample of one picture alone, is left out. */
    private Estimate estimate(double[] values) {
        double[] drawn = java.util.Arrays.stream(values, 1, values.length)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        double mean = java.util.Arrays.stream(drawn).average().orElse(Double.NaN);
        return new Estimate(
                values[0],
                new Interval(
                        values[0] + quantile(drawn, (1 - level) / 2) - mean,
                        values[0] + quantile(drawn, (1 + level) / 2) - mean));
    }

    /** Linear between the two nearest of the sorted values. */
    private static double quantile(double[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
