package mezzotint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
    @Property
    void everyEpochIsAPermutation(
            @ForAll long seed, @ForAll @LongRange(max = 1L << 40) long epoch, @ForAll @IntRange(max = 300) int size) {
        int[] order = EpochOrder.permutation(seed, epoch, size);
        assertArrayEquals(EpochOrder.permutation(seed, epoch, size), order);
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        assertArrayEquals(IntStream.range(0, size).toArray(), sorted);
    }

    @Property
    void neighbouringEpochsAndSeedsDiffer(@ForAll long seed, @ForAll @LongRange(max = 1000) long epoch) {
        int[] order = EpochOrder.permutation(seed, epoch, 64); // two alike by chance: 1 in 64! ≈ 10⁸⁹
        assertFalse(Arrays.equals(order, EpochOrder.permutation(seed, epoch + 1, 64)));
        assertFalse(Arrays.equals(order, EpochOrder.permutation(seed + 1, epoch, 64)));
    }

    @Test
    void everyPictureComesFirstEquallyOften() {
        int[] first = new int[8];
        int epochs = 8000;
        for (int epoch = 0; epoch < epochs; epoch++) {
            first[EpochOrder.permutation(3, epoch, 8)[0]]++;
        }
        double chiSquared = 0;
        for (int count : first) {
            chiSquared += Math.pow(count - 1000, 2) / 1000;
        }
        assertTrue(chiSquared < 24.3, "χ² " + chiSquared); // 7 degrees of freedom, p = 0.001; the seed is fixed
    }

    /** The batches depend on the JDK's generator being SplitMix64, whose published test vector this is. */
    @Test
    void theJdksGeneratorIsSplitMix64() {
        SplittableRandom random = new SplittableRandom(1234567);
        assertEquals(6457827717110365317L, random.nextLong());
        assertEquals(3203168211198807973L, random.nextLong());
        assertEquals(Long.parseUnsignedLong("9817491932198370423"), random.nextLong());
        assertEquals(4593380528125082431L, random.nextLong());
    }
}
