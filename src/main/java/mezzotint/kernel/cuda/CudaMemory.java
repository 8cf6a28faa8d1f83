package mezzotint.kernel.cuda;

import java.lang.foreign.MemorySegment;
import mezzotint.tensor.Memory;

/** A span of a CUDA device's memory; all its copies go through the device's one stream. */
final class CudaMemory implements Memory {
    private final CudaDriver driver;
    private final CudaStream stream;
    private final long address;
    private final long bytes;
    private boolean closed;

    /**
     * @param bytes at least 1
     * @throws IllegalArgumentException when {@code bytes} is not positive
     * @throws OutOfMemoryError when the device has not that much
     */
    CudaMemory(CudaDriver driver, CudaStream stream, long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("memory: expected a positive number of bytes, got " + bytes);
        }
        this.driver = driver;
        this.stream = stream;
        this.bytes = bytes;
        this.address = driver.allocate(bytes);
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long byteSize() {
        return bytes;
    }

    @Override
    public void write(long offset, MemorySegment source) {
        check(offset, source.byteSize());
        if (source.byteSize() > 0) {
            driver.write(stream, address + offset, source);
        }
    }

    @Override
    public void read(long offset, MemorySegment target) {
        check(offset, target.byteSize());
        if (target.byteSize() > 0) {
            driver.read(stream, target, address + offset);
        }
    }

    @Override
    public void fill(long offset, long count, byte value) {
        check(offset, count);
        if (count > 0) {
            driver.fill(stream, address + offset, count, value);
        }
    }

    @Override
    public void copyTo(long offset, Memory target, long targetOffset, long count) {
        check(offset, count);
        CudaMemory other = (CudaMemory) target;
        other.check(targetOffset, count);
        if (count > 0) {
            driver.copy(stream, other.address + targetOffset, address + offset, count);
        }
    }

    @Override
    public void undefine(long offset, long count) {
        driver.undefine(address + offset, count);
    }

    private void check(long offset, long count) {
        if (offset < 0 || count < 0 || count > bytes - offset) {
            throw new IndexOutOfBoundsException(
                    "device memory of %d bytes: %d bytes at offset %d do not fit".formatted(bytes, count, offset));
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            driver.free(address);
        }
    }
}
