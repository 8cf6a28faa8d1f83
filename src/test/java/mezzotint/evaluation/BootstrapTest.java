package mezzotint.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.evaluation.Bootstrap.Estimate;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static final Bootstrap USUAL = new Bootstrap(200, 3, 0.9);

    /**
     * Of one feature with X ~ N(0, 1) and Y ~ N(1, 1), KID is 4 + 32 − 2 · 7 = 22 by the moments of normal numbers. Intervals of
     * nine in ten hold it in about nine of ten repetitions; a skewed statistic of 80 pictures costs some, and 60 repetitions
     * scatter by 0.04.
     */
    @Test
    void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
        int repetitions = 60;
        int held = 0;
        double mean = 0;
        for (int i = 0; i < repetitions; i++) {
            Features x = RandomFeatures.normal(100 + i, 80, 1, 0, 1);
            Features y = RandomFeatures.normal(900 + i, 80, 1, 1, 1);
            Estimate estimate = new Bootstrap(100, i, 0.9).kernel(KernelInceptionDistance.PUBLISHED, x, y);
            mean += estimate.value() / repetitions;
            held += estimate.interval().low() <= 22 && 22 <= estimate.interval().high() ? 1 : 0;
        }
        double share = (double) held / repetitions;
        assertTrue(share >= 0.7 && share < 1, "held in a share of " + share);
        assertEquals(22, mean, 5); // unbiased; a value scatters by about 13, sixty of them by 1.7
    }

    @Test
    void fourTimesThePicturesHalveTheInterval() {
        double few = width(USUAL.frechet(RandomFeatures.mixed(1, 60, 3), RandomFeatures.mixed(2, 60, 3)));
        double many = width(USUAL.frechet(RandomFeatures.mixed(3, 960, 3), RandomFeatures.mixed(4, 960, 3)));
        assertTrue(
                many < few / 2, few + " of 60 pictures, " + many + " of 960"); // a quarter, and as much again for luck
    }

    @Test
    void theValueIsThatOfTheSetsAndWithinTheInterval() {
        Features x = RandomFeatures.mixed(1, 20, 30); // fewer pictures than features
        Features y = RandomFeatures.mixed(2, 25, 30);
        Estimate frechet = USUAL.frechet(x, y);
        assertEquals(FrechetDistance.between(x, y), frechet.value());
        Estimate discrepancy = USUAL.discrepancy(MaximumMeanDiscrepancy.PRX, x, y);
        assertEquals(MaximumMeanDiscrepancy.PRX.between(x, y), discrepancy.value(), 1e-9);
        Estimate kernel = USUAL.kernel(KernelInceptionDistance.PUBLISHED, x, y);
        assertEquals(KernelInceptionDistance.PUBLISHED.between(x, y), kernel.value(), 1e-9);
        for (Estimate estimate : new Estimate[] {frechet, discrepancy, kernel}) {
            assertTrue(
                    estimate.interval().low() < estimate.value()
                            && estimate.value() < estimate.interval().high(),
                    estimate::toString);
        }
        assertEquals(frechet, USUAL.frechet(x, y), "the same seed, the same bits");
        assertEquals(discrepancy, USUAL.discrepancy(MaximumMeanDiscrepancy.PRX, x, y));
        assertNotEquals(frechet, new Bootstrap(200, 4, 0.9).frechet(x, y));
    }

    @Test
    void picturesThatAreAllAlikeLeaveNoDoubt() {
        Features x = RandomFeatures.normal(1, 10, 2, 3, 0);
        Features y = RandomFeatures.normal(1, 12, 2, 5, 0);
        Estimate estimate = USUAL.frechet(x, y);
        assertEquals(8, estimate.value(), 1e-12);
        assertEquals(0, width(estimate), 1e-12);
    }

    @Test
    void checksItsNumbers() {
        assertEquals(
                "bootstrap: expected at least 2 samples and a level between 0 and 1, got 1 and 0.9",
                assertThrows(IllegalArgumentException.class, () -> new Bootstrap(1, 0, 0.9))
                        .getMessage());
    }

    private static double width(Estimate estimate) {
        return estimate.interval().high() - estimate.interval().low();
    }
}
