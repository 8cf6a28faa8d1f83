package mezzotint.kernel;

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

    /** Waits until every kernel launched so far has finished. */
    void synchronize();

    /** Releases threads and handles; arenas are closed by their owners. */
    @Override
    void close();
}
