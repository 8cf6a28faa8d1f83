package mezzotint.kernel.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import mezzotint.tensor.DType;
import mezzotint.tensor.Memory;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** A driver that runs nothing and remembers what was launched, on tensors of any size that have no memory. */
final class RecordedLaunches implements CudaDriver {
    private final List<Launch> launches = new ArrayList<>();

    /** A kernel and its geometry. */
    record Launch(String kernel, LaunchGrid grid) {}

    /** A span of addresses with nothing behind it. */
    private record Nowhere(long address) implements Memory {
        @Override
        public long byteSize() {
            return Long.MAX_VALUE / 2;
        }

        @Override
        public void write(long offset, MemorySegment source) {}

        @Override
        public void read(long offset, MemorySegment target) {}

        @Override
        public void fill(long offset, long bytes, byte value) {}

        @Override
        public void copyTo(long offset, Memory target, long targetOffset, long bytes) {}

        @Override
        public void close() {}
    }

    /** All that was launched so far. */
    List<Launch> launches() {
        return List.copyOf(launches);
    }

    /** A launcher on this driver. */
    CudaLauncher launcher() {
        return new CudaLauncher(this, newStream());
    }

    /** A tensor at a multiple of 256. */
    static Tensor tensor(DType dtype, long... dims) {
        return new Tensor(new Nowhere(256), 0, Shape.of(dims), dtype);
    }

    /** An F32 tensor {@code elements} elements behind a multiple of 256. */
    static Tensor shifted(long elements, long... dims) {
        return new Tensor(new Nowhere(256), 4 * elements, Shape.of(dims), DType.F32);
    }

    @Override
    public String name() {
        return "nothing";
    }

    @Override
    public CudaLimits limits() {
        return new CudaLimits(1, 80, 48 << 10);
    }

    @Override
    public long allocate(long bytes) {
        return 256;
    }

    @Override
    public void free(long address) {}

    @Override
    public void write(CudaStream stream, long address, MemorySegment source) {}

    @Override
    public void read(CudaStream stream, MemorySegment target, long address) {}

    @Override
    public void fill(CudaStream stream, long address, long bytes, byte value) {}

    @Override
    public void copy(CudaStream stream, long target, long source, long bytes) {}

    @Override
    public CudaModule load(String name, String ptx) {
        return new Module(name);
    }

    private record Module(String name) implements CudaModule {
        @Override
        public CudaFunction function(String kernel) {
            return new Function(kernel);
        }
    }

    private record Function(String name) implements CudaFunction {}

    @Override
    public void launch(CudaStream stream, CudaFunction function, LaunchGrid grid, LaunchArguments arguments) {
        launches.add(new Launch(function.name(), grid));
    }

    @Override
    public CudaStream newStream() {
        return new CudaStream() {
            @Override
            public void record(CudaEvent event) {}

            @Override
            public void await(CudaEvent event) {}

            @Override
            public void synchronize() {}

            @Override
            public void close() {}
        };
    }

    @Override
    public CudaEvent newEvent() {
        throw new UnsupportedOperationException("events");
    }

    @Override
    public CudaGraph capture(CudaStream stream, Runnable work) {
        throw new UnsupportedOperationException("graphs");
    }

    @Override
    public void synchronize() {}

    @Override
    public void close() {}
}
