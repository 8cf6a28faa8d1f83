package mezzotint.kernel.cuda;

import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.TensorArena;

/** A CUDA device: a GPU, or the machine that runs its kernels in Java; one thread at a time may use it. */
public final class CudaDevice implements Device {
    private final CudaDriver driver;
    private final CudaStream stream;
    private final CudaLauncher launcher;
    private final CudaKernels kernels;

    private CudaDevice(CudaDriver driver) {
        this.driver = driver;
        this.stream = driver.newStream();
        this.launcher = new CudaLauncher(driver, stream);
        this.kernels = new CudaKernels(launcher);
    }

    /** The device behind {@code driver}, which it owns and closes. */
    public static CudaDevice on(CudaDriver driver) {
        return new CudaDevice(driver);
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
        return driver.capture(stream, work);
    }

    @Override
    public void close() {
        launcher.close();
        stream.close();
        driver.close();
    }

    @Override
    public String toString() {
        return "CUDA, " + driver.name();
    }
}
