package mezzotint.testing;

import java.util.function.ToDoubleFunction;
import mezzotint.kernel.PhiloxRandom;

/** Central differences of a float64 function, the judge of a float32 gradient. */
public final class GradientCheck {
    private GradientCheck() {}

    /**
     * Fails unless {@code gradient} is the slope of {@code function} at {@code point} within a relative L2 of {@code tolerance}.
     *
     * <p>The step is 1e-4 · max(1, |x|): its error is about 1e-8, far below any float32 tolerance.
     *
     * @param function must not keep or change its argument
     * @param most at most so many coordinates, picked at random, are looked at
     */
    public static void assertSlope(
            String what,
            float[] gradient,
            ToDoubleFunction<double[]> function,
            double[] point,
            int most,
            double tolerance) {
        int[] picked = pick(point.length, most);
        float[] actual = new float[picked.length];
        double[] expected = new double[picked.length];
        for (int i = 0; i < picked.length; i++) {
            actual[i] = gradient[picked[i]];
            expected[i] = slope(function, point, picked[i]);
        }
        RelativeError.assertRelativeError(what, actual, expected, tolerance);
    }

    /** Slope of {@code function} along coordinate {@code i}. */
    public static double slope(ToDoubleFunction<double[]> function, double[] point, int i) {
        double step = 1e-4 * Math.max(1, Math.abs(point[i]));
        double[] moved = point.clone();
        moved[i] = point[i] + step;
        double above = function.applyAsDouble(moved);
        moved[i] = point[i] - step;
        double below = function.applyAsDouble(moved);
        return (above - below) / (2 * step);
    }

    /** All coordinates when there are at most {@code most}, else so many of them, the first and the last included. */
    static int[] pick(int count, int most) {
        int[] picked = new int[Math.min(count, most)];
        var random = new PhiloxRandom(count, 11, 0);
        for (int i = 0; i < picked.length; i++) {
            picked[i] = count <= most ? i : i == 0 ? 0 : i == 1 ? count - 1 : random.below(count);
        }
        return picked;
    }
}
