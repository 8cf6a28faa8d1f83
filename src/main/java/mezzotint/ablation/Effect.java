package mezzotint.ablation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a change did to a metric, seed by seed.
 *
 * @param metric its name
 * @param differences variant minus the one it is compared with, one for each seed that both finished
 * @param reference mean of the other over those seeds
 * @param lowerIsBetter which way is good
 */
public record Effect(String metric, List<Double> differences, double reference, boolean lowerIsBetter) {
    /** 97.5 % quantiles of Student's t with 1, 2, … degrees of freedom. */
    private static final double[] T_975 = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};

    /** Copies the list. */
    public Effect {
        differences = List.copyOf(differences);
    }

    /**
     * Pairs the runs of two variants by their seeds.
     *
     * @param variant results by seed
     * @param other those of the variant it is compared with
     */
    public static Effect of(String metric, Map<Long, RunResult> variant, Map<Long, RunResult> other) {
        List<Double> differences = new ArrayList<>();
        double sum = 0;
        boolean lower = true;
        for (var entry : new TreeMap<>(variant).entrySet()) {
            RunResult paired = other.get(entry.getKey());
            Measure ours = entry.getValue().metrics().get(metric);
            Measure theirs = paired == null ? null : paired.metrics().get(metric);
            if (ours != null && theirs != null && Double.isFinite(ours.value()) && Double.isFinite(theirs.value())) {
                differences.add(ours.value() - theirs.value());
                sum += theirs.value();
                lower = ours.lowerIsBetter();
            }
        }
        return new Effect(metric, differences, differences.isEmpty() ? Double.NaN : sum / differences.size(), lower);
    }

    /** Mean difference; NaN without a pair. */
    public double mean() {
        return differences.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /**
     * Half the width of the 95 % interval of the mean difference, Student's t over seeds.
     *
     * @return infinite with fewer than two pairs
     */
    public double halfWidth() {
        int n = differences.size();
        if (n < 2) {
            return Double.POSITIVE_INFINITY;
        }
        double mean = mean();
        double squares =
                differences.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum();
        double quantile = T_975[Math.min(n - 2, T_975.length - 1)];
        return quantile * Math.sqrt(squares / (n - 1) / n);
    }

    /** Better or worse when the interval leaves out zero; same when it does not; unknown with fewer than two pairs. */
    public Direction direction() {
        if (differences.size() < 2) {
            return Direction.UNKNOWN;
        }
        if (Math.abs(mean()) <= halfWidth()) {
            return Direction.SAME;
        }
        return (mean() < 0) == lowerIsBetter ? Direction.BETTER : Direction.WORSE;
    }

    /** Whether every seed agrees on the sign, which three seeds can show where an interval cannot. */
    public boolean allAgree() {
        return differences.size() > 1
                && (differences.stream().allMatch(d -> d > 0)
                        || differences.stream().allMatch(d -> d < 0));
    }

    /** {@code better: 12.3 lower (−18 %), 95 % interval 8.1 to 16.5, 3 seeds}. */
    public String sentence() {
        if (differences.isEmpty()) {
            return "no pair of runs to compare";
        }
        String size = String.format(
                Locale.ROOT,
                "%s by %s (%+.1f %%)",
                mean() < 0 ? "lower" : "higher",
                figure(Math.abs(mean())),
                100 * mean() / Math.abs(reference));
        if (differences.size() < 2) {
            return "one seed only: " + size;
        }
        String interval = String.format(
                Locale.ROOT,
                "95 %% interval of the difference %s to %s over %d seeds",
                figure(mean() - halfWidth()),
                figure(mean() + halfWidth()),
                differences.size());
        return switch (direction()) {
            case SAME ->
                "no difference beyond the scatter of seeds: " + size + ", " + interval
                        + (allAgree() ? ", though every seed agrees on the sign" : "");
            case BETTER, WORSE, UNKNOWN -> direction().word() + ": " + size + ", " + interval;
        };
    }

    static String figure(double value) {
        return String.format(
                Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 1 ? "%.2f" : "%.4f", value);
    }
}
