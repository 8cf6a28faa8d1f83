package mezzotint.kernel.cpu;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import mezzotint.kernel.Device;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** What {@link CpuDeviceTest} runs in JVMs of its own. */
final class DeviceProbe {
    private static final int DEPTH = 384;

    private DeviceProbe() {}

    /** Prints a product and the device, or why there is none, or with "speed" the ratio of {@link #speed}. */
    public static void main(String[] arguments) {
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (arguments[0].equals("speed")) {
            out.println(speed());
            return;
        }
        CpuOptions options = arguments[0].equals("open") ? CpuOptions.best() : CpuOptions.parse(arguments[0]);
        try (var device = CpuDevice.open(options.withThreads(2));
                TensorArena arena = device.arena(4096)) {
            out.println(product(device, arena).item());
            out.println(device);
        } catch (DeviceUnavailableException e) {
            out.println(e.getMessage());
        }
    }

    /** [2 3] · [1 5]ᵀ = [17]. */
    static Tensor product(Device device, TensorArena arena) {
        Tensor c = arena.allocate(1, 1);
        Tensor a = arena.allocate(1, 2).set(2f, 3f);
        device.kernels().matmul().multiply(c, a, arena.allocate(1, 2).set(1f, 5f), null, false, true, false);
        return c;
    }

    /** That of the slower of the tile kernel's two ways through a strip: rows, and packed depth-major. */
    private static double speed() {
        JitDirectives.install();
        return Math.min(speed(false), speed(true));
    }

    /** How many times as fast as a plain loop over arrays the tile kernel is: the median of seven pairs, after warm-up. */
    private static double speed(boolean packed) {
        TileKernel tile = TileKernel.of(VectorSupport.widest());
        double[] ratios = new double[7];
        try (CpuMemory memory = CpuMemory.allocate(1 << 20)) {
            memory.fill(0, memory.byteSize(), (byte) 0);
            float[] x = new float[DEPTH];
            for (int i = -20; i < ratios.length; i++) {
                double ratio = plainNanosPerProduct(x) / tileNanosPerProduct(tile, memory.address(), packed);
                if (i >= 0) {
                    ratios[i] = ratio;
                }
            }
        }
        Arrays.sort(ratios);
        return ratios[ratios.length / 2];
    }

    private static double tileNanosPerProduct(TileKernel tile, long b, boolean packed) {
        int calls = 1000;
        long c = b + (512 << 10);
        float[] strip = new float[tile.rows() * TileKernel.STRIP_ROW];
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            tile.multiply(packed, DEPTH, strip, b, 4L * tile.columns(), c, 128, c, 128);
        }
        int rows = packed ? tile.packedRows() : tile.rows();
        return (System.nanoTime() - start) / ((double) calls * rows * tile.columns() * DEPTH);
    }

    private static double plainNanosPerProduct(float[] x) {
        int calls = 5000;
        float sum = 0;
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            for (int k = 0; k < x.length; k++) {
                sum += x[k] * x[x.length - 1 - k];
            }
        }
        long nanos = System.nanoTime() - start;
        return sum == 1 ? Double.NaN : nanos / ((double) calls * x.length);
    }
}
