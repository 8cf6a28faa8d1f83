package mezzotint.kernel.cuda;

import java.util.Optional;
import mezzotint.kernel.Device;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cuda.CudaDetection.Failed;
import mezzotint.kernel.cuda.CudaDetection.Gpu;
import mezzotint.kernel.cuda.CudaOptions.Products;
import mezzotint.tensor.TensorArena;

/** A CUDA device: a GPU, or the machine that runs its kernels in Java; one thread at a time may use it. */
public final class CudaDevice implements Device {
    private final ReplayDriver driver;
    private final CudaStream stream;
    private final CudaLauncher launcher;
    private final CudaKernels kernels;
    private final Optional<Cublas> cublas;
    private boolean closed;

    private CudaDevice(CudaDriver driver, CudaStream stream, Optional<Cublas> cublas) {
        this.driver = new ReplayDriver(driver);
        this.stream = stream;
        this.cublas = cublas;
        this.launcher = new CudaLauncher(this.driver, stream);
        this.kernels = CudaKernels.of(launcher, cublas);
    }

    /** The device behind {@code driver}, which it owns and closes. */
    public static CudaDevice on(CudaDriver driver) {
        return new CudaDevice(driver, driver.newStream(), Optional.empty());
    }

    /**
     * A GPU, with the best products there are.
     *
     * @param gpu index as CUDA counts them, from 0
     * @throws DeviceUnavailableException when there is no such GPU, or something that it takes is missing
     */
    public static CudaDevice open(int gpu) {
        return open(CudaOptions.of(gpu));
    }

    /**
     * A GPU.
     *
     * @throws DeviceUnavailableException when there is no such GPU, or something that it takes is missing, cuBLAS where it was
     *     asked for among it
     */
    public static CudaDevice open(CudaOptions options) {
        CudaDetection detection = CudaDetection.in(options.places());
        detection.failure().map(CudaDetection.Step::outcome).ifPresent(outcome -> {
            String remedy = outcome instanceof Failed failed ? failed.remedy() : "";
            throw new DeviceUnavailableException(options.device(), outcome.found(), remedy);
        });
        Gpu gpu = chosen(options, detection);
        try {
            return on(options, gpu);
        } catch (CudaException e) {
            throw new DeviceUnavailableException(
                    options.device(),
                    e.getMessage(),
                    "look at nvidia-smi: another process may hold the GPU or its memory",
                    e);
        }
    }

    private static CudaDevice on(CudaOptions options, Gpu gpu) {
        JCudaDriver driver = new JCudaDriver(gpu);
        try {
            JCudaStream stream = driver.newStream();
            return new CudaDevice(driver, stream, cublas(options, driver, stream));
        } catch (RuntimeException | Error e) {
            driver.close();
            throw e;
        }
    }

    private static Gpu chosen(CudaOptions options, CudaDetection detection) {
        if (options.gpu() >= detection.gpus().size()) {
            int count = detection.gpus().size();
            throw new DeviceUnavailableException(
                    options.device(),
                    count == 1 ? "there is one GPU here" : "there are %d GPUs here".formatted(count),
                    "use cuda:0" + (count == 1 ? "" : " to cuda:" + (count - 1)));
        }
        Gpu gpu = detection.gpus().get(options.gpu());
        if (!gpu.isNewEnough()) {
            throw new DeviceUnavailableException(
                    options.device(),
                    "it is a %s, and these kernels want compute capability 8.0".formatted(gpu),
                    "use" + " another GPU");
        }
        return gpu;
    }

    private static Optional<Cublas> cublas(CudaOptions options, JCudaDriver driver, JCudaStream stream) {
        if (options.products() == Products.OWN) {
            return Optional.empty();
        }
        Optional<CublasSearch.Found> found = CublasSearch.find(options.places());
        if (found.isEmpty() && options.products() == Products.CUBLAS) {
            throw CublasSearch.missing(options);
        }
        return found.map(library -> new Cublas(CublasSearch.load(library, options), driver, stream));
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public TensorArena arena(long bytes) {
        return new TensorArena(new CudaMemory(driver, stream, bytes));
    }

    @Override
    public void synchronize() {
        stream.synchronize();
    }

    /** The driver, for streams, events and launches of one's own. */
    public CudaDriver driver() {
        return driver;
    }

    /** The stream that all kernels of this device run in. */
    public CudaStream stream() {
        return stream;
    }

    /** Records the kernels that {@code work} launches, to be run again and again; see {@link CudaDriver#capture}. */
    public CudaGraph capture(Runnable work) {
        launcher.keepScratch();
        return driver.capture(stream, work);
    }

    /** A step that is run again and again, as one graph from its second run on; the caller closes it before the device. */
    public CudaReplay replay() {
        launcher.keepScratch();
        return new CudaReplay(driver, stream);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        launcher.close();
        cublas.ifPresent(Cublas::close);
        stream.close();
        driver.close();
    }

    @Override
    public String toString() {
        return "CUDA, %s; products by %s"
                .formatted(driver.name(), cublas.map(Cublas::name).orElse("own kernels"));
    }
}
