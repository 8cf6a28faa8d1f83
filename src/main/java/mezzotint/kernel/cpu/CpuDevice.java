package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import mezzotint.kernel.Device;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * This machine's processors and main memory.
 *
 * <p>Starts its own daemon threads; one thread at a time may use its kernels.
 */
public final class CpuDevice implements Device {
    private static final String FLAGS = "--add-modules " + VectorSupport.MODULE;

    private final CpuThreads threads;
    private final CpuScratch scratch;
    private final CpuKernels kernels;
    private final String description;

    private CpuDevice(CpuOptions options, VectorWidth width, boolean isDirected) {
        threads = new CpuThreads(options.threads());
        scratch = new CpuScratch(options.threads());
        try {
            var resources = new CpuResources(threads, scratch, width);
            kernels = CpuKernels.of(resources, products(options, resources));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        description = describe(options, width, isDirected);
    }

    /** Opens all processors with the best kernels there are. */
    public static CpuDevice open() {
        return open(CpuOptions.best());
    }

    /**
     * Opens the device as asked.
     *
     * @throws DeviceUnavailableException when kernels asked for by name cannot run here; nothing slower stands in for them
     */
    public static CpuDevice open(CpuOptions options) {
        VectorWidth width = widthOf(options);
        return new CpuDevice(options, width, width == VectorWidth.PLAIN || JitDirectives.install());
    }

    private static Kernels.Matmul products(CpuOptions options, CpuResources resources) {
        return switch (options.choice()) {
            case ONEDNN -> new OneDnnMatmul(resources, OneDnnLibrary.open(options.deviceName(), false), DType.F32);
            case ONEDNN_BF16 -> new OneDnnMatmul(resources, OneDnnLibrary.open(options.deviceName(), true), DType.BF16);
            case BEST, VECTOR_512, VECTOR_256, PLAIN -> new CpuMatmul(resources);
        };
    }

    private static VectorWidth widthOf(CpuOptions options) {
        VectorWidth widest = VectorSupport.widest();
        VectorWidth wanted = switch (options.choice()) {
            case BEST, ONEDNN, ONEDNN_BF16 -> widest;
            case PLAIN -> VectorWidth.PLAIN;
            case VECTOR_256 -> VectorWidth.BITS_256;
            case VECTOR_512 -> VectorWidth.BITS_512;
        };
        if (wanted.floats() <= widest.floats()) {
            return wanted;
        }
        if (!VectorSupport.moduleIsPresent()) {
            throw new DeviceUnavailableException(
                    options.deviceName(),
                    "the JVM was started without the module " + VectorSupport.MODULE,
                    "start Java with " + FLAGS + ", or ask for cpu:plain");
        }
        throw new DeviceUnavailableException(
                options.deviceName(),
                "this JVM's vectors hold at most %d floats on this machine, not %d"
                        .formatted(widest.floats(), wanted.floats()),
                "ask for cpu, which takes the widest");
    }

    private static String describe(CpuOptions options, VectorWidth width, boolean isDirected) {
        String loops = switch (width) {
            case BITS_512 -> "Java vectors of 512 bits";
            case BITS_256 -> "Java vectors of 256 bits";
            case PLAIN ->
                options.choice() == CpuOptions.Choice.PLAIN
                        ? "plain Java loops, as asked"
                        : VectorSupport.moduleIsPresent()
                                ? "plain Java loops: this machine has no vectors of 256 bits or more"
                                : "plain Java loops: start Java with " + FLAGS + " for vectors, ten times faster";
        };
        String products = switch (options.choice()) {
            case ONEDNN -> "by oneDNN, float32, as asked";
            case ONEDNN_BF16 -> "by oneDNN of inputs rounded to bfloat16, as asked";
            case BEST, VECTOR_512, VECTOR_256, PLAIN -> "in Java, float32";
        };
        String warning = isDirected
                ? ""
                : " (which Java may compile badly: it takes no directives; it would with the modules "
                        + JitDirectives.MODULES + ")";
        return "CPU, %d thread%s, %s%s; matrix products %s"
                .formatted(options.threads(), options.threads() == 1 ? "" : "s", loops, warning, products);
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public TensorArena arena(long bytes) {
        return new TensorArena(CpuMemory.allocate(bytes));
    }

    @Override
    public Optional<Tensor> map(MemorySegment bytes, Shape shape, DType dtype) {
        HostMemory memory = new HostMemory(bytes);
        return Optional.of(new Tensor(memory, memory.offset(), shape, dtype));
    }

    /** Nothing to wait for: every kernel has finished when its call returns. */
    @Override
    public void synchronize() {}

    @Override
    public void close() {
        threads.close();
        scratch.close();
    }

    @Override
    public String toString() {
        return description;
    }
}
