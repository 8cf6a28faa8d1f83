package mezzotint.kernel.cuda;

/** A queue of work: what is put in runs in order. */
public interface CudaStream extends AutoCloseable {

    /** Marks the end of what was put in so far. */
    void record(CudaEvent event);

    /** Holds what comes next until the work marked by {@code event}, of whichever stream, has finished. */
    void await(CudaEvent event);

    /** Waits for all of its work. */
    void synchronize();

    @Override
    void close();
}
