package mezzotint.kernel.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A driver that can take down what goes through it, and later see that the same goes through again, without doing it.
 *
 * <p>Writes from the host cannot be part of a graph. They are sent to a staging span of device memory in one go before the
 * graph runs, and in the graph each becomes a copy from there: so their contents may differ from run to run.
 */
final class ReplayDriver implements CudaDriver {

    private enum Mode {
        /** Everything is passed on. */
        DIRECT,
        /** Everything is passed on, and writes are counted. */
        NOTE,
        /** Everything is passed on and taken down, writes as copies from the staging span. */
        CAPTURE,
        /** Nothing is passed on; everything is compared. */
        COMPARE
    }

    /** Something that was put into a stream, with all that tells it from another. */
    private sealed interface Entry {
        record Launch(String kernel, LaunchGrid grid, List<Long> arguments) implements Entry {}

        record Library(Object call) implements Entry {}

        record Fill(long address, long bytes, byte value) implements Entry {}

        record Copy(long target, long source, long bytes) implements Entry {}

        record Write(long address, long bytes) implements Entry {}
    }

    private static final long ALIGNMENT = 256;

    private final CudaDriver driver;
    private Mode mode = Mode.DIRECT;
    private List<Entry> entries = new ArrayList<>();
    private int at;
    private long written;
    private long staging;
    private byte[] content = {};

    ReplayDriver(CudaDriver driver) {
        this.driver = driver;
    }

    /** Runs {@code work} and returns how many bytes of staging memory {@link #capture(CudaStream, Runnable, long, long)} wants. */
    long note(Runnable work) {
        written = 0;
        in(Mode.NOTE, work);
        return written;
    }

    /**
     * Captures {@code work}, which is not run, and takes it down.
     *
     * @param address staging memory
     * @param bytes its size
     */
    CudaGraph capture(CudaStream stream, Runnable work, long address, long bytes) {
        entries = new ArrayList<>();
        staging = address;
        content = new byte[Math.toIntExact(bytes)];
        written = 0;
        return driver.capture(stream, () -> in(Mode.CAPTURE, work));
    }

    /**
     * Runs {@code work} without passing anything on; afterwards {@link #sendWritten} sends what it wrote.
     *
     * @throws CudaException when it does something else than what was captured
     */
    void compare(Runnable work) {
        at = 0;
        written = 0;
        in(Mode.COMPARE, work);
        if (at != entries.size()) {
            throw differs(at, entries, "its end");
        }
    }

    /** Sends the contents of all writes of the captured or compared work to the staging memory. */
    void sendWritten(CudaStream stream) {
        if (content.length > 0) {
            driver.write(stream, staging, MemorySegment.ofArray(content));
        }
    }

    private void in(Mode wanted, Runnable work) {
        if (mode != Mode.DIRECT) {
            throw new CudaException("replay: one is running already; a step cannot contain another");
        }
        mode = wanted;
        try {
            work.run();
        } finally {
            mode = Mode.DIRECT;
        }
    }

    /** Whether everything is passed on as it comes. */
    private boolean isPlain() {
        return mode == Mode.DIRECT || mode == Mode.NOTE;
    }

    /**
     * Whether the driver has to do it.
     *
     * @param described makes the entry, which a plain run has no use for
     */
    private boolean passes(Supplier<Entry> described) {
        if (isPlain()) {
            return true;
        }
        Entry entry = described.get();
        if (mode == Mode.CAPTURE) {
            entries.add(entry);
            return true;
        }
        if (at >= entries.size() || !entries.get(at).equals(entry)) {
            throw differs(at, entries, entry);
        }
        at++;
        return false;
    }

    private static CudaException differs(int index, List<Entry> expected, Object got) {
        return new CudaException(
                "replay: operation %d of the step differs: expected %s, got %s; shapes, addresses and scalars must be those of the first run, so leave what changes (an optimizer's step, say) outside"
                        .formatted(index, index < expected.size() ? expected.get(index) : "its end", got));
    }

    private void refuseReading(String what) {
        if (!isPlain()) {
            throw new CudaException("replay: %s is no part of a step; do it before or after".formatted(what));
        }
    }

    @Override
    public void launch(CudaStream stream, CudaFunction function, LaunchGrid grid, LaunchArguments arguments) {
        if (passes(() -> new Entry.Launch(function.name(), grid, values(arguments)))) {
            driver.launch(stream, function, grid, arguments);
        }
    }

    private static List<Long> values(LaunchArguments arguments) {
        Long[] values = new Long[arguments.count()];
        Arrays.setAll(values, i -> arguments.values().getAtIndex(ValueLayout.JAVA_LONG, i));
        return List.of(values);
    }

    @Override
    public void launchLibrary(CudaStream stream, Object signature, Runnable call) {
        if (passes(() -> new Entry.Library(signature))) {
            driver.launchLibrary(stream, signature, call);
        }
    }

    @Override
    public void write(CudaStream stream, long address, MemorySegment source) {
        long bytes = source.byteSize();
        boolean passes = passes(() -> new Entry.Write(address, bytes));
        if (!isPlain()) {
            if (written + bytes > content.length) {
                throw new CudaException(
                        "replay: the step writes more than the %d bytes of its first run".formatted(content.length));
            }
            MemorySegment.copy(source, 0, MemorySegment.ofArray(content), written, bytes);
        }
        if (passes && mode == Mode.CAPTURE) {
            driver.copy(stream, address, staging + written, bytes);
        } else if (passes) {
            driver.write(stream, address, source);
        }
        written += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    @Override
    public void fill(CudaStream stream, long address, long bytes, byte value) {
        if (passes(() -> new Entry.Fill(address, bytes, value))) {
            driver.fill(stream, address, bytes, value);
        }
    }

    @Override
    public void copy(CudaStream stream, long target, long source, long bytes) {
        if (passes(() -> new Entry.Copy(target, source, bytes))) {
            driver.copy(stream, target, source, bytes);
        }
    }

    @Override
    public void read(CudaStream stream, MemorySegment target, long address) {
        refuseReading("reading to the host");
        driver.read(stream, target, address);
    }

    @Override
    public void undefine(long address, long bytes) {
        if (isPlain()) {
            driver.undefine(address, bytes);
        }
    }

    @Override
    public long allocate(long bytes) {
        refuseReading("an allocation");
        return driver.allocate(bytes);
    }

    @Override
    public void free(long address) {
        refuseReading("freeing memory");
        driver.free(address);
    }

    @Override
    public CudaGraph capture(CudaStream stream, Runnable work) {
        refuseReading("a capture");
        return driver.capture(stream, work);
    }

    @Override
    public void synchronize() {
        refuseReading("waiting");
        driver.synchronize();
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
    public void close() {
        driver.close();
    }
}
