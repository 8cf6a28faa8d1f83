package mezzotint.kernel.cuda;

/** The kernels of one PTX text, loaded on one driver; unloaded with it. */
public interface CudaModule {

    /** The file's stem. */
    String name();

    /**
     * A kernel by the name of its {@code extern "C"} entry.
     *
     * @throws CudaException when the module has no such entry
     */
    CudaFunction function(String name);
}
