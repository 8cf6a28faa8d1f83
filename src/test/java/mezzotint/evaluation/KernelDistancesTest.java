package mezzotint.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.ToDoubleBiFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** MMD and KID against their definitions, pair by pair. */
class KernelDistancesTest {
    private static final double ROUNDING = 1e-9; // float64 sums of at most 40² kernels, times 1000

    /** By hand: PRX's reference for X = {e₁, e₂} and Y = {(1,1,0), (0,0,1), (1,2,2)} of unit length. */
    @Test
    void givesTheNumberOfThePaperAndPencil() {
        Features x = new Features(2, 3, new float[] {1, 0, 0, 0, 1, 0});
        Features y = new Features(3, 3, new float[] {1, 1, 0, 0, 0, 1, 1, 2, 2}).normalised();
        assertEquals(3.331641, MaximumMeanDiscrepancy.PRX.between(x, y), 1e-6); // as many digits as are known
    }

    @Property(tries = 20)
    void discrepancyIsItsDefinitionWhateverTheChunks(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int n,
            @ForAll @IntRange(min = 1, max = 20) int m,
            @ForAll @IntRange(min = 1, max = 25) int chunk) {
        Features x = RandomFeatures.mixed(seed, n, 3);
        Features y = RandomFeatures.mixed(seed + 1, m, 3);
        var metric = new MaximumMeanDiscrepancy(1.5, 1000, chunk);
        ToDoubleBiFunction<float[], float[]> kernel = (a, b) -> {
            double square = 0;
            for (int i = 0; i < a.length; i++) {
                square += Math.pow((double) a[i] - b[i], 2);
            }
            return Math.exp(-square / (2 * 1.5 * 1.5));
        };
        double expected = 1000 * (mean(kernel, x, x, true) + mean(kernel, y, y, true) - 2 * mean(kernel, x, y, true));
        assertEquals(expected, metric.between(x, y), ROUNDING);
        assertEquals(0, metric.between(x, x), ROUNDING);
        assertEquals(expected, metric.float32(x, y), 2e-3); // 1000 times float32's rounding of a mean near 1
    }

    @Property(tries = 20)
    void kernelDistanceIsItsDefinition(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 20) int n, @ForAll @IntRange(min = 2, max = 20) int m) {
        Features x = RandomFeatures.mixed(seed, n, 3);
        Features y = RandomFeatures.mixed(seed + 1, m, 3);
        ToDoubleBiFunction<float[], float[]> kernel = (a, b) -> {
            double dot = 0;
            for (int i = 0; i < a.length; i++) {
                dot += (double) a[i] * b[i];
            }
            return Math.pow(dot / 3 + 1, 3);
        };
        double xx = mean(kernel, x, x, false);
        double yy = mean(kernel, y, y, false);
        double expected = xx + yy - 2 * mean(kernel, x, y, true);
        assertEquals(expected, KernelInceptionDistance.PUBLISHED.between(x, y), 1e-12 * (1 + xx + yy));
    }

    /** A U-statistic's mean over all subsets is the statistic: pairs of three, all nine pairs of subsets of two. */
    @Test
    void theMeanOverSubsetsIsTheWhole() {
        Features x = RandomFeatures.mixed(1, 3, 2);
        Features y = RandomFeatures.mixed(2, 3, 2);
        int[][] pairs = {{0, 1}, {0, 2}, {1, 2}};
        double mean = 0;
        for (int[] a : pairs) {
            for (int[] b : pairs) {
                mean += KernelInceptionDistance.PUBLISHED.between(x.chosen(a), y.chosen(b)) / 9;
            }
        }
        double whole = KernelInceptionDistance.PUBLISHED.between(x, y);
        assertEquals(whole, mean, 1e-12 * (1 + Math.abs(whole)));
    }

    @Test
    void subsetsAreDrawnWithoutReplacementAndWithTheSeed() {
        Features x = RandomFeatures.mixed(1, 30, 4);
        Features y = RandomFeatures.mixed(2, 30, 4);
        var all = new KernelInceptionDistance(3, 1, 5, 30, 7).overSubsets(x, y);
        assertEquals(KernelInceptionDistance.PUBLISHED.between(x, y), all.mean(), 1e-9);
        assertEquals(0, all.deviation(), 1e-9);
        var some = new KernelInceptionDistance(3, 1, 20, 10, 7);
        assertEquals(some.overSubsets(x, y), some.overSubsets(x, y));
        assertEquals(
                "kernel distance over subsets: expected at least 1000 pictures in each set, got 30 and 30",
                assertThrows(IllegalArgumentException.class, () -> KernelInceptionDistance.PUBLISHED.overSubsets(x, y))
                        .getMessage());
    }

    @Test
    void emptySetsHaveNoDiscrepancy() {
        Features none = new Features(0, 2, new float[0]);
        Features two = RandomFeatures.mixed(1, 2, 2);
        assertEquals(Double.NaN, MaximumMeanDiscrepancy.PRX.between(none, two));
        assertEquals(Float.NaN, MaximumMeanDiscrepancy.PRX.float32(two, none));
    }

    @Test
    void unitLengthIsUnitLength() {
        Features unit = new Features(2, 2, new float[] {3, 4, 0, 0}).normalised();
        assertArrayEquals(new float[] {0.6f, 0.8f, 0, 0}, unit.values());
    }

    private static double mean(
            ToDoubleBiFunction<float[], float[]> kernel, Features x, Features y, boolean withItself) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < x.rows(); i++) {
            for (int j = 0; j < y.rows(); j++) {
                if (withItself || i != j) {
                    sum += kernel.applyAsDouble(row(x, i), row(y, j));
                    count++;
                }
            }
        }
        return sum / count;
    }

    private static float[] row(Features x, int row) {
        return java.util.Arrays.copyOfRange(x.values(), row * x.width(), (row + 1) * x.width());
    }
}
