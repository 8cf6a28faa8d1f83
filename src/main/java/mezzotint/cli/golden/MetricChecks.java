package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.evaluation.FeatureMoments;
import mezzotint.evaluation.Features;
import mezzotint.evaluation.FrechetDistance;
import mezzotint.evaluation.MaximumMeanDiscrepancy;
import mezzotint.evaluation.PixelColours;
import mezzotint.io.SafeTensor;
import mezzotint.kernel.Device;

/** Metrics of sets of pictures. */
final class MetricChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS =
            Map.of("metric_fid", MetricChecks::frechetDistance, "metric_mmd", MetricChecks::meanDiscrepancy);

    private static final double MOMENTS = 1e-12; // float64 sums of at most 120 rows, in another order
    private static final double CANCELLED = 1e-9; // of tr Σ: what float64 eigenvalues leave of a difference of traces
    private static final double RANK_DEFICIENT = 1e-4; // of tr Σ, as recorded with the case
    private static final double FLOAT32 = 2e-3; // absolute, as recorded with the case: 1000 times a difference near 1
    private static final double FLOAT64 = 1e-9; // 1000 times a difference of sums of at most 64² numbers near 1

    private MetricChecks() {}

    /** {@code metric_fid}. */
    static void frechetDistance(GoldenCase golden, Device device) {
        double relative = golden.tolerance("fid", 1e-5);
        for (JsonNode row : golden.json().path("rows")) {
            String prefix = row.path("index").asInt() + ".";
            Features x = features(golden, prefix + "x");
            Features y = features(golden, prefix + "y");
            int chunk = row.path("chunk").intValue();
            FeatureMoments sumsX = moments(golden, prefix + "mean_x", prefix + "cov_x", x, chunk);
            FeatureMoments sumsY = moments(golden, prefix + "mean_y", prefix + "cov_y", y, chunk);
            FeatureMoments twoPassX = FeatureMoments.of(x);
            FeatureMoments twoPassY = FeatureMoments.of(y);
            double trace = trace(twoPassX) + trace(twoPassY);
            double absolute = trace * (row.path("rank_deficient").booleanValue() ? RANK_DEFICIENT : CANCELLED);
            var distances = new Distances(golden, relative, absolute);
            distances.compare(prefix + "fid", prefix + "fid", FrechetDistance.general(sumsX, sumsY));
            distances.compare(prefix + "fid, float32", prefix + "fid", FrechetDistance.asTorchmetrics(x, y));
            distances.compare(
                    prefix + "fid_from_two_pass_moments",
                    prefix + "fid_from_two_pass_moments",
                    FrechetDistance.general(twoPassX, twoPassY));
            String symmetric = prefix + "fid_symmetric_form";
            distances.compare(symmetric, symmetric, FrechetDistance.symmetric(twoPassX, twoPassY));
            distances.compare(symmetric + ", from features", symmetric, FrechetDistance.between(x, y));
        }
        colours(golden);
    }

    private record Distances(GoldenCase golden, double relative, double absolute) {
        void compare(String what, String recorded, double actual) {
            double expected = golden.tensor(recorded).toDoubles()[0];
            within(golden, what, actual, expected, relative * Math.abs(expected) + absolute);
        }
    }

    private static FeatureMoments moments(GoldenCase golden, String mean, String covariance, Features set, int chunk) {
        FeatureMoments.Sums sums = new FeatureMoments.Sums(set.width());
        for (int begin = 0; begin < set.rows(); begin += chunk) {
            int[] rows = java.util.stream.IntStream.range(begin, Math.min(set.rows(), begin + chunk))
                    .toArray();
            sums.add(set.chosen(rows));
        }
        FeatureMoments moments = sums.moments();
        double[] ownMean = golden.tensor(mean).toDoubles();
        double size = 0; // of the squares that the running sums subtract
        for (double m : ownMean) {
            size += m * m;
        }
        compare(golden, mean, moments.mean(), MOMENTS * (1 + size));
        compare(golden, covariance, moments.covariance(), MOMENTS * (1 + size));
        return moments;
    }

    private static void compare(GoldenCase golden, String name, double[] actual, double tolerance) {
        double[] expected = golden.tensor(name).toDoubles();
        double difference = actual.length == expected.length ? 0 : Double.NaN;
        double norm = 0;
        for (int i = 0; i < Math.min(actual.length, expected.length); i++) {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        golden.comparisons().add(new Comparison(name, Math.sqrt(difference / norm), tolerance));
    }

    private static double trace(FeatureMoments moments) {
        double trace = 0;
        for (int i = 0; i < moments.width(); i++) {
            trace += moments.covariance()[i * (moments.width() + 1)];
        }
        return trace;
    }

    /** A number within so much of the recorded one; the error is absolute. */
    private static void within(GoldenCase golden, String name, double actual, double expected, double allowed) {
        golden.comparisons().add(new Comparison(name, Math.abs(actual - expected), allowed));
    }

    /** Exact: they are bytes. */
    private static void colours(GoldenCase golden) {
        long[] bytes = golden.tensor("uint8_in").toLongs();
        float[] inverted = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            inverted[i] = Byte.toUnsignedInt(PixelColours.INVERTED.seen((byte) bytes[i]));
        }
        golden.compare("uint8_after_normalize_true", inverted, 0);
        float[] units = golden.floats("float_in");
        float[] seen = new float[units.length];
        for (int i = 0; i < units.length; i++) {
            seen[i] = Byte.toUnsignedInt(PixelColours.ofUnit(units[i]));
        }
        golden.compare("float_after_normalize_true", seen, 0);
    }

    /** {@code metric_mmd}. */
    static void meanDiscrepancy(GoldenCase golden, Device device) {
        for (JsonNode row : golden.json().path("rows")) {
            String prefix = row.path("index").asInt() + ".";
            Features x = features(golden, prefix + "x");
            Features y = features(golden, prefix + "y");
            double sigma = row.path("sigma").doubleValue();
            double scale = MaximumMeanDiscrepancy.PRX.scale();
            var chunked = new MaximumMeanDiscrepancy(
                    sigma, scale, row.path("chunk_size").intValue());
            var whole = new MaximumMeanDiscrepancy(sigma, scale, Math.max(x.rows(), y.rows()));
            scalar(golden, prefix + "mmd", chunked.float32(x, y), FLOAT32);
            scalar(golden, prefix + "mmd_one_chunk", whole.float32(x, y), FLOAT32);
            scalar(golden, prefix + "mmd_float64", chunked.between(x, y), FLOAT64);
            if (golden.has(prefix + "metric_fed_in_batches")) {
                scalar(golden, prefix + "metric_fed_in_batches", chunked.float32(x, y), FLOAT32);
            }
        }
        double empty =
                MaximumMeanDiscrepancy.PRX.between(new Features(0, 1, new float[0]), new Features(1, 1, new float[1]));
        boolean asRecorded = golden.json().path("empty_sets_give_nan").booleanValue() == Double.isNaN(empty);
        golden.comparisons().add(new Comparison("an empty set", asRecorded ? 0 : 1, 0));
    }

    private static void scalar(GoldenCase golden, String name, double actual, double allowed) {
        within(golden, name, actual, golden.tensor(name).toDoubles()[0], allowed);
    }

    private static Features features(GoldenCase golden, String name) {
        SafeTensor stored = golden.tensor(name);
        return new Features(
                Math.toIntExact(stored.shape().dim(0)),
                Math.toIntExact(stored.shape().dim(1)),
                stored.toFloats());
    }
}
