package mezzotint.kernel.cuda;

import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES;
import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER;
import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;
import static jcuda.driver.JCudaDriver.cuFuncGetAttribute;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadDataEx;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;

/** The kernels of one PTX text on a GPU, compiled by its driver. */
final class JCudaModule implements CudaModule {
    /** A block may have this much shared memory without asking. */
    private static final int SHARED_WITHOUT_ASKING = 48 << 10;

    private static final int LOG_BYTES = 16 << 10;

    private final String name;
    private final JCudaFaults faults;
    private final CUmodule module = new CUmodule();

    private JCudaModule(String name, JCudaFaults faults) {
        this.name = name;
        this.faults = faults;
    }

    /**
     * Has the driver compile a text.
     *
     * @throws ModuleRefusedException with the compiler's words
     */
    static JCudaModule load(String name, String ptx, JCudaFaults faults) {
        JCudaModule loaded = new JCudaModule(name, faults);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(LOG_BYTES);
            MemorySegment values = arena.allocate(ValueLayout.JAVA_LONG, 2);
            values.setAtIndex(ValueLayout.JAVA_LONG, 0, log.address());
            values.setAtIndex(
                    ValueLayout.JAVA_LONG, 1, LOG_BYTES); // a number in the place of a pointer, as CUDA has it
            int[] options = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
            int status = cuModuleLoadDataEx(
                    loaded.module,
                    new HostPointer(arena.allocateFrom(ptx)),
                    options.length,
                    options,
                    new HostPointer(values));
            if (status != CUresult.CUDA_SUCCESS) {
                throw faults.refusedModule(status, name, log.getString(0).strip());
            }
        }
        return loaded;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public JCudaFunction function(String entry) {
        JCudaFunction function = new JCudaFunction(entry);
        int status = cuModuleGetFunction(function, module, entry);
        if (status == CUresult.CUDA_ERROR_NOT_FOUND) {
            throw new CudaException("module %s has no kernel %s; compile its source again".formatted(name, entry));
        }
        faults.check(status, "kernel %s of module %s", entry, name);
        int[] fixed = {0};
        faults.check(
                cuFuncGetAttribute(fixed, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function),
                "shared memory of kernel %s",
                entry);
        function.allowSharedBytes(SHARED_WITHOUT_ASKING - fixed[0]);
        return function;
    }

    void unload() {
        faults.check(cuModuleUnload(module), "unloading module %s", name);
    }
}
