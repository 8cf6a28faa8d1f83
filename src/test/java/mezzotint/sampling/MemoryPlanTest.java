package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.OptionalLong;
import mezzotint.prx.StoredDenoiser.Residency;
import mezzotint.sampling.MemoryPlan.Denoising;
import mezzotint.sampling.MemoryPlan.Phase;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static final long MIB = 1L << 20;
    private static final Phase TOWER = new Phase("text tower", 500 * MIB, 20 * MIB);
    private static final Phase DECODER = new Phase("autoencoder", 300 * MIB, 400 * MIB);
    private static final Denoising DENOISING = new Denoising(2000 * MIB, 150 * MIB, 250 * MIB);

    private static MemoryPlan plan(OptionalLong limit) {
        return MemoryPlan.of(limit, 100 * MIB, List.of(TOWER), DENOISING, List.of(DECODER));
    }

    @Test
    void thePeakIsTheLargestPhaseAndNotTheirSum() {
        MemoryPlan plan = plan(OptionalLong.empty());
        assertEquals(Residency.RESIDENT, plan.residency());
        assertEquals(2350 * MIB, plan.peak());
        assertEquals(
                List.of(
                        "text tower: 500 MiB of weights, 20 MiB to work in",
                        "denoiser: 1.96 GiB of weights, 250 MiB to work in",
                        "autoencoder: 300 MiB of weights, 400 MiB to work in",
                        "memory: 2.30 GiB at most, 100 MiB of it the program itself"),
                plan.lines());
    }

    @Test
    void streamsBlocksOnlyWhereTheyDoNotFit() {
        assertEquals(Residency.RESIDENT, plan(OptionalLong.of(2350 * MIB)).residency());
        MemoryPlan streamed = plan(OptionalLong.of(2350 * MIB - 1));
        assertEquals(Residency.STREAMED, streamed.residency());
        assertEquals(800 * MIB, streamed.peak()); // the autoencoder's phase is the largest now
    }

    @Test
    void refusesWithTheNumbersThatWouldDo() {
        var thrown = assertThrows(InsufficientMemoryException.class, () -> plan(OptionalLong.of(800 * MIB - 1)));
        assertEquals(
                "799 MiB are not enough: the autoencoder needs 700 MiB (300 MiB of weights and 400 MiB to work in)"
                        + " beside the 100 MiB that the program itself takes; give 800 MiB, or draw fewer or smaller"
                        + " pictures at once",
                thrown.getMessage());
        assertEquals(800 * MIB, plan(OptionalLong.of(800 * MIB)).peak());
    }
}
