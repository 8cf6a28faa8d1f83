package mezzotint.tensor;

import java.lang.foreign.MemorySegment;

/** A fixed span of memory on one device; offsets and sizes are in bytes. */
public interface Memory extends AutoCloseable {

    /** Address of the first byte in the device's own address space, a multiple of 64. */
    long address();

    /** Size in bytes. */
    long byteSize();

    /**
     * Copies all of {@code source}, a segment of the host, to {@code offset}.
     *
     * @throws IndexOutOfBoundsException when the bytes do not fit
     */
    void write(long offset, MemorySegment source);

    /**
     * Copies from {@code offset} until all of {@code target}, a segment of the host, is filled.
     *
     * @throws IndexOutOfBoundsException when there are too few bytes
     */
    void read(long offset, MemorySegment target);

    /** Sets {@code bytes} bytes from {@code offset} to {@code value}. */
    void fill(long offset, long bytes, byte value);

    /** Copies {@code bytes} bytes from {@code offset} to {@code target} at {@code targetOffset}, on the same device. */
    void copyTo(long offset, Memory target, long targetOffset, long bytes);

    /** Says that the contents are undefined from here on; a device that checks its kernels reports a later read of them. */
    default void undefine(long offset, long bytes) {}

    /** Frees the memory; every tensor in it is dead afterwards. */
    @Override
    void close();
}
