package mezzotint.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mezzotint.vision.ClipVision;
import mezzotint.vision.Inception;
import mezzotint.vision.VisionEncoder;

/**
 * The scores that belong to an encoder.
 *
 * @param measures in the order of the table
 */
public record Scoreboard(List<Measure> measures) {
    private static final int PUBLISHED_SET = 10_000;
    private static final int SMALL_SET = 1000;
    private static final int FID_WIDTH = 2048;

    /** A way to compare two sets of features. */
    public sealed interface Measure {
        /** What the table calls it. */
        String name();
    }

    /** {@link FrechetDistance}. */
    public record Frechet(String name) implements Measure {}

    /** {@link KernelInceptionDistance} over all pairs. */
    public record Kernel(String name, KernelInceptionDistance metric) implements Measure {}

    /** {@link MaximumMeanDiscrepancy} of features of unit length. */
    public record Discrepancy(String name, MaximumMeanDiscrepancy metric) implements Measure {}

    /** Copies the list. */
    public Scoreboard {
        measures = List.copyOf(measures);
    }

    /**
     * The published scores of an encoder: FID and KID of Inception, with the block's name behind them where it is cut short; CMMD of
     * CLIP; DINO-MMD, and the Fréchet distance of its class token, of DINO.
     */
    public static Scoreboard of(VisionEncoder encoder) {
        return switch (encoder) {
            case Inception inception -> {
                String behind = inception.pooledWidth() == FID_WIDTH ? "" : "-mixed5";
                yield new Scoreboard(List.of(
                        new Frechet("FID" + behind), new Kernel("KID" + behind, KernelInceptionDistance.PUBLISHED)));
            }
            case ClipVision _ -> new Scoreboard(List.of(new Discrepancy("CMMD", MaximumMeanDiscrepancy.PRX)));
            default ->
                new Scoreboard(
                        List.of(new Discrepancy("DINO-MMD", MaximumMeanDiscrepancy.PRX), new Frechet("FD-DINO")));
        };
    }

    /**
     * Compares two sets by every measure.
     *
     * @param reference features (N, D), N ≥ 2
     * @param generated features (M, D), M ≥ 2
     * @param bootstrap for the intervals, or empty for none
     * @throws IllegalArgumentException when a set is smaller or the widths differ
     */
    public List<Score> compare(Features reference, Features generated, Optional<Bootstrap> bootstrap) {
        Features.requireRows("scores", 2, reference, generated);
        return measures.stream()
                .map(measure -> score(measure, reference, generated, bootstrap))
                .toList();
    }

    private static Score score(Measure measure, Features x, Features y, Optional<Bootstrap> bootstrap) {
        Features a = measure instanceof Discrepancy ? x.normalised() : x;
        Features b = measure instanceof Discrepancy ? y.normalised() : y;
        Optional<Bootstrap.Estimate> estimate = bootstrap.map(drawn -> switch (measure) {
            case Frechet _ -> drawn.frechet(a, b);
            case Kernel(String _, KernelInceptionDistance metric) -> drawn.kernel(metric, a, b);
            case Discrepancy(String _, MaximumMeanDiscrepancy metric) -> drawn.discrepancy(metric, a, b);
        });
        double value = estimate.map(Bootstrap.Estimate::value).orElseGet(() -> switch (measure) {
            case Frechet _ -> FrechetDistance.between(a, b);
            case Kernel(String _, KernelInceptionDistance metric) -> metric.between(a, b);
            case Discrepancy(String _, MaximumMeanDiscrepancy metric) -> metric.between(a, b);
        });
        return new Score(
                measure.name(),
                value,
                estimate.map(Bootstrap.Estimate::interval),
                x.rows(),
                y.rows(),
                warnings(measure, x, y));
    }

    private static List<String> warnings(Measure measure, Features x, Features y) {
        int fewest = Math.min(x.rows(), y.rows());
        List<String> warnings = new ArrayList<>();
        switch (measure) {
            case Frechet(String name) -> {
                if (fewest <= x.width()) {
                    warnings.add(("%s of %d pictures: fewer than the %d features and one, so the covariance has no"
                        + " full rank and the distance is too large; compare it only with sets of the same sizes")
                            .formatted(name, fewest, x.width()));
                } else if (fewest < PUBLISHED_SET) {
                    warnings.add(
                            "%s of %d pictures is larger than of the %d usual in publications; compare it only with sets of the same sizes"
                                    .formatted(name, fewest, PUBLISHED_SET));
                }
            }
            case Kernel(String name, KernelInceptionDistance _) -> {
                if (fewest < SMALL_SET) {
                    warnings.add("%s of %d pictures is unbiased but uncertain; look at its interval"
                            .formatted(name, fewest));
                }
            }
            case Discrepancy(String name, MaximumMeanDiscrepancy metric) -> {
                if (fewest < SMALL_SET) {
                    warnings.add(
                            ("%s of %d and %d pictures is biased upwards, by up to %.2g, since pictures are paired with"
                                            + " themselves; compare it only with sets of the same sizes")
                                    .formatted(
                                            name,
                                            x.rows(),
                                            y.rows(),
                                            metric.scale()
                                                    * 2
                                                    / (metric.sigma() * metric.sigma())
                                                    * (1.0 / x.rows() + 1.0 / y.rows())));
                }
            }
        }
        return warnings;
    }
}
