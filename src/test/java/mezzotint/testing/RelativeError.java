package mezzotint.testing;

import static org.junit.jupiter.api.Assertions.fail;

import mezzotint.tensor.Tensor;

/** Distance in relative L2 between a result and its float64 definition. */
public final class RelativeError {
    private RelativeError() {}

    /**
     * <pre>‖actual − expected‖ / ‖expected‖</pre>
     *
     * or ‖actual‖ when all that is expected is zero; NaN when either holds a NaN or an infinity.
     */
    public static double of(float[] actual, double[] expected) {
        return of(expected, actual, expected);
    }

    /** ‖actual − expected‖ / ‖scale‖; the rest as above. */
    private static double of(double[] scale, float[] actual, double[] expected) {
        if (actual.length != expected.length) {
            throw new IllegalArgumentException(
                    "relative error: %d numbers, expected %d".formatted(actual.length, expected.length));
        }
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < actual.length; i++) {
            if (!Float.isFinite(actual[i]) || !Double.isFinite(expected[i])) {
                return Double.NaN;
            }
            double d = actual[i] - expected[i];
            difference += d * d;
            norm += scale[i] * scale[i];
        }
        return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
    }

    /** Fails unless the relative error of {@code actual} is at most {@code tolerance}; a NaN never is. */
    public static void assertRelativeError(float[] actual, double[] expected, double tolerance) {
        assertRelativeError("result", actual, expected, tolerance);
    }

    /** As above, for an F32 or BF16 tensor. */
    public static void assertRelativeError(Tensor actual, double[] expected, double tolerance) {
        assertRelativeError("result", actual.toFloats(), expected, tolerance);
    }

    /** As above; {@code what} begins the message. */
    public static void assertRelativeError(String what, float[] actual, double[] expected, double tolerance) {
        assertErrorOf(expected, what, actual, expected, tolerance);
    }

    /** As above, relative to ‖scale‖ instead of ‖expected‖: for sums whose terms are larger than they are. */
    public static void assertErrorOf(double[] scale, String what, float[] actual, double[] expected, double tolerance) {
        double error = of(scale, actual, expected);
        if (!(error <= tolerance)) {
            fail("%s: relative error %.3g, expected at most %.3g%s"
                    .formatted(what, error, tolerance, worst(actual, expected)));
        }
    }

    private static String worst(float[] actual, double[] expected) {
        int at = 0;
        double most = -1;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]);
            if (!(difference <= most)) {
                most = difference;
                at = i;
            }
            if (Double.isNaN(difference)) {
                break;
            }
        }
        return actual.length == 0
                ? ""
                : "; worst at %d of %d: %.9g, expected %.9g".formatted(at, actual.length, actual[at], expected[at]);
    }
}
