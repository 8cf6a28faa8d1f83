package mezzotint.benchmarks.kernels;

import mezzotint.benchmarks.Numbers;
import mezzotint.benchmarks.PrxShape;
import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A device of so many threads and an arena for one benchmark's tensors. */
@State(Scope.Benchmark)
public class KernelState {
    static final PrxShape SHAPE = PrxShape.PIXEL_64;
    private static final long ARENA = 1L << 30;

    @Param({"1", "2"})
    public int threads;

    @Param({"BEST"})
    public CpuOptions.Choice choice;

    Kernels kernels;
    private Device device;
    private TensorArena arena;
    private int made;

    /** Opens the device. */
    @Setup(Level.Trial)
    public void open() {
        device = CpuDevice.open(new CpuOptions(threads, choice));
        arena = device.arena(ARENA);
        kernels = device.kernels();
    }

    /** Closes the device. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
        device.close();
    }

    /** A tensor of numbers in [−1, 1). */
    Tensor tensor(long... dims) {
        Tensor tensor = arena.allocate(dims);
        return tensor.set(Numbers.uniform(
                "kernel " + made++, Math.toIntExact(tensor.shape().elements()), 0, 1));
    }

    /** The text mask of the whole steps. */
    Tensor textMask() {
        return arena.allocate(Shape.of(SHAPE.batch(), SHAPE.textTokens()), DType.BOOL)
                .set(Numbers.textMask(SHAPE));
    }
}
