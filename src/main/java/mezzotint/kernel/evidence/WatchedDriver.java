package mezzotint.kernel.evidence;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import mezzotint.kernel.cuda.CudaDriver;
import mezzotint.kernel.cuda.CudaEvent;
import mezzotint.kernel.cuda.CudaFunction;
import mezzotint.kernel.cuda.CudaGraph;
import mezzotint.kernel.cuda.CudaLimits;
import mezzotint.kernel.cuda.CudaModule;
import mezzotint.kernel.cuda.CudaStream;
import mezzotint.kernel.cuda.LaunchArguments;
import mezzotint.kernel.cuda.LaunchGrid;

/** Another driver, which remembers what it launched and may load another text than it was given: a planted bug, say. */
public final class WatchedDriver implements CudaDriver {
    private final CudaDriver driver;
    private final BinaryOperator<String> edit;
    private final Set<String> launched;
    private final boolean alone;
    private final boolean owns;

    /** All through {@code driver}, which this owns and closes. */
    public WatchedDriver(CudaDriver driver) {
        this(driver, (_, ptx) -> ptx);
    }

    /**
     * All through {@code driver}, which this owns and closes.
     *
     * @param edit from a module's name and PTX to the PTX that is loaded instead
     */
    public WatchedDriver(CudaDriver driver, BinaryOperator<String> edit) {
        this(driver, edit, new TreeSet<>(), false, true);
    }

    private WatchedDriver(
            CudaDriver driver, BinaryOperator<String> edit, Set<String> launched, boolean alone, boolean owns) {
        this.driver = driver;
        this.edit = edit;
        this.launched = launched;
        this.alone = alone;
        this.owns = owns;
    }

    /** All through {@code driver}, which its own owner closes. */
    static WatchedDriver borrowing(CudaDriver driver) {
        return new WatchedDriver(driver, (_, ptx) -> ptx, new TreeSet<>(), false, false);
    }

    /** The same driver, which says that its device has one multiprocessor; closing it closes nothing. */
    WatchedDriver withOneMultiprocessor() {
        return new WatchedDriver(driver, edit, launched, true, false);
    }

    /** The names of the kernels that were launched, each once. */
    public Set<String> launched() {
        return launched;
    }

    @Override
    public CudaModule load(String name, String ptx) {
        return driver.load(name, edit.apply(name, ptx));
    }

    @Override
    public void launch(CudaStream stream, CudaFunction function, LaunchGrid grid, LaunchArguments arguments) {
        launched.add(function.name());
        driver.launch(stream, function, grid, arguments);
    }

    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public CudaLimits limits() {
        CudaLimits limits = driver.limits();
        return alone ? new CudaLimits(1, limits.computeCapability(), limits.sharedBytesPerBlock()) : limits;
    }

    @Override
    public long allocate(long bytes) {
        return driver.allocate(bytes);
    }

    @Override
    public void free(long address) {
        driver.free(address);
    }

    @Override
    public void write(CudaStream stream, long address, MemorySegment source) {
        driver.write(stream, address, source);
    }

    @Override
    public void read(CudaStream stream, MemorySegment target, long address) {
        driver.read(stream, target, address);
    }

    @Override
    public void fill(CudaStream stream, long address, long bytes, byte value) {
        driver.fill(stream, address, bytes, value);
    }

    @Override
    public void copy(CudaStream stream, long target, long source, long bytes) {
        driver.copy(stream, target, source, bytes);
    }

    @Override
    public void undefine(long address, long bytes) {
        driver.undefine(address, bytes);
    }

    @Override
    public CudaStream newStream() {
        return driver.newStream();
    }

    @Override
    public CudaEvent newEvent() {
        return driver.newEvent();
    }

    @Override
    public CudaGraph capture(CudaStream stream, Runnable work) {
        return driver.capture(stream, work);
    }

    @Override
    public void synchronize() {
        driver.synchronize();
    }

    @Override
    public void close() {
        if (owns) {
            driver.close();
        }
    }
}
