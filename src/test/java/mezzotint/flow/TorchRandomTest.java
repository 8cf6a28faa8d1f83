package mezzotint.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The numbers published with the reference; the recorded case compares the rest. */
class TorchRandomTest {
    private static final float PRINTED = 6e-5f; // they are printed with four decimals

    @Test
    void drawsTheNormalsThatSeed42Draws() {
        float[] expected = {
            1.9269f, 1.4873f, 0.9007f, -2.1055f, 0.6784f, -1.2345f, -0.0431f, -1.6047f,
            -0.7521f, 1.6487f, -0.3925f, -1.4036f, -0.7279f, -0.5594f, -0.7688f, 0.7624f
        };
        assertArrayEquals(expected, new TorchRandom(42).normals(16), PRINTED);
        assertArrayEquals(
                new float[] {0.33669f, 0.12881f, 0.23446f, 0.23033f}, new TorchRandom(42).normals(4), PRINTED);
    }

    @Test
    void onlyTheLowThirtyTwoBitsOfTheSeedCount() {
        assertArrayEquals(new TorchRandom(5).uniforms(9), new TorchRandom((3L << 32) + 5).uniforms(9));
        assertNotEquals(new TorchRandom(5).uniforms(1)[0], new TorchRandom(6).uniforms(1)[0]);
    }

    @Test
    void aLeftOverNormalWaitsForTheNextSmallRequest() {
        TorchRandom whole = new TorchRandom(7);
        TorchRandom parts = new TorchRandom(7);
        float[] six = whole.normals(6);
        float[] first = parts.normals(3);
        float[] last = parts.normals(3);
        assertArrayEquals(six, concatenated(first, last));
    }

    @Property(tries = 100)
    void permutationsHoldEveryNumberOnce(@ForAll long seed, @ForAll @IntRange(max = 300) int count) {
        int[] sorted =
                IntStream.of(new TorchRandom(seed).permutation(count)).sorted().toArray();
        assertArrayEquals(IntStream.range(0, count).toArray(), sorted);
    }

    @Property(tries = 100)
    void integersStayInTheirRange(@ForAll long seed, @ForAll long a, @ForAll long b) {
        long from = Math.min(a, b);
        long to = Math.max(a, b);
        if (from == to) {
            return;
        }
        for (long value : new TorchRandom(seed).integers(20, from, to)) {
            assertEquals(true, value >= from && value < to, () -> "%d of [%d, %d)".formatted(value, from, to));
        }
    }

    @Test
    void refusesAnEmptyRange() {
        var thrown = assertThrows(IllegalArgumentException.class, () -> new TorchRandom(0).integers(1, 3, 3));
        assertEquals("integers: expected an end above the start 3, got 3", thrown.getMessage());
    }

    private static float[] concatenated(float[] a, float[] b) {
        float[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}
