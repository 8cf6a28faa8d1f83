package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.GuardedTensor;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BlockingTest {
    private static final Blocking TINY = new Blocking(16, 2, 16, 2, 1, 0);

    /**
     * m, n, k: few strips, strips in groups of panels, and all panels at once; beyond one block of every blocking. Widths that are
     * multiples of 32, but not of 1024, can be read in place.
     */
    private static final int[][] SIZES = {
        {3, 40, 50},
        {28, 70, 1400},
        {100, 33, 720},
        {100, 300, 1361},
        {950, 100, 800},
        {1000, 64, 30},
        {384, 96, 700},
        {50, 640, 600},
        {37, 32, 1},
        {100, 1024, 300}
    };

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void decidesNoBit(int workers) {
        try (var threads = new CpuThreads(workers);
                var scratch = new CpuScratch(workers);
                var tensors = new Tensors()) {
            var resources = new CpuResources(threads, scratch, Devices.machineWidth());
            for (int[] size : SIZES) {
                for (int flags = 0; flags < 8; flags++) {
                    long mark = tensors.arena().mark();
                    float[] expected = product(tensors, new CpuMatmul(resources, TINY), size, flags);
                    for (Blocking blocking : List.of(Blocking.SHALLOW, Blocking.DEEP)) {
                        float[] found = product(tensors, new CpuMatmul(resources, blocking), size, flags);
                        assertArrayEquals(expected, found, blocking + " " + Arrays.toString(size) + " " + flags);
                    }
                    tensors.arena().release(mark);
                }
            }
        }
    }

    @Test
    void readsLessDeeplyOfWideProductsInPlace() {
        assertEquals(320, Blocking.DEEP.inPlaceDepth(1L << 40));
        assertEquals(512, Blocking.DEEP.inPlaceDepth(1));
        assertEquals(384, Blocking.DEEP.inPlaceDepth(4 << 10));
    }

    private static float[] product(Tensors tensors, CpuMatmul matmul, int[] size, int flags) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        boolean transposeA = (flags & 1) != 0;
        boolean transposeB = (flags & 2) != 0;
        boolean accumulate = (flags & 4) != 0;
        Tensor a = tensors.normal(1, transposeA ? new long[] {k, m} : new long[] {m, k});
        Tensor b = tensors.normal(2, transposeB ? new long[] {n, k} : new long[] {k, n});
        GuardedTensor c = tensors.output(m, n);
        if (accumulate) {
            c.fill(7);
        }
        matmul.multiply(c.tensor(), a, b, null, transposeA, transposeB, accumulate);
        c.assertGuards(Arrays.toString(size));
        float[] values = c.values();
        for (float value : values) {
            assertFalse(Float.isNaN(value), Arrays.toString(size)); // NaN here and there would be equal
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({
        "'vendor_id\t: AuthenticAMD', true",
        "'vendor_id\t: GenuineIntel', false",
        "'model name\t: a copy of AuthenticAMD', false"
    })
    void goesByTheMaker(String line, boolean deep) {
        List<String> cpuInfo = List.of("processor\t: 0", line, "");
        assertEquals(deep ? Blocking.DEEP : Blocking.SHALLOW, Blocking.of(cpuInfo));
        assertEquals(Blocking.SHALLOW, Blocking.of(List.of()));
    }
}
