package mezzotint.kernel.cuda;

/** One kernel of a {@link CudaModule}; only the driver that made it can launch it. */
public interface CudaFunction {

    /** The name of its {@code extern "C"} entry. */
    String name();
}
