package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cuda.CublasProduct.Operand;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Products on the stand-ins of driver and cuBLAS, in a process of its own; casts, biases and sums of columns are done on the
 * host.
 */
final class CublasScenario {
    private static final Shape[] SIZES = {
        Shape.of(1, 1, 1), Shape.of(3, 5, 7), Shape.of(33, 17, 29), Shape.of(2, 40, 1), Shape.of(64, 1, 31)
    };

    private final JCudaDriver driver;
    private final JCudaStream stream;
    private final CudaLauncher launcher;
    private final Cublas cublas;
    private final Kernels.Matmul matmul;
    private final Random random = new Random(7);

    /** What cuBLAS is not asked for. */
    private final class OnHost implements Kernels.Matmul {
        @Override
        public void multiply(
                Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean accumulate) {
            assertEquals(0, a.shape().elements(), "only the bias is ours");
            float[] values = floats(c);
            float[] row = bias == null ? new float[c.shape().size(-1)] : bias.toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] = (accumulate ? values[i] : 0) + row[i % row.length];
            }
            CublasScenario.this.set(c, values);
        }

        @Override
        public void columnSums(Tensor sums, Tensor x) {
            float[] values = sums.toFloats();
            float[] terms = x.toFloats();
            for (int i = 0; i < terms.length; i++) {
                values[i % values.length] += terms[i];
            }
            sums.set(values);
        }
    }

    private CublasScenario(CudaOptions options) {
        driver = new JCudaDriver(CudaDetection.in(options.places()).gpus().getFirst());
        stream = driver.newStream();
        launcher = new CudaLauncher(driver, stream);
        cublas = new Cublas(
                CublasSearch.load(CublasSearch.find(options.places()).orElseThrow(), options), driver, stream);
        matmul = new CublasMatmul(launcher, cublas, new OnHost(), (y, x) -> set(y, floats(x)));
    }

    /** Prints which cuBLAS it is, and has it multiply in all ways. */
    public static void main(String[] arguments) {
        var scenario = new CublasScenario(CudaOptions.of(0));
        System.out.println(scenario.cublas.name());
        for (Shape size : SIZES) {
            for (int ways = 0; ways < 16; ways++) {
                for (DType a : new DType[] {DType.F32, DType.BF16}) {
                    for (DType b : new DType[] {DType.F32, DType.BF16}) {
                        for (DType c : new DType[] {DType.F32, DType.BF16}) {
                            scenario.multiply(size, ways, a, b, c);
                        }
                    }
                }
            }
        }
        scenario.multipliesNothing();
        scenario.runsInAGraph();
        scenario.refuses();
        scenario.cublas.close();
        scenario.launcher.close();
        scenario.driver.close();
        System.out.println("done");
    }

    private void multiply(Shape size, int ways, DType typeA, DType typeB, DType typeC) {
        boolean transposeA = (ways & 1) != 0;
        boolean transposeB = (ways & 2) != 0;
        boolean biased = (ways & 4) != 0;
        boolean accumulate = (ways & 8) != 0;
        int m = size.size(0);
        int n = size.size(1);
        int k = size.size(2);
        try (TensorArena arena = new TensorArena(new CudaMemory(driver, stream, 1 << 20))) {
            Tensor a = normals(arena, typeA, transposeA ? k : m, transposeA ? m : k);
            Tensor b = normals(arena, typeB, transposeB ? n : k, transposeB ? k : n);
            Tensor c = normals(arena, typeC, m, n);
            Tensor bias = normals(arena, DType.F32, n);
            float[] before = c.toFloats();
            if (!accumulate) { // the old c is not read
                c.set(nan(m * n));
            }
            matmul.multiply(c, a, b, biased ? bias : null, transposeA, transposeB, accumulate);
            float[] left = a.toFloats();
            float[] right = b.toFloats();
            float[] row = bias.toFloats();
            float[] got = c.toFloats();
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double sum = (accumulate ? before[i * n + j] : 0) + (biased ? row[j] : 0);
                    double magnitude = Math.abs(sum) + (biased ? Math.abs(row[j]) : 0);
                    for (int l = 0; l < k; l++) {
                        double term = (double) left[transposeA ? l * m + i : i * k + l]
                                * right[transposeB ? j * k + l : l * n + j];
                        sum += term;
                        magnitude += Math.abs(term);
                    }
                    String what = "%s %s·%s→%s ways %d at (%d, %d)".formatted(size, typeA, typeB, typeC, ways, i, j);
                    assertNear(what, sum, got[i * n + j], magnitude, typeC);
                }
            }
        }
    }

    private static void assertNear(String what, double expected, float got, double magnitude, DType type) {
        // bf16 keeps 8 bits, and bias and sum are rounded one after the other: 2 · 2⁻⁸; float32 keeps 24, over 33 terms
        double most = magnitude * (type == DType.BF16 ? 0x1p-7 : 2e-6);
        assertTrue(Math.abs(got - expected) <= most, () -> "%s: %s, got %s".formatted(what, expected, got));
    }

    private static float[] nan(int count) {
        float[] values = new float[count];
        java.util.Arrays.fill(values, Float.NaN);
        return values;
    }

    private Tensor normals(TensorArena arena, DType type, long... dims) {
        Tensor tensor = arena.allocate(Shape.of(dims), type);
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = BFloat16.toFloat(BFloat16.fromFloat((float) random.nextGaussian()));
        }
        return tensor.set(values);
    }

    /** As {@link Tensor#toFloats}, of scratch memory too. */
    private float[] floats(Tensor x) {
        float[] values = new float[Math.toIntExact(x.shape().elements())];
        if (x.dtype() == DType.F32) {
            driver.read(stream, MemorySegment.ofArray(values), x.address());
            return values;
        }
        short[] bits = new short[values.length];
        driver.read(stream, MemorySegment.ofArray(bits), x.address());
        for (int i = 0; i < bits.length; i++) {
            values[i] = BFloat16.toFloat(bits[i]);
        }
        return values;
    }

    private void set(Tensor x, float[] values) {
        if (x.dtype() == DType.F32) {
            driver.write(stream, x.address(), MemorySegment.ofArray(values));
            return;
        }
        short[] bits = new short[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = BFloat16.fromFloat(values[i]);
        }
        driver.write(stream, x.address(), MemorySegment.ofArray(bits));
    }

    private void multipliesNothing() {
        try (TensorArena arena = new TensorArena(new CudaMemory(driver, stream, 1 << 20))) {
            Tensor left = arena.allocate(3, 0);
            Tensor right = arena.allocate(0, 2);
            Tensor c = arena.allocate(3, 2).set(nan(6));
            Tensor bias = arena.allocate(2).set(1f, 2);
            matmul.multiply(c, left, right, bias, false, false, false);
            assertArrayEquals(new float[] {1, 2, 1, 2, 1, 2}, c.toFloats());
            matmul.multiply(right, right, arena.allocate(2, 2), null, false, false, false);
            matmul.columnSums(bias, c);
            assertArrayEquals(new float[] {4, 8}, bias.toFloats());
        }
    }

    private void runsInAGraph() {
        try (TensorArena arena = new TensorArena(new CudaMemory(driver, stream, 1 << 20))) {
            Tensor a = arena.allocate(1, 2).set(2f, 3);
            Tensor b = arena.allocate(2, 1).set(5f, 7);
            Tensor c = arena.allocate(1, 1).set(1f);
            matmul.multiply(c, a, b, null, false, false, true); // a library loads its kernels at the first call
            CudaGraph graph = driver.capture(stream, () -> matmul.multiply(c, a, b, null, false, false, true));
            assertEquals(32, c.item());
            graph.launch(stream);
            graph.launch(stream);
            assertEquals(94, c.item());
            graph.close();
        }
    }

    private void refuses() {
        var one = new Operand(0, DType.F32, false, 1);
        var tooNarrow = new CublasProduct(2, 1, 1, new Operand(0, DType.F32, false, 2), one, one, 0);
        var thrown = assertThrows(CudaException.class, () -> cublas.multiply(tooNarrow));
        assertEquals(
                "cuBLAS: (1 × 1) · (1 × 2) of F32 into F32: CUBLAS_STATUS_INVALID_VALUE; use cuda:own to do without"
                        + " cuBLAS",
                thrown.getMessage());
    }
}
