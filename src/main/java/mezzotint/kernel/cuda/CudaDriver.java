package mezzotint.kernel.cuda;

import java.lang.foreign.MemorySegment;

/**
 * What CUDA's driver does for us: memory, modules, streams and launches.
 *
 * <p>Two implementations: {@code JCudaDriver} on a GPU, and {@code mezzotint.ptx.PtxMachine}, which runs the same PTX in Java.
 * Everything above, launchers and device memory included, is one code on both. One thread at a time may use a driver.
 *
 * <p>Every method throws {@link CudaException} when the driver refuses or a kernel has failed.
 */
public interface CudaDriver extends AutoCloseable {

    /** One line for people: the GPU and its memory, or what stands in for one. */
    String name();

    /** What a kernel may ask for. */
    CudaLimits limits();

    /**
     * A fresh span of device memory with undefined contents.
     *
     * @param bytes at least 1
     * @return its address, a multiple of 256
     * @throws OutOfMemoryError when the device has not that much
     */
    long allocate(long bytes);

    /** Frees what {@link #allocate} returned, after all work launched before has finished. */
    void free(long address);

    /** Copies all of {@code source}, a host segment, to device memory, in the stream's order; the source is free on return. */
    void write(CudaStream stream, long address, MemorySegment source);

    /** Fills {@code target}, a host segment, from device memory once the stream's work before it has finished. */
    void read(CudaStream stream, MemorySegment target, long address);

    /** Sets bytes of device memory, in the stream's order. */
    void fill(CudaStream stream, long address, long bytes, byte value);

    /** Copies within device memory, in the stream's order; the spans do not overlap. */
    void copy(CudaStream stream, long target, long source, long bytes);

    /** Says that the contents of a span are undefined from here on; a driver that checks reports a later read of it. */
    default void undefine(long address, long bytes) {}

    /**
     * Loads the kernels of one PTX text.
     *
     * @param name for messages: the file's stem
     */
    CudaModule load(String name, String ptx);

    /** Starts a kernel of a module of this driver; returns without waiting. */
    void launch(CudaStream stream, CudaFunction function, LaunchGrid grid, LaunchArguments arguments);

    /**
     * Makes a library launch kernels of its own.
     *
     * @param signature equal for calls that launch the same
     * @param call puts its work into {@code stream}
     */
    default void launchLibrary(CudaStream stream, Object signature, Runnable call) {
        call.run();
    }

    /** A new stream; work in one stream runs in order, work in two may overlap. */
    CudaStream newStream();

    /** A new event, not yet recorded. */
    CudaEvent newEvent();

    /**
     * Records what {@code work} launches on {@code stream} without running it.
     *
     * @param work launches kernels, fills and copies; it must neither read to the host nor allocate
     */
    CudaGraph capture(CudaStream stream, Runnable work);

    /** Waits for all work of all streams. */
    void synchronize();

    /** Unloads modules and releases the device; memory is freed by its owners. */
    @Override
    void close();
}
