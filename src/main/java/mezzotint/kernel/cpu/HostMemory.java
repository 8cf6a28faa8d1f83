package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.tensor.Memory;

/** Bytes that somebody else owns, read where they lie; from the multiple of 64 at or before their beginning on. */
final class HostMemory implements Memory {
    private static final long ALIGNMENT = 64;

    private final MemorySegment owner; // not read: keeps a mapping that nobody closes from being collected
    private final long address;
    private final long size;

    HostMemory(MemorySegment bytes) {
        owner = bytes;
        address = bytes.address() / ALIGNMENT * ALIGNMENT;
        size = bytes.address() - address + bytes.byteSize();
        CpuMemory.living(address, size);
    }

    /** Where the bytes begin. */
    long offset() {
        return owner.address() - address;
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long byteSize() {
        return size;
    }

    @Override
    public void read(long offset, MemorySegment target) {
        MemorySegment.copy(owner, offset - offset(), target, 0, target.byteSize());
    }

    @Override
    public void copyTo(long offset, Memory target, long targetOffset, long bytes) {
        target.write(targetOffset, owner.asSlice(offset - offset(), bytes));
    }

    @Override
    public void write(long offset, MemorySegment source) {
        throw readOnly();
    }

    @Override
    public void fill(long offset, long bytes, byte value) {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("weights read where their file is mapped cannot be changed; copy them");
    }

    /** Nothing: the bytes are their owner's. */
    @Override
    public void close() {}
}
