package mezzotint.kernel.cuda;

import static jcuda.driver.JCudaDriver.cuGetErrorString;

import jcuda.driver.CUresult;

/** Turns the driver's statuses into exceptions, and remembers what a later failure may be due to. */
final class JCudaFaults {
    private final String gpu;
    private JCudaFunction kernel;
    private LaunchGrid grid;
    private boolean lost;

    /** @param gpu name for messages */
    JCudaFaults(String gpu) {
        this.gpu = gpu;
    }

    /** Whether the context is gone, and with it all that could be released. */
    boolean isLost() {
        return lost;
    }

    /** Says that a kernel has been started. */
    void launched(JCudaFunction started, LaunchGrid on) {
        kernel = started;
        grid = on;
    }

    /**
     * Throws unless the status is success.
     *
     * @param doing what was tried, a format
     */
    void check(int status, String doing, Object... arguments) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw failure(status, doing.formatted(arguments));
        }
    }

    private CudaException failure(int status, String doing) {
        if (isFault(status)) {
            lost = true;
            return new CudaContextLostException(
                    ("%s on %s: %s, by a kernel that ran before; the last one launched is %s. The GPU's context is"
                        + " lost, so start this process anew, with CUDA_LAUNCH_BLOCKING=1 to learn which kernel it"
                        + " was, or with --device ptx to learn why")
                            .formatted(doing, gpu, word(status), kernel == null ? "none" : described(kernel, grid)));
        }
        return new CudaException("%s on %s: %s".formatted(doing, gpu, word(status)));
    }

    /** The exception of a launch that did not succeed. */
    CudaException refusedLaunch(int status, JCudaFunction refused, LaunchGrid on) {
        if (isFault(status)) {
            return failure(status, "launch of " + described(refused, on));
        }
        return new LaunchRefusedException("launch of %s on %s: %s; make the block or its shared memory smaller"
                .formatted(described(refused, on), gpu, word(status)));
    }

    /** The exception of a launch that wants more shared memory than there is. */
    LaunchRefusedException tooMuchShared(JCudaFunction refused, LaunchGrid on, int most) {
        return new LaunchRefusedException(
                "launch of %s on %s: a block may have %d bytes of dynamic shared memory; make it"
                                .formatted(described(refused, on), gpu, most)
                        + " smaller");
    }

    /** The exception of a PTX text that was not accepted. */
    CudaException refusedModule(int status, String module, String log) {
        if (isFault(status)) {
            return failure(status, "loading module " + module);
        }
        String remedy = status == CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION
                ? "; install a newer driver of NVIDIA's"
                : "; compile its source again";
        return new ModuleRefusedException("module %s on %s: %s%s%s"
                .formatted(module, gpu, word(status), remedy, log.isEmpty() ? "" : ". The driver's compiler: " + log));
    }

    private static String described(JCudaFunction function, LaunchGrid on) {
        return "%s (grid %d × %d × %d of blocks %d × %d × %d, %d bytes of dynamic shared memory)"
                .formatted(
                        function.name(),
                        on.x(),
                        on.y(),
                        on.z(),
                        on.threadsX(),
                        on.threadsY(),
                        on.threadsZ(),
                        on.sharedBytes());
    }

    /** After these the context answers nothing but the same error. */
    private static boolean isFault(int status) {
        return switch (status) {
            case CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
                    CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
                    CUresult.CUDA_ERROR_ASSERT,
                    CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
                    CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
                    CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    CUresult.CUDA_ERROR_INVALID_PC,
                    CUresult.CUDA_ERROR_LAUNCH_FAILED -> true;
            default -> false;
        };
    }

    private static String word(int status) {
        String[] text = {""};
        cuGetErrorString(status, text);
        return "%s (%s)".formatted(CUresult.stringFor(status), text[0]);
    }
}
