package mezzotint.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.image.RgbImage;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FrechetDistanceTest {
    /** Of one feature: (μ₁ − μ₂)² + (σ₁ − σ₂)². */
    @Test
    void ofOneFeatureIsWhatAPencilSays() {
        Features x = new Features(3, 1, new float[] {0, 1, 2}); // mean 1, variance 1
        Features y = new Features(2, 1, new float[] {4, 4 + (float) Math.sqrt(8)}); // mean 4 + √2, variance 4
        double expected = Math.pow(3 + Math.sqrt(2), 2) + 1;
        assertEquals(
                expected,
                FrechetDistance.between(x, y),
                1e-5); // 6.83 in float32 is off by 2·10⁻⁷, its square by ten times that
    }

    @Property(tries = 30)
    void allWaysAgree(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 30) int n,
            @ForAll @IntRange(min = 2, max = 30) int m,
            @ForAll @IntRange(min = 1, max = 12) int d) {
        Features x = RandomFeatures.mixed(seed, n, d);
        Features y = RandomFeatures.mixed(seed + 1, m, d);
        double distance = FrechetDistance.between(x, y);
        FeatureMoments a = FeatureMoments.of(x);
        FeatureMoments b = FeatureMoments.of(y);
        double size = 1e-6
                * (trace(a) + trace(b)); // square roots of eigenvalues that should be 0: √10⁻¹⁶ each, and more of them
        assertEquals(distance, FrechetDistance.symmetric(a, b), size);
        assertEquals(distance, FrechetDistance.general(a, b), size);
        // One such eigenvalue is left with as many rows as in the other set or as features: √(30 · 10⁻¹⁶) of the
        // traces' mean, twice.
        double one = 0.1 * size;
        assertEquals(distance, FrechetDistance.between(y, x), one);
        assertTrue(distance > -one, () -> "a distance is not negative: " + distance);
    }

    @Property(tries = 20)
    void movesWithNeitherOriginNorUnitOfBoth(@ForAll long seed, @ForAll @IntRange(min = 2, max = 20) int n) {
        Features x = RandomFeatures.mixed(seed, n, 4);
        Features y = RandomFeatures.mixed(seed + 1, 15, 4);
        double distance = FrechetDistance.between(x, y);
        // The shift is rounded to float32 in each feature.
        assertEquals(distance, FrechetDistance.between(scaled(x, 1, 5), scaled(y, 1, 5)), 1e-4 * (1 + distance));
        assertEquals(16 * distance, FrechetDistance.between(scaled(x, 4, 0), scaled(y, 4, 0)), 1e-6 * (1 + distance));
        assertEquals(0, FrechetDistance.between(x, x), 1e-6 * trace(FeatureMoments.of(x)));
    }

    @Test
    void runningSumsAreThoseOfTheWholeHoweverTheyAreFed() {
        Features x = RandomFeatures.mixed(1, 23, 5);
        FeatureMoments whole = FeatureMoments.of(x);
        FeatureMoments.Sums sums = new FeatureMoments.Sums(5);
        for (int row = 0; row < 23; row += 4) {
            sums.add(x.chosen(
                    java.util.stream.IntStream.range(row, Math.min(23, row + 4)).toArray()));
        }
        for (int i = 0; i < 25; i++) {
            assertEquals(whole.covariance()[i], sums.moments().covariance()[i], 1e-12);
        }
    }

    @Test
    void chosenTwiceIsAsThereTwice() {
        Features x = RandomFeatures.mixed(1, 4, 3);
        Features twice = x.chosen(new int[] {0, 2, 2, 3, 3, 3});
        double expected = FrechetDistance.between(twice, x);
        double weighted = FrechetDistance.between(
                CentredFeatures.of(x, new int[] {1, 0, 2, 3}), CentredFeatures.of(x, new int[] {1, 1, 1, 1}));
        assertEquals(expected, weighted, 1e-6);
    }

    @Test
    void wantsTwoPicturesOfOneEncoder() {
        Features one = RandomFeatures.mixed(1, 1, 3);
        Features two = RandomFeatures.mixed(1, 2, 3);
        assertEquals(
                "Fréchet distance: expected at least 2 pictures in each set, got 1 and 2",
                assertThrows(IllegalArgumentException.class, () -> FrechetDistance.between(one, two))
                        .getMessage());
        assertEquals(
                "features: expected two sets of one encoder, got widths 3 and 4",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> FrechetDistance.between(two, RandomFeatures.mixed(1, 2, 4)))
                        .getMessage());
        assertEquals(
                "features: expected finite numbers, got NaN for picture 1, feature 0",
                assertThrows(IllegalArgumentException.class, () -> new Features(2, 1, new float[] {1, Float.NaN}))
                        .getMessage());
    }

    @Test
    void invertedColoursAreThoseOfBytesTimes255() {
        RgbImage picture = RgbImage.of(2, 1, new byte[] {0, 1, (byte) 255, 100, (byte) 128, 7});
        assertEquals(
                RgbImage.of(2, 1, new byte[] {0, (byte) 255, 1, (byte) 156, (byte) 128, (byte) 249}),
                PixelColours.INVERTED.seen(picture));
        assertEquals(picture, PixelColours.RIGHT.seen(picture));
    }

    private static double trace(FeatureMoments moments) {
        double trace = 0;
        for (int i = 0; i < moments.width(); i++) {
            trace += moments.covariance()[i * (moments.width() + 1)];
        }
        return trace;
    }

    private static Features scaled(Features x, float factor, float shift) {
        float[] values = x.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = factor * values[i] + shift;
        }
        return new Features(x.rows(), x.width(), values);
    }
}
