package mezzotint.benchmarks.gpu;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.kernel.cuda.CudaDriver;
import mezzotint.kernel.cuda.CudaEvent;
import mezzotint.kernel.cuda.CudaFunction;
import mezzotint.kernel.cuda.CudaGraph;
import mezzotint.kernel.cuda.CudaLimits;
import mezzotint.kernel.cuda.CudaModule;
import mezzotint.kernel.cuda.CudaStream;
import mezzotint.kernel.cuda.LaunchArguments;
import mezzotint.kernel.cuda.LaunchGrid;

/** A driver that takes the time of every kernel it launches, between two events each. */
public final class TimingDriver implements CudaDriver {

    /** All launches of one kernel. */
    public record Total(int launches, double milliseconds) {
        Total plus(double more) {
            return new Total(launches + 1, milliseconds + more);
        }
    }

    private record Timed(String kernel, CudaEvent before, CudaEvent after) {}

    private final CudaDriver driver;
    private final List<Timed> pending = new ArrayList<>();
    private boolean timing;

    /** @param driver does the work; closed with this */
    public TimingDriver(CudaDriver driver) {
        this.driver = driver;
    }

    /** Times all launches of {@code work}, by the kernels' names. */
    public Map<String, Total> totals(Runnable work) {
        timing = true;
        work.run();
        timing = false;
        driver.synchronize();
        Map<String, Total> totals = new LinkedHashMap<>();
        for (Timed timed : pending) {
            double milliseconds = timed.after.millisecondsSince(timed.before);
            totals.merge(timed.kernel, new Total(1, milliseconds), (total, _) -> total.plus(milliseconds));
            timed.before.close();
            timed.after.close();
        }
        pending.clear();
        return totals;
    }

    private void time(CudaStream stream, String kernel, Runnable launch) {
        if (!timing) {
            launch.run();
            return;
        }
        CudaEvent before = driver.newEvent();
        CudaEvent after = driver.newEvent();
        stream.record(before);
        launch.run();
        stream.record(after);
        pending.add(new Timed(kernel, before, after));
    }

    @Override
    public void launch(CudaStream stream, CudaFunction function, LaunchGrid grid, LaunchArguments arguments) {
        time(stream, function.name(), () -> driver.launch(stream, function, grid, arguments));
    }

    @Override
    public void launchLibrary(CudaStream stream, Object signature, Runnable call) {
        time(stream, "library", () -> driver.launchLibrary(stream, signature, call));
    }

    @Override
    public void write(CudaStream stream, long address, MemorySegment source) {
        time(stream, "copy from the host", () -> driver.write(stream, address, source));
    }

    @Override
    public void fill(CudaStream stream, long address, long bytes, byte value) {
        time(stream, "fill", () -> driver.fill(stream, address, bytes, value));
    }

    @Override
    public void copy(CudaStream stream, long target, long source, long bytes) {
        time(stream, "copy", () -> driver.copy(stream, target, source, bytes));
    }

    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public CudaLimits limits() {
        return driver.limits();
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
    public void read(CudaStream stream, MemorySegment target, long address) {
        driver.read(stream, target, address);
    }

    @Override
    public CudaModule load(String name, String ptx) {
        return driver.load(name, ptx);
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
        driver.close();
    }
}
