package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import mezzotint.kernel.cuda.LaunchGrid;
import org.junit.jupiter.api.Test;

/** Kernels as the compiler writes them ({@code sampler.cu} beside the PTX), against Java's own functions. */
class CompiledKernelsTest {

    static String sampler() {
        try (InputStream in = CompiledKernelsTest.class.getResourceAsStream("/ptx/sampler.ptx")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void float32FunctionsOfTheCompilersLibrary() {
        int n = 200;
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            // The last ones are large: sine and cosine then take their slow path, which multiplies by a table of 2/π.
            values[i] = i < 150 ? (i - 75) * 0.13f : (float) Math.pow(10, (i - 140) / 6.0) * (i % 2 == 0 ? 1 : -1);
        }
        float[] out = new float[8 * n];
        try (var bench = new PtxWorkbench()) {
            bench.load(sampler());
            long from = bench.upload(values);
            long to = bench.allocate(4L * out.length);
            bench.launch(
                    "functions",
                    LaunchGrid.of(2, 128),
                    a -> a.wide(to).wide(from).integer(n));
            bench.download(to, MemorySegment.ofArray(out));
        }
        row("sin", Arrays.copyOfRange(out, 0 * n, 0 * n + n), values, Math::sin, 2e-7);
        row("cos", Arrays.copyOfRange(out, 1 * n, 1 * n + n), values, Math::cos, 2e-7);
        row("tanh", Arrays.copyOfRange(out, 2 * n, 2 * n + n), values, Math::tanh, 2e-7);
        row("pow", Arrays.copyOfRange(out, 4 * n, 4 * n + n), values, x -> Math.pow(Math.abs(x), 0.75), 1e-6);
        row("log1p", Arrays.copyOfRange(out, 5 * n, 5 * n + n), values, x -> Math.log1p(Math.abs(x)), 1e-6);
        for (int i = 0; i < 150; i++) {
            double want = Math.exp(values[i]);
            assertEquals(want, out[6 * n + i], 1e-5 * want, "exp of " + values[i]);
        }
        for (int i = 0; i < n; i++) {
            assertEquals(values[i] % 3, out[7 * n + i], 0, "the remainder is exact: of " + values[i]);
            assertTrue(Math.abs(out[3 * n + i]) <= 1, "erf of " + values[i]);
        }
        assertEquals(0.8427007929, out[3 * n + 83] + erfSlope(values[83]), 1e-6, "erf near 1");
    }

    /** erf(1) − erf(x) for x close to 1, by four terms of the series around 1. */
    private static double erfSlope(double x) {
        double h = 1 - x;
        double g = 2 / Math.sqrt(Math.PI) * Math.exp(-1);
        // erf(1 − h) = erf(1) − g (h + h² + h³/3 − h⁴/6 − …)
        return g * (h + h * h + h * h * h / 3 - h * h * h * h / 6);
    }

    private static void row(String what, float[] got, float[] values, DoubleUnaryOperator exact, double tolerance) {
        for (int i = 0; i < values.length; i++) {
            double want = exact.applyAsDouble(values[i]);
            // The library's documented errors are 1 to 4 ulp.
            assertEquals(want, got[i], tolerance * Math.max(1, Math.abs(want)), what + " of " + values[i]);
        }
    }

    @Test
    void float64FunctionsOfTheCompilersLibrary() {
        int n = 100;
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = i < 60 ? (i - 30) * 0.37 + 0.01 : Math.pow(10, i / 7.0);
        }
        double[] out = new double[5 * n];
        try (var bench = new PtxWorkbench()) {
            bench.load(sampler());
            long from = bench.upload(MemorySegment.ofArray(values));
            long to = bench.allocate(8L * out.length);
            bench.launch(
                    "doubles", LaunchGrid.of(1, 128), a -> a.wide(to).wide(from).integer(n));
            bench.download(to, MemorySegment.ofArray(out));
        }
        for (int i = 0; i < n; i++) {
            double x = values[i];
            assertEquals(Math.sin(x), out[i], 1e-15, "sin of " + x);
            assertEquals(Math.cos(x), out[n + i], 1e-15, "cos of " + x);
            if (i < 60) {
                assertEquals(Math.exp(x), out[2 * n + i], 1e-15 * Math.exp(x), "exp of " + x);
            }
            assertEquals(Math.log(Math.abs(x)), out[3 * n + i], 1e-14, "log of " + x);
            assertEquals(Math.sqrt(Math.abs(x)) / 3, out[4 * n + i], 0, "root and quotient are correctly rounded");
        }
    }

