package mezzotint.ptx;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.cuda.CudaStream;
import mezzotint.kernel.cuda.LaunchArguments;
import mezzotint.kernel.cuda.LaunchGrid;

/**
 * Tries kernels out, in a test or by hand: arrays up, launch, arrays down, and what the launch did.
 *
 * <p>See the package for an example. One thread at a time may use it.
 */
public final class PtxWorkbench implements AutoCloseable {
    private final PtxMachine machine;
    private final CudaStream stream;
    private final LaunchArguments arguments = new LaunchArguments();
    private final List<PtxModule> modules = new ArrayList<>();

    /** On a machine of its own with all checks on. */
    public PtxWorkbench() {
        this(PtxOptions.standard());
    }

    /** On a machine of its own. */
    public PtxWorkbench(PtxOptions options) {
        this.machine = new PtxMachine(options);
        this.stream = machine.newStream();
    }

    /** The machine, for what this class does not offer. */
    public PtxMachine machine() {
        return machine;
    }

    /**
     * Loads a PTX text; its kernels can be launched from then on.
     *
     * @throws PtxException when it is malformed or has an instruction that the machine does not know
     */
    public PtxModule load(String ptx) {
        PtxModule module = machine.load("module" + modules.size(), ptx);
        modules.add(module);
        return module;
    }

    /**
     * Memory that nothing has been written to: a kernel that reads it before writing is at fault.
     *
     * @param bytes at least 1
     * @return its address
     */
    public long allocate(long bytes) {
        return machine.allocate(bytes);
    }

    /** Copies an array to memory of its own; gives the address. */
    public long upload(float... values) {
        return upload(MemorySegment.ofArray(values));
    }

    /** Copies an array to memory of its own; gives the address. */
    public long upload(int... values) {
        return upload(MemorySegment.ofArray(values));
    }

    /** Copies bytes, such as those of a {@code short[]} with bf16 bits, to memory of their own; gives the address. */
    public long upload(MemorySegment values) {
        long address = machine.allocate(Math.max(1, values.byteSize()));
        machine.write(stream, address, values);
        return address;
    }

    /** {@code count} floats from {@code address} on. */
    public float[] floats(long address, int count) {
        float[] values = new float[count];
        machine.read(stream, MemorySegment.ofArray(values), address);
        return values;
    }

    /** {@code count} ints from {@code address} on. */
    public int[] ints(long address, int count) {
        int[] values = new int[count];
        machine.read(stream, MemorySegment.ofArray(values), address);
        return values;
    }

    /** Fills a host segment from {@code address} on. */
    public void download(long address, MemorySegment target) {
        machine.read(stream, target, address);
    }

    /**
     * Runs a kernel of a module loaded here.
     *
     * @param fill puts the arguments, in the kernel's order: addresses and counts {@code wide}, others in their own width
     * @return what it did
     * @throws KernelFaultException when it did something wrong, unless findings are collected
     * @throws CudaException when no module has such an entry, or the grid or the arguments do not fit it
     */
    public LaunchReport launch(String entry, LaunchGrid grid, Consumer<LaunchArguments> fill) {
        fill.accept(arguments.begin());
        machine.launch(stream, module(entry).function(entry), grid, arguments);
        return machine.lastReport().orElseThrow();
    }

    private PtxModule module(String entry) {
        return modules.stream()
                .filter(module -> module.entries().contains(entry))
                .findFirst()
                .orElseThrow(() -> new CudaException("no entry %s; %s"
                        .formatted(
                                entry,
                                modules.isEmpty()
                                        ? "load a module first"
                                        : "loaded are "
                                                + String.join(
                                                        ", ",
                                                        modules.stream()
                                                                .flatMap(module -> module.entries().stream())
                                                                .toList()))));
    }

    @Override
    public void close() {
        arguments.close();
        stream.close();
        machine.close();
    }
}
