package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PhiloxRandomTest {
    /** Vectors of the Random123 distribution, kat_vectors, philox4x32 with 10 rounds. */
    @Test
    void givesTheKnownAnswers() {
        assertBlock(0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertBlock(-1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertBlock(
                0x299f31d0_a4093822L,
                0x03707344_13198a2eL,
                0x85a308d3_243f6a88L,
                0xd16cfe09,
                0x94fdcceb,
                0x5001e420,
                0x24126ea1);
    }

    private static void assertBlock(long seed, long stream, long block, int... words) {
        assertArrayEquals(words, PhiloxRandom.block(seed, stream, block));
    }

    @Test
    void drawsWhatItsIndicesSay() {
        var random = new PhiloxRandom(5, 6, 7);
        assertEquals(PhiloxRandom.normalAt(5, 6, 7), random.normal());
        assertEquals((PhiloxRandom.bitsAt(5, 6, 8) >>> 8) * 0x1p-24f, random.uniform());
        assertEquals(9, random.position());
        assertEquals(5, random.seed());
        assertEquals(6, random.stream());
    }

    @Test
    void goesOnFromWhereItStopped() {
        var random = new PhiloxRandom(1);
        for (int i = 0; i < 10; i++) {
            random.normal();
        }
        var resumed = new PhiloxRandom(random.seed(), random.stream(), random.position());
        assertEquals(random.normal(), resumed.normal());
    }

    @Test
    void streamsAndSeedsDiffer() {
        var random = new PhiloxRandom(3);
        assertEquals(0, random.withStream(4).position());
        assertNotEquals(new PhiloxRandom(3).uniform(), random.withStream(4).uniform());
        assertNotEquals(new PhiloxRandom(3).uniform(), new PhiloxRandom(4).uniform());
    }

    @Test
    void normalNumbersHaveTheirMoments() {
        int count = 200_000;
        double[] moments = new double[5];
        double neighbours = 0;
        double last = 0;
        for (int i = 0; i < count; i++) {
            double x = PhiloxRandom.normalAt(42, 1, i);
            assertTrue(Math.abs(x) < 7);
            double power = 1;
            for (int k = 1; k < moments.length; k++) {
                power *= x;
                moments[k] += power / count;
            }
            neighbours += x * last / count;
            last = x;
        }
        // five standard errors of the k-th moment: √(E x²ᵏ − (E xᵏ)²) / √count
        double error = 5 / Math.sqrt(count);
        assertEquals(0, moments[1], error);
        assertEquals(1, moments[2], error * Math.sqrt(2));
        assertEquals(0, moments[3], error * Math.sqrt(15));
        assertEquals(3, moments[4], error * Math.sqrt(96));
        assertEquals(0, neighbours, error);
    }

    @Test
    void uniformNumbersFillTheirRangeEvenly() {
        int count = 100_000;
        int[] bins = new int[10];
        int[] wholes = new int[10];
        var random = new PhiloxRandom(7);
        for (int i = 0; i < count; i++) {
            float u = random.uniform();
            assertTrue(u >= 0 && u < 1);
            bins[(int) (u * 10)]++;
            wholes[random.below(10)]++;
        }
        for (int i = 0; i < 10; i++) {
            // five standard errors of a bin of 10,000: √(100,000 · 0.1 · 0.9) = 95
            assertEquals(10_000, bins[i], 475);
            assertEquals(10_000, wholes[i], 475);
        }
    }

    @Test
    void belowRefusesAnEmptyRange() {
        var random = new PhiloxRandom(7);
        var thrown = assertThrows(IllegalArgumentException.class, () -> random.below(0));
        assertEquals("below: expected a bound of at least 1, got 0", thrown.getMessage());
    }
}
