package mezzotint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Something that holds tensors and runs kernels on them; opened by the caller and passed down, never looked up. */
public interface Device extends AutoCloseable {

    /** One line for people: what it is, how many threads or which GPU, and which products it uses. */
    @Override
    String toString();

    /** The kernels of this device; the same object at every call. */
    Kernels kernels();

    /**
     * A new arena of this device.
     *
     * @param bytes capacity, at least 1
     * @throws IllegalArgumentException when {@code bytes} is not positive
     * @throws OutOfMemoryError when the device has not that much
     */
    TensorArena arena(long bytes);

    /**
     * A read-only tensor over the host's own bytes, such as a part of a mapped file, without a copy.
     *
     * @param bytes exactly the tensor's elements, row-major, little-endian, at any alignment; they have to outlive the tensor,
     *     which is read by address
     * @return empty where the device has a memory of its own
     */
    default Optional<Tensor> map(MemorySegment bytes, Shape shape, DType dtype) {
        return Optional.empty();
    }

    /** Waits until every kernel launched so far has finished. */
    void synchronize();

    /** Releases threads and handles; arenas are closed by their owners. */
    @Override
    void close();
}