    @Test
    void calledFunctionsTablesAndArraysWithComputedIndices() {
        int n = 96;
        float[] coefficients = {0.5f, -1.25f, 2f, 0.75f, 3f, -2f, 1f, 4f};
        int d = 7;
        long stride = 0x1_0000_0003L;
        float[] out = new float[n];
        try (var bench = new PtxWorkbench()) {
            bench.load(sampler());
            long to = bench.allocate(4L * n);
            long from = bench.upload(coefficients);
            bench.launch(
                    "tables",
                    LaunchGrid.of(3, 32),
                    a -> a.wide(to).wide(from).wide(n).integer(d).wide(stride));
            bench.download(to, MemorySegment.ofArray(out));
        }
        for (int i = 0; i < n; i++) {
            assertEquals(tables(i, coefficients, d, stride), out[i], 1e-4, "element " + i);
        }
    }

    private static double horner(double x, int n, float[] coefficients) {
        double sum = 0;
        for (int i = n - 1; i >= 0; i--) {
            sum = sum * x + coefficients[i];
        }
        return sum;
    }

    private static double tables(int i, float[] coefficients, int d, long stride) {
        int[] table = {3, 1, 4, 1};
        double[] factors = {1.5, 2.5, 3.5};
        double[] own = new double[8];
        for (int k = 0; k < 8; k++) {
            own[k] = coefficients[k] * factors[k % 3];
        }
        int pick = (int) (i * stride % d) & 7;
        own[pick] += 100;
        double x = i % 5 * 0.5;
        double sum = horner(x, 4, coefficients) + table[i & 3] + own[pick + i & 7];
        return switch (i % 11) {
            case 0 -> sum + 1;
            case 1 -> sum * 2;
            case 2 -> sum - horner(x, 2, coefficients);
            case 3 -> -sum;
            case 4 -> sum + 0.25;
            case 5 -> sum * sum;
            case 6 -> sum + 9;
            case 7 -> sum - 3;
            case 8 -> 7;
            default -> sum + 2;
        };
    }

    @Test
    void blocksWithStaticAndDynamicSharedMemory() {
        int blocks = 3;
        float[] data = new float[blocks * 128];
        for (int i = 0; i < data.length; i++) {
            data[i] = i * 37 % 101;
        }
        float[] out = new float[data.length];
        try (var bench = new PtxWorkbench()) {
            bench.load(sampler());
            long memory = bench.upload(data);
            LaunchReport report =
                    bench.launch("reverse", LaunchGrid.of(blocks, 128).withShared(512), a -> a.wide(memory));
            bench.download(memory, MemorySegment.ofArray(out));
            assertEquals(528, report.sharedBytes());
            assertEquals(3, report.barriers());
        }
        for (int b = 0; b < blocks; b++) {
            float most = 0;
            for (int t = 0; t < 128; t++) {
                most = Math.max(most, data[b * 128 + t]);
            }
            for (int t = 0; t < 128; t++) {
                assertEquals(data[b * 128 + 127 - t] + most * 0.5f, out[b * 128 + t]);
            }
        }
    }

    @Test
    void aFindingNamesTheSourceLineAndWhereItWasInlined() {
        try (var bench = new PtxWorkbench()) {
            bench.load(sampler());
            long memory = bench.upload(new float[127]);
            var fault = assertThrows(
                    KernelFaultException.class,
                    () -> bench.launch("reverse", LaunchGrid.of(1, 128).withShared(512), a -> a.wide(memory)));
            String source = fault.finding().source();
            assertTrue(source.startsWith("sampler.cu:"), source);
            assertTrue(fault.getMessage().contains("(" + source + ")"), fault.getMessage());
            var inlined = bench.launch(
                    "reverse", LaunchGrid.of(0L + 1, 128).withShared(512), a -> a.wide(bench.upload(new float[128])));
            String halving = inlined.hotSpots().stream()
                    .filter(cost -> cost.instruction().startsWith("fma")
                            || cost.instruction().startsWith("mul.f32"))
                    .findFirst()
                    .orElseThrow()
                    .source();
            assertTrue(halving.startsWith("sampler.cu:"), halving);
        }
    }
}
