package mezzotint.kernel.evidence;

import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import mezzotint.kernel.PhiloxRandom;

/**
 * What can be said of a gradient without a derivative: central differences along some coordinates, and along some directions
 * in which all coordinates move at once, so that no element of a gradient goes unseen.
 */
final class SlopeProbe {
    private static final int COORDINATES = 16;
    private static final int DIRECTIONS = 6;
    private static final double STEP = 1e-4;

    private final int[] coordinates;
    private final boolean[][] signs;

    /** For gradients of {@code count} elements. */
    SlopeProbe(int count) {
        var random = new PhiloxRandom(count, 11, 0);
        coordinates = new int[Math.min(count, COORDINATES)];
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] = count <= COORDINATES ? i : i == 0 ? 0 : i == 1 ? count - 1 : random.below(count);
        }
        signs = new boolean[count <= COORDINATES ? 0 : DIRECTIONS][count];
        for (boolean[] direction : signs) {
            for (int i = 0; i < count; i++) {
                direction[i] = random.below(2) == 0;
            }
        }
    }

    /**
     * The slopes of {@code function} at {@code point}: along the coordinates, then along the directions of length 1.
     *
     * @param function is called from several threads
     */
    double[] slopes(ToDoubleFunction<double[]> function, double[] point) {
        return IntStream.range(0, coordinates.length + signs.length)
                .parallel()
                .mapToDouble(i -> i < coordinates.length
                        ? along(coordinates[i], function, point)
                        : along(signs[i - coordinates.length], function, point))
                .toArray();
    }

    private static double along(int coordinate, ToDoubleFunction<double[]> function, double[] point) {
        double step = STEP * Math.max(1, Math.abs(point[coordinate]));
        double[] moved = point.clone();
        moved[coordinate] = point[coordinate] + step;
        double above = function.applyAsDouble(moved);
        moved[coordinate] = point[coordinate] - step;
        return (above - function.applyAsDouble(moved)) / (2 * step);
    }

    private static double along(boolean[] direction, ToDoubleFunction<double[]> function, double[] point) {
        double[] above = point.clone();
        double[] below = point.clone();
        for (int j = 0; j < point.length; j++) {
            above[j] += direction[j] ? STEP : -STEP;
            below[j] -= direction[j] ? STEP : -STEP;
        }
        double length = 2 * STEP * Math.sqrt(point.length);
        return (function.applyAsDouble(above) - function.applyAsDouble(below)) / length;
    }

    /** The same of a gradient that is known. */
    double[] project(double[] gradient) {
        double[] slopes = new double[coordinates.length + signs.length];
        for (int i = 0; i < coordinates.length; i++) {
            slopes[i] = gradient[coordinates[i]];
        }
        for (int i = 0; i < signs.length; i++) {
            double sum = 0;
            for (int j = 0; j < gradient.length; j++) {
                sum += signs[i][j] ? gradient[j] : -gradient[j];
            }
            slopes[coordinates.length + i] = sum / Math.sqrt(gradient.length);
        }
        return slopes;
    }
}
