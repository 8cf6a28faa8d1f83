package mezzotint.kernel.cuda;

/**
 * The functions of cuBLAS that are called, on one handle; each returns cuBLAS's status, 0 for success.
 *
 * <p>Two bindings: {@link JCublasLibrary}, which wants cuBLAS 12, and {@link ForeignCublasLibrary} for cuBLAS 13, which JCuda
 * has none for.
 */
interface CublasLibrary {
    /** {@code CUBLAS_COMPUTE_32F}: sums in float32; no TF32, which keeps 10 bits of float32's 23. */
    int COMPUTE_32F = 68;

    /** {@code CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION} on the default mode: bf16 products are summed in float32 to the end. */
    int MATH_MODE = 16;

    /** {@code CUBLAS_GEMM_DEFAULT}: cuBLAS chooses. */
    int DEFAULT_ALGORITHM = -1;

    /** The library and what calls it, for people. */
    String name();

    /** {@code cublasCreate}, on the current context. */
    int create();

    /** {@code cublasGetVersion} into the first element. */
    int version(int[] version);

    /** {@code cublasSetStream}; takes the workspace away. */
    int setStream(JCudaStream stream);

    /** {@code cublasSetWorkspace}: device memory of one's own, without which two runs may differ and a capture fails. */
    int setWorkspace(long address, long bytes);

    /** {@code cublasSetMathMode}. */
    int setMathMode(int mode);

    /** {@code cublasGemmEx}. */
    int multiply(CublasProduct product);

    /** {@code cublasDestroy}. */
    int destroy();
}
