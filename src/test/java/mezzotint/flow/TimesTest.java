package mezzotint.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import mezzotint.flow.TimestepDistribution.Range;
import mezzotint.kernel.PhiloxRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TimesTest {
    private static final int MANY = 20_000;

    private static Draws draws(long seed) {
        return Draws.of(new PhiloxRandom(seed));
    }

    private static double median(TimestepDistribution distribution) {
        float[] times = distribution.sample(MANY, draws(3));
        Arrays.sort(times);
        return times[MANY / 2];
    }

    @Property
    void shiftKeepsTheEndsAndTheOrder(
            @ForAll @FloatRange(min = 0.1f, max = 20) float factor,
            @ForAll @FloatRange(min = 0, max = 1) float a,
            @ForAll @FloatRange(min = 0, max = 1) float b) {
        TimeShift shift = new TimeShift(factor);
        assertEquals(0, shift.of(0));
        assertEquals(1, shift.of(1), 1e-6);
        assertTrue(shift.of(Math.min(a, b)) <= shift.of(Math.max(a, b)) + 1e-6);
        assertEquals(a, new TimeShift(1).of(a));
        double expected = (double) factor * a / (1 + ((double) factor - 1) * a);
        assertEquals(expected, shift.of(a), 1e-5 * Math.max(expected, 1e-6)); // three roundings, s and 1/s of up to 20
    }

    @Test
    void shiftOfThreeTakesAHalfToThreeQuarters() {
        assertEquals(0.75f, new TimeShift(3).of(0.5f));
        for (float factor : new float[] {0, -1, Float.NaN}) {
            var e = assertThrows(IllegalArgumentException.class, () -> new TimeShift(factor));
            assertEquals("shift: expected a factor above 0, got " + factor, e.getMessage());
        }
    }

    /** A median of n draws is off by 0.5/(density · √n): within 5 of those, about 0.012 here, one run in two million fails. */
    @Test
    void mediansAreAHalfAndThreeQuarters() {
        Range range = Range.DEFAULT;
        // Density at the median: that of the logit-normal is 1.6 there, of the uniform 1; shifted by 3 both grow by
        // 4/3.
        assertEquals(0.5, median(new TimestepDistribution.LogitNormal(new TimeShift(1), range)), 0.015);
        assertEquals(0.5, median(new TimestepDistribution.Uniform(new TimeShift(1), range)), 0.02);
        assertEquals(0.75, median(new TimestepDistribution.Uniform(new TimeShift(3), range)), 0.02);
        // A tenth is uniform and unshifted: 0.9 · Φ(logit(u) − ln 3) + 0.1 · u = 0.5 at u = 0.7374.
        assertEquals(0.7374, median(new TimestepDistribution.LogitNormal(new TimeShift(3), range)), 0.015);
    }

    @Property(tries = 30)
    void timesAreWithinTheirRange(
            @ForAll @FloatRange(min = 0, max = 0.4f) float from,
            @ForAll @FloatRange(min = 0.6f, max = 1) float to,
            @ForAll @IntRange(min = 0, max = 50) int size) {
        TimestepDistribution distribution = new TimestepDistribution.LogitNormal(new TimeShift(2), new Range(from, to));
        float[] times = distribution.sample(size, draws(size));
        assertEquals(size, times.length);
        for (float t : times) {
            assertTrue(t >= from && t <= to, () -> t + " of [" + from + ", " + to + ")");
        }
    }

    /** Numbers that were written down. */
    private static Draws recorded(List<float[]> normals, List<float[]> uniforms) {
        Deque<float[]> leftNormals = new ArrayDeque<>(normals);
        Deque<float[]> leftUniforms = new ArrayDeque<>(uniforms);
        return new Draws() {
            @Override
            public float[] normals(int count) {
                assertEquals(count, leftNormals.getFirst().length);
                return leftNormals.removeFirst();
            }

            @Override
            public float[] uniforms(int count) {
                assertEquals(count, leftUniforms.getFirst().length);
                return leftUniforms.removeFirst();
            }
        };
    }

    /** logit(0.9) = 2.1972: whatever lies above leaves [0, 0.9) and is drawn again, in a second round if need be. */
    @Test
    void rejectsCandidatesOutsideTheRange() {
        float[] first = new float[20];
        Arrays.fill(first, 3);
        first[7] = 0; // σ(0) = ½, the only one kept of the first round
        float[] second = new float[20];
        second[0] = 2.3f;
        second[1] = 1; // σ(1)
        float[] times = new TimestepDistribution.LogitNormal(new TimeShift(1), new Range(0, 0.9f))
                .sample(2, recorded(List.of(first, second), List.of(new float[] {0.5f, 0.5f}, new float[] {0.1f, 0.9f
                })));
        assertArrayEquals(new float[] {0.5f, 0.7310586f}, times, 1e-7f);
    }

    @Test
    void oneInTenIsReplacedByAnUnshiftedUniformOne() {
        float[] times = new TimestepDistribution.LogitNormal(new TimeShift(3), new Range(0.2f, 1))
                .sample(2, recorded(List.of(new float[20]), List.of(new float[] {0.5f, 0.5f}, new float[] {0.0999f, 0.1f
                })));
        assertArrayEquals(new float[] {0.6f, 0.75f}, times, 1e-7f);
    }

    @Test
    void uniformTimesAreShiftedAfterTheyAreDrawn() {
        float[] times = new TimestepDistribution.Uniform(new TimeShift(3), new Range(0, 0.5f))
                .sample(2, recorded(List.of(), List.of(new float[] {0, 0.5f})));
        assertArrayEquals(new float[] {0, 0.5f}, times, 1e-7f); // 3 · ¼ / (1 + 2 · ¼)
    }

    @Test
    void rangesAreWithinZeroAndOne() {
        for (float[] bad : new float[][] {{-0.1f, 1}, {0.5f, 0.5f}, {0, 1.1f}, {Float.NaN, 1}}) {
            var e = assertThrows(IllegalArgumentException.class, () -> new Range(bad[0], bad[1]));
            assertEquals(
                    "times: expected a range within [0, 1], got [%s, %s)".formatted(bad[0], bad[1]), e.getMessage());
        }
    }

    @Test
    void drawsFollowTheStream() {
        Draws draws = draws(9);
        float[] first = draws.normals(3);
        float[] second = draws.uniforms(2);
        PhiloxRandom random = new PhiloxRandom(9);
        assertArrayEquals(new float[] {random.normal(), random.normal(), random.normal()}, first);
        assertArrayEquals(new float[] {random.uniform(), random.uniform()}, second);
    }
}
