package mezzotint.kernel.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import mezzotint.tensor.DType;

/**
 * Finds the shipped kernels and launches them on one stream of one driver.
 *
 * <p>A kernel that comes in two element types has two entries, {@code NAME_f32} and {@code NAME_bf16}.
 */
final class CudaLauncher implements AutoCloseable {
    private static final String FOLDER = "/mezzotint/cuda/";

    private final CudaDriver driver;
    private final CudaStream stream;
    private final LaunchArguments arguments = new LaunchArguments();
    private final Map<String, CudaModule> modules = new HashMap<>();
    private final Map<String, CudaFunction> functions = new HashMap<>();
    private final List<Long> kept = new ArrayList<>();
    private boolean captured;
    private long scratch;
    private long scratchBytes;

    CudaLauncher(CudaDriver driver, CudaStream stream) {
        this.driver = driver;
        this.stream = stream;
    }

    CudaDriver driver() {
        return driver;
    }

    CudaStream stream() {
        return stream;
    }

    /** The suffix of a kernel's entry for elements of {@code dtype}, F32 or BF16. */
    static String suffix(DType dtype) {
        return switch (dtype) {
            case F32 -> "_f32";
            case BF16 -> "_bf16";
            default -> throw new CudaException("kernels take F32 or BF16, got " + dtype);
        };
    }

    /**
     * Launches a kernel.
     *
     * @param module stem of its source, {@code rms_norm}
     * @param kernel its entry
     * @param fill puts the arguments, in the kernel's order
     */
    void launch(String module, String kernel, LaunchGrid grid, Consumer<LaunchArguments> fill) {
        CudaFunction function = functions.get(kernel);
        if (function == null) {
            function = modules.computeIfAbsent(module, this::load).function(kernel);
            functions.put(kernel, function);
        }
        fill.accept(arguments.begin());
        driver.launch(stream, function, grid, arguments);
    }

    /**
     * Address of at least {@code bytes} bytes that a kernel may use until the next call; their contents are undefined.
     *
     * <p>One span serves all kernels, since they run one after the other. It grows to the largest ever asked for.
     */
    long scratch(long bytes) {
        if (bytes > scratchBytes) {
            if (captured && scratchBytes > 0) {
                kept.add(scratch);
            } else {
                releaseScratch();
            }
            long rounded = Long.highestOneBit(Math.max(bytes, 1 << 20) * 2 - 1);
            scratch = driver.allocate(rounded);
            scratchBytes = rounded;
        }
        driver.undefine(scratch, scratchBytes);
        return scratch;
    }

    /** From here on no scratch memory is freed before the end: a graph that was captured uses what it saw. */
    void keepScratch() {
        captured = true;
    }

    private CudaModule load(String module) {
        String resource = FOLDER + module + ".ptx";
        try (InputStream in = CudaLauncher.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new CudaException("no kernels %s in the jar; build it again".formatted(resource));
            }
            return driver.load(module, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void releaseScratch() {
        if (scratchBytes > 0) {
            driver.synchronize();
            driver.free(scratch);
            scratchBytes = 0;
        }
    }

    @Override
    public void close() {
        releaseScratch();
        kept.forEach(driver::free);
        arguments.close();
    }
}
