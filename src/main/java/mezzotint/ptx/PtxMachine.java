package mezzotint.ptx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import mezzotint.kernel.cuda.CudaDriver;
import mezzotint.kernel.cuda.CudaEvent;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.cuda.CudaFunction;
import mezzotint.kernel.cuda.CudaGraph;
import mezzotint.kernel.cuda.CudaLimits;
import mezzotint.kernel.cuda.CudaStream;
import mezzotint.kernel.cuda.LaunchArguments;
import mezzotint.kernel.cuda.LaunchGrid;

/**
 * Runs PTX in Java: a CUDA driver without a GPU, which checks every access and counts what kernels cost.
 *
 * <p>Everything happens in the call that asks for it: a launch returns when it has finished, and what a kernel does wrong is
 * thrown from {@link #launch}, or gathered in its {@link LaunchReport} with {@link PtxOptions#collecting}.
 *
 * @see mezzotint.ptx
 */
public final class PtxMachine implements CudaDriver {
    private static final CudaLimits LIMITS = new CudaLimits(108, 80, 163 * 1024);

    private final PtxOptions options;
    private final DeviceMemory memory;
    private final MachineRun run;
    private final Perturbation perturbation;
    private Optional<LaunchReport> report = Optional.empty();
    private Consumer<LaunchReport> listener = _ -> {};
    private List<Runnable> recording = List.of();
    private boolean capturing;

    /** With all checks on; see {@link PtxOptions#standard}. */
    public PtxMachine() {
        this(PtxOptions.standard());
    }

    /** A machine without modules and with all of its memory free. */
    public PtxMachine(PtxOptions options) {
        this.options = options;
        this.memory = new DeviceMemory(options.memoryBytes());
        this.run = new MachineRun(options, memory);
        this.perturbation = new Perturbation(options.perturb(), options.seed());
    }

    /** How it runs kernels. */
    public PtxOptions options() {
        return options;
    }

    /** What the last launch did; empty before the first. */
    public Optional<LaunchReport> lastReport() {
        return report;
    }

    /** Tells {@code to} about every launch from here on. */
    public void listen(Consumer<LaunchReport> to) {
        listener = to;
    }

    @Override
    public String name() {
        return "PTX machine, %d threads, checks %s".formatted(options.threads(), options.checks() ? "on" : "off");
    }

    @Override
    public CudaLimits limits() {
        return LIMITS;
    }

    @Override
    public long allocate(long bytes) {
        return memory.allocate(bytes);
    }

    @Override
    public void free(long address) {
        Span span = memory.find(address);
        memory.free(address);
        run.forget(span);
    }

    @Override
    public void write(CudaStream stream, long address, MemorySegment source) {
        if (capturing) {
            byte[] copy = source.toArray(ValueLayout.JAVA_BYTE);
            recording.add(() -> memory.write(address, MemorySegment.ofArray(copy)));
        } else {
            memory.write(address, source);
        }
    }

    @Override
    public void read(CudaStream stream, MemorySegment target, long address) {
        if (capturing) {
            throw new CudaException("capture: a read to the host cannot be recorded; read after the graph has run");
        }
        long unwritten = memory.read(target, address);
        if (unwritten >= 0 && options.hostReads() && options.checks()) {
            throw new KernelFaultException(new PtxFinding(
                    FindingKind.HOST_READ,
                    "host",
                    0,
                    "read",
                    "",
                    0,
                    "(0, 0, 0)",
                    0,
                    "byte %d of %d at 0x%x has never been written".formatted(unwritten, target.byteSize(), address)));
        }
    }

    @Override
    public void fill(CudaStream stream, long address, long bytes, byte value) {
        order(() -> memory.fill(address, bytes, value));
    }

    @Override
    public void copy(CudaStream stream, long target, long source, long bytes) {
        order(() -> memory.copy(target, source, bytes));
    }

    @Override
    public void undefine(long address, long bytes) {
        order(() -> memory.undefine(address, bytes));
    }

    private void order(Runnable work) {
        if (capturing) {
            recording.add(work);
        } else {
            work.run();
        }
    }

    @Override
    public PtxModule load(String name, String ptx) {
        return load(PtxProgram.parse(name, ptx));
    }

    /**
     * Loads a program that has been read.
     *
     * @throws UnknownInstructionException when a kernel has an instruction that the machine does not know
     */
    public PtxModule load(PtxProgram program) {
        Map<Variable, Long> addresses = new HashMap<>();
        for (Variable variable : program.variables) {
            if ((variable.space().equals("global") || variable.space().equals("const")) && variable.bytes() > 0) {
                long address = memory.allocate(variable.bytes());
                memory.fill(address, variable.bytes(), (byte) 0);
                memory.write(address, MemorySegment.ofArray(variable.values()));
                addresses.put(variable, address);
            }
        }
        Map<String, Kernel> kernels = new LinkedHashMap<>();
        for (Routine routine : program.routines.values()) {
            if (routine.entry) {
                kernels.put(routine.name, Decoder.decode(program, routine, addresses, perturbation));
            }
        }
        return new PtxModule(program.name(), this, kernels);
    }

    @Override
    public void launch(CudaStream stream, CudaFunction function, LaunchGrid grid, LaunchArguments arguments) {
        if (!(function instanceof Kernel kernel)) {
            throw new CudaException("launch: %s belongs to another driver".formatted(function.name()));
        }
        byte[] parameters = LaunchChecks.parameters(kernel, arguments);
        LaunchChecks.check(kernel, grid, LIMITS);
        order(() -> launch(kernel, grid, parameters));
    }

    private void launch(Kernel kernel, LaunchGrid grid, byte[] parameters) {
        LaunchReport made = run.launch(kernel, grid, parameters);
        report = Optional.of(made);
        listener.accept(made);
    }

    @Override
    public CudaStream newStream() {
        return new Stream();
    }

    @Override
    public CudaEvent newEvent() {
        return new Event();
    }

    @Override
    public CudaGraph capture(CudaStream stream, Runnable work) {
        if (capturing) {
            throw new CudaException("capture: one is being made already");
        }
        var made = new ArrayList<Runnable>();
        recording = made;
        capturing = true;
        try {
            work.run();
        } finally {
            capturing = false;
            recording = List.of();
        }
        return new Graph(made);
    }

    @Override
    public void synchronize() {
        // Nothing is ever under way.
    }

    @Override
    public void close() {
        run.close();
    }

    /** Work has finished when the call that asked for it returns. */
    private static final class Stream implements CudaStream {
        @Override
        public void record(CudaEvent event) {
            ((Event) event).time = System.nanoTime();
        }

        @Override
        public void await(CudaEvent event) {}

        @Override
        public void synchronize() {}

        @Override
        public void close() {}
    }

    /** When the stream came to it. */
    private static final class Event implements CudaEvent {
        private long time;

        @Override
        public void synchronize() {}

        @Override
        public double millisecondsSince(CudaEvent earlier) {
            return (time - ((Event) earlier).time) / 1e6;
        }

        @Override
        public void close() {}
    }

    /** Work that was recorded. */
    private record Graph(List<Runnable> work) implements CudaGraph {
        @Override
        public void launch(CudaStream stream) {
            work.forEach(Runnable::run);
        }

        @Override
        public int size() {
            return work.size();
        }

        @Override
        public void close() {}
    }
}
