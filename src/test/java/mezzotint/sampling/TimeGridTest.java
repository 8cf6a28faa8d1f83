package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.flow.TimeShift;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TimeGridTest {
    private static float[] sigmas(TimeGrid grid) {
        float[] sigmas = new float[grid.steps() + 1];
        for (int i = 0; i < sigmas.length; i++) {
            sigmas[i] = grid.sigma(i);
        }
        return sigmas;
    }

    /** Six decimals as they were written down from upstream. */
    @Test
    void theGridOfDiffusersIsShiftedTwice() {
        assertArrayEquals(
                new float[] {1, .857692f, .602151f, .008929f, 0},
                sigmas(TimeGrid.diffusersGrid(4, new TimeShift(3))),
                5e-7f);
        assertArrayEquals(
                new float[] {1, .947543f, .882788f, .800837f, .693793f, .548046f, .337972f, .008929f, 0},
                sigmas(TimeGrid.diffusersGrid(8, new TimeShift(3))),
                5e-7f);
    }

    @Test
    void timestepsOfTheCallersCanMakeItPrxsOwnGrid() {
        TimeGrid own = TimeGrid.nativeGrid(4, new TimeShift(3));
        TimeGrid made = TimeGrid.ofTimesteps(new float[] {1000, 750, 500, 250}, new TimeShift(3));
        assertArrayEquals(sigmas(own), sigmas(made), 1e-7f); // the same fractions, written otherwise
    }

    @Test
    void timestepsFall() {
        for (float[] wrong : new float[][] {{1001}, {0}, {500, 500}, {250, 500}, {Float.NaN}, {-1}}) {
            assertThrows(
                    IllegalArgumentException.class, () -> TimeGrid.ofTimesteps(wrong, new TimeShift(1)));
        }
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> TimeGrid.ofTimesteps(new float[] {500, 600}, new TimeShift(1)));
        assertEquals(
                "timesteps: expected falling numbers from 1000 to above 0, got 600.0 at place 1 of [500.0, 600.0]",
                e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> TimeGrid.ofTimesteps(new float[0], new TimeShift(1)));
    }

    @Test
    void theLastPartOfAGridEndsAsTheWhole() {
        TimeGrid whole = TimeGrid.nativeGrid(4, new TimeShift(1));
        assertArrayEquals(new float[] {0.5f, 0.25f, 0}, sigmas(whole.from(2)));
        assertEquals(0, whole.from(4).steps());
        assertEquals(0f, whole.from(4).sigma(0));
    }

    @Property(tries = 200)
    void gridsFallFromNoiseToThePicture(
            @ForAll @IntRange(min = 1, max = 200) int steps, @ForAll @FloatRange(min = 0.1f, max = 20) float shift) {
        for (TimeGrid grid : new TimeGrid[] {
            TimeGrid.nativeGrid(steps, new TimeShift(shift)), TimeGrid.diffusersGrid(steps, new TimeShift(shift))
        }) {
            assertEquals(steps, grid.steps());
            assertEquals(1, grid.sigma(0), 1e-6); // shift(1) is s/(1 + (s − 1)) in float32, s at least 0.1
            assertEquals(0, grid.sigma(steps));
            for (int i = 0; i < steps; i++) {
                assertTrue(grid.length(i) > 0, "step " + i + " of " + steps + " with shift " + shift);
                assertEquals(grid.sigma(i), grid.time(i), 2e-7);
                assertEquals(i, grid.stepAt(grid.time(i)));
            }
        }
    }
}
