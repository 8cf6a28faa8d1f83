package mezzotint.kernel.cuda;

import java.lang.foreign.MemorySegment;
import mezzotint.tensor.DType;
import mezzotint.tensor.Memory;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Scratch memory of a launcher in the form that tensors want; for kernels alone, not for copies.
 *
 * @param address of the first byte
 * @param byteSize size
 */
record ScratchMemory(long address, long byteSize) implements Memory {
    /** A tensor in it. */
    Tensor tensor(long offset, Shape shape, DType dtype) {
        return new Tensor(this, offset, shape, dtype);
    }

    @Override
    public void write(long offset, MemorySegment source) {
        throw refusal();
    }

    @Override
    public void read(long offset, MemorySegment target) {
        throw refusal();
    }

    @Override
    public void fill(long offset, long bytes, byte value) {
        throw refusal();
    }

    @Override
    public void copyTo(long offset, Memory target, long targetOffset, long bytes) {
        throw refusal();
    }

    private static UnsupportedOperationException refusal() {
        return new UnsupportedOperationException("scratch memory is read and written by kernels alone");
    }

    /** Nothing: the launcher owns the memory. */
    @Override
    public void close() {}
}
