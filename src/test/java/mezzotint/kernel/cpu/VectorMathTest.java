package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;

final class VectorMathTest {
    private static final List<VectorSpecies<Float>> WIDTHS = List.of(FloatVector.SPECIES_256, FloatVector.SPECIES_512);

    @Test
    void exponentialIsWithinOneInTenMillion() {
        check(VectorMath::exp, Math::exp, -87, 88, 1e-7);
        check(VectorMath::expUpTo88, Math::exp, -87, 88, 1e-7);
    }

    @Test
    void sigmoidAndTangentAreWithinThreeInTenMillion() {
        check(VectorMath::sigmoid, x -> 1 / (1 + Math.exp(-x)), -87, 88, 3e-7);
        check(VectorMath::tanh, Math::tanh, -12, 12, 3e-7);
    }

    @Test
    void exponentialStaysFiniteAndKeepsNaN() {
        for (var species : WIDTHS) {
            assertEquals((float) Math.exp(-87), at(species, VectorMath::exp, Float.NEGATIVE_INFINITY), 1e-44f);
            assertEquals((float) Math.exp(88), at(species, VectorMath::exp, Float.POSITIVE_INFINITY), 2e31f);
            assertTrue(Float.isNaN(at(species, VectorMath::exp, Float.NaN)));
            assertTrue(Float.isNaN(at(species, VectorMath::tanh, Float.NaN)));
        }
    }

    @Test
    void sumTakesEveryLaneOnce() {
        for (var species : WIDTHS) {
            float[] powers = new float[species.length()];
            for (int i = 0; i < powers.length; i++) {
                powers[i] = 1 << i;
            }
            assertEquals((1 << species.length()) - 1, VectorMath.sum(FloatVector.fromArray(species, powers, 0)));
        }
    }

    private static float at(VectorSpecies<Float> species, UnaryOperator<FloatVector> function, float x) {
        return function.apply(FloatVector.broadcast(species, x)).lane(species.length() - 1);
    }

    private static void check(
            UnaryOperator<FloatVector> function, DoubleUnaryOperator exact, double low, double high, double tolerance) {
        for (var species : WIDTHS) {
            float[] x = new float[species.length()];
            for (int i = 0; i < 2000; i++) {
                for (int j = 0; j < x.length; j++) {
                    x[j] = (float) (low + (high - low) * (i * x.length + j) / (2000.0 * x.length - 1));
                }
                FloatVector y = function.apply(FloatVector.fromArray(species, x, 0));
                for (int j = 0; j < x.length; j++) {
                    double expected = exact.applyAsDouble(x[j]);
                    double error = Math.abs(y.lane(j) - expected);
                    assertTrue(error <= tolerance * Math.abs(expected), () -> "error " + error + " of " + expected);
                }
            }
        }
    }
}
