package mezzotint.kernel.evidence;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.tensor.Memory;

/**
 * An allocation for one tensor alone, without an arena's padding: on the PTX machine the byte after it is out of bounds.
 *
 * @param byteSize at least 1
 */
record ExactMemory(CudaDevice device, long address, long byteSize) implements Memory {

    static ExactMemory allocate(CudaDevice device, long bytes) {
        return new ExactMemory(device, device.driver().allocate(bytes), bytes);
    }

    @Override
    public void write(long offset, MemorySegment source) {
        if (source.byteSize() > 0) {
            device.driver().write(device.stream(), address + offset, source);
        }
    }

    @Override
    public void read(long offset, MemorySegment target) {
        if (target.byteSize() > 0) {
            device.driver().read(device.stream(), target, address + offset);
        }
    }

    @Override
    public void fill(long offset, long bytes, byte value) {
        device.driver().fill(device.stream(), address + offset, bytes, value);
    }

    @Override
    public void copyTo(long offset, Memory target, long targetOffset, long bytes) {
        device.driver().copy(device.stream(), target.address() + targetOffset, address + offset, bytes);
    }

    @Override
    public void close() {
        device.driver().free(address);
    }
}
