package mezzotint.kernel.cuda;

/** A mark in a stream. */
public interface CudaEvent extends AutoCloseable {

    /** Waits until the stream has come to the mark. */
    void synchronize();

    /** Time from the mark {@code earlier} to this one in milliseconds, once both have been passed. */
    double millisecondsSince(CudaEvent earlier);

    @Override
    void close();
}
