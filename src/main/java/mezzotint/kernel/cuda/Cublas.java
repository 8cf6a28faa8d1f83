package mezzotint.kernel.cuda;

import java.util.Locale;

/** A handle of cuBLAS on a device's stream, with a workspace of its own, so that results repeat and captures work. */
final class Cublas implements AutoCloseable {
    /** What NVIDIA advises for Hopper, and more than older GPUs use. */
    private static final long WORKSPACE_BYTES = 32L << 20;

    private static final int EXECUTION_FAILED = 13;

    private final CublasLibrary library;
    private final JCudaDriver driver;
    private final String name;
    private final long workspace;

    /** @throws CudaException when cuBLAS refuses */
    Cublas(CublasLibrary library, JCudaDriver driver, JCudaStream stream) {
        this.library = library;
        this.driver = driver;
        driver.bind();
        check(library.create(), "cublasCreate");
        int[] version = {0};
        check(library.version(version), "cublasGetVersion");
        name = versionName(version[0]) + " (" + library.name() + ")";
        check(library.setStream(stream), "cublasSetStream");
        workspace = driver.allocate(WORKSPACE_BYTES);
        check(library.setWorkspace(workspace, WORKSPACE_BYTES), "cublasSetWorkspace");
        check(library.setMathMode(CublasLibrary.MATH_MODE), "cublasSetMathMode");
    }

    /** cuBLAS 12 writes 12.6.4 as 120604, cuBLAS 13.0.2 as 130002. */
    private static String versionName(int version) {
        return String.format(Locale.ROOT, "cuBLAS %d.%d.%d", version / 10_000, version / 100 % 100, version % 100);
    }

    /** Version and binding. */
    String name() {
        return name;
    }

    /** Starts a product. */
    void multiply(CublasProduct product) {
        driver.bind();
        int status = library.multiply(product);
        if (status != 0) {
            throw failure(status, product.sizes());
        }
    }

    private CudaException failure(int status, String doing) {
        if (status == EXECUTION_FAILED) {
            driver.synchronize(); // tells of a kernel that failed before, which is the likelier cause
        }
        return new CudaException("cuBLAS: %s: %s; use cuda:own to do without cuBLAS".formatted(doing, word(status)));
    }

    private void check(int status, String call) {
        if (status != 0) {
            throw failure(status, call);
        }
    }

    private static String word(int status) {
        return switch (status) {
            case 1 -> "CUBLAS_STATUS_NOT_INITIALIZED (most often too little free memory, or a driver too old for it)";
            case 3 -> "CUBLAS_STATUS_ALLOC_FAILED";
            case 7 -> "CUBLAS_STATUS_INVALID_VALUE";
            case 8 -> "CUBLAS_STATUS_ARCH_MISMATCH";
            case 11 -> "CUBLAS_STATUS_MAPPING_ERROR";
            case EXECUTION_FAILED -> "CUBLAS_STATUS_EXECUTION_FAILED";
            case 14 -> "CUBLAS_STATUS_INTERNAL_ERROR";
            case 15 -> "CUBLAS_STATUS_NOT_SUPPORTED";
            default -> "status " + status;
        };
    }

    @Override
    public void close() {
        if (driver.bindToRelease()) {
            check(library.destroy(), "cublasDestroy");
            driver.free(workspace);
        }
    }
}
