package mezzotint.kernel.cpu;

import static mezzotint.testing.RelativeError.assertRelativeError;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import mezzotint.kernel.cpu.CpuOptions.Choice;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.Tensor;
import mezzotint.testing.GuardedTensor;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.Test;

/** The products of {@code cpu:onednn} and {@code cpu:onednn-bf16}, where the library is on the class path. */
final class OneDnnMatmulTest {
    private static final int[][] SIZES = {
        {1, 1, 1}, {1, 384, 230}, {2, 3, 5}, {17, 31, 13}, {64, 65, 66}, {300, 97, 131}, {29, 37, 2053}
    };

    @Test
    void isItsDefinition() {
        verify(Choice.ONEDNN, 2e-6); // √k roundings of 6e-8
    }

    /** Against the float64 product of the rounded inputs: what is left are the roundings of a float32 sum. */
    @Test
    void roundsInputsButNotSums() {
        verify(Choice.ONEDNN_BF16, 2e-6);
    }

    @Test
    void saysSo() {
        assumeTrue(isThere());
        try (var device = CpuDevice.open(CpuOptions.parse("onednn-bf16").withThreads(1))) {
            assertTrue(
                    device.toString().endsWith("matrix products by oneDNN of inputs rounded to bfloat16, as asked"),
                    device.toString());
        }
    }

    private static void verify(Choice choice, double tolerance) {
        assumeTrue(isThere());
        Map<String, float[]> sameBits = new HashMap<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (var device = CpuDevice.open(new CpuOptions(threads, choice));
                    var tensors = new Tensors(64L << 20)) {
                for (int[] size : SIZES) {
                    for (int flags = 0; flags < 16; flags++) {
                        long mark = tensors.arena().mark();
                        float[] c = verify(device, tensors, size, flags, choice == Choice.ONEDNN_BF16, tolerance);
                        String what = Arrays.toString(size) + flags;
                        float[] before = sameBits.putIfAbsent(what, c);
                        assertArrayEquals(before == null ? c : before, c, device + " " + what);
                        tensors.arena().release(mark);
                    }
                }
            }
        }
    }

    private static float[] verify(
            CpuDevice device, Tensors tensors, int[] size, int flags, boolean rounded, double tolerance) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        boolean transposeA = (flags & 1) != 0;
        boolean transposeB = (flags & 2) != 0;
        boolean accumulate = (flags & 4) != 0;
        boolean biased = (flags & 8) != 0;
        Tensor a = tensors.normal(1, transposeA ? new long[] {k, m} : new long[] {m, k});
        Tensor b = tensors.normal(2, transposeB ? new long[] {n, k} : new long[] {k, n});
        Tensor bias = tensors.normal(3, n);
        GuardedTensor c = tensors.output(m, n);
        if (accumulate) {
            c.fill(7);
        }
        byte[] before = Tensors.bytes(a);
        device.kernels().matmul().multiply(c.tensor(), a, b, biased ? bias : null, transposeA, transposeB, accumulate);
        c.assertGuards(device + " " + Arrays.toString(size));
        assertArrayEquals(before, Tensors.bytes(a));
        float[] x = rounded(a, rounded);
        float[] y = rounded(b, rounded);
        float[] z = bias.toFloats();
        double[] expected = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = (accumulate ? 7 : 0) + (biased ? z[j] : 0);
                for (int q = 0; q < k; q++) {
                    sum += (double) x[transposeA ? q * m + i : i * k + q] * y[transposeB ? j * k + q : q * n + j];
                }
                expected[i * n + j] = sum;
            }
        }
        assertRelativeError(device + " " + Arrays.toString(size), c.values(), expected, tolerance);
        return c.values();
    }

    private static float[] rounded(Tensor tensor, boolean rounded) {
        float[] values = tensor.toFloats();
        for (int i = 0; rounded && i < values.length; i++) {
            values[i] = BFloat16.toFloat(BFloat16.fromFloat(values[i]));
        }
        return values;
    }

    private static boolean isThere() {
        return OneDnnMatmulTest.class.getClassLoader().getResource("org/bytedeco/dnnl/linux-x86_64/libdnnl.so.3")
                != null;
    }
}
