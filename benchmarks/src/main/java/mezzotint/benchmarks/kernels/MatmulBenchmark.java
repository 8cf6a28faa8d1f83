package mezzotint.benchmarks.kernels;

import java.util.concurrent.TimeUnit;
import mezzotint.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The products of a linear layer: forward, gradient of its input, gradient of its weight. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MatmulBenchmark {
    /** rows, in, out: qkv, attention output, gate and up, down, text keys and values. */
    @Param({"2048x384x1152", "2048x384x384", "2048x384x1344", "2048x1344x384", "1024x384x768"})
    public String layer;

    private Tensor x;
    private Tensor weight;
    private Tensor y;

    /** rows, in and out of a layer written as in {@link #layer}. */
    static long[] sizes(String layer) {
        return java.util.Arrays.stream(layer.split("x"))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    /** Makes the tensors. */
    @Setup
    public void make(KernelState state) {
        long[] size = sizes(layer);
        x = state.tensor(size[0], size[1]);
        weight = state.tensor(size[2], size[1]);
        y = state.tensor(size[0], size[2]);
    }

    /** y = x · Wᵀ. */
    @Benchmark
    public void forward(KernelState state) {
        state.kernels.matmul().multiply(y, x, weight, null, false, true, false);
    }

    /** x = y · W, the shape of the input's gradient. */
    @Benchmark
    public void inputGradient(KernelState state) {
        state.kernels.matmul().multiply(x, y, weight, null, false, false, false);
    }

    /** W = yᵀ · x, the shape of the weight's gradient. */
    @Benchmark
    public void weightGradient(KernelState state) {
        state.kernels.matmul().multiply(weight, y, x, null, true, false, false);
    }
}
