package mezzotint.kernel.cuda;

/** Launches that were recorded once and run again with the same addresses and scalars. */
public interface CudaGraph extends AutoCloseable {

    /** Runs all of them in the stream's order; returns without waiting. */
    void launch(CudaStream stream);

    /** How many kernels, fills and copies it holds. */
    int size();

    @Override
    void close();
}
