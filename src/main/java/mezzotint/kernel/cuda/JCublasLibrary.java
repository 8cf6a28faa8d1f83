package mezzotint.kernel.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;

/** cuBLAS 12 through JCublas2. */
final class JCublasLibrary implements CublasLibrary {
    private static final MemorySegment FACTORS = Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, 0, 1);
    private static final HostPointer ZERO = new HostPointer(FACTORS);
    private static final HostPointer ONE = new HostPointer(FACTORS.asSlice(Float.BYTES));

    private final cublasHandle handle = new cublasHandle();

    @Override
    public String name() {
        return "JCublas2";
    }

    @Override
    public int create() {
        return JCublas2.cublasCreate(handle);
    }

    @Override
    public int version(int[] version) {
        return JCublas2.cublasGetVersion(handle, version);
    }

    @Override
    public int setStream(JCudaStream stream) {
        return JCublas2.cublasSetStream(handle, new cudaStream_t(stream));
    }

    @Override
    public int setWorkspace(long address, long bytes) {
        return JCublas2.cublasSetWorkspace(handle, new DevicePointer(address), bytes);
    }

    @Override
    public int setMathMode(int mode) {
        return JCublas2.cublasSetMathMode(handle, mode);
    }

    @Override
    public int multiply(CublasProduct product) {
        return JCublas2.cublasGemmEx_new( // the plain one takes the compute type of cuBLAS 10
                handle,
                product.left().operation(),
                product.right().operation(),
                product.rows(),
                product.columns(),
                product.depth(),
                ONE,
                new DevicePointer(product.left().address()),
                product.left().cudaType(),
                product.left().leading(),
                new DevicePointer(product.right().address()),
                product.right().cudaType(),
                product.right().leading(),
                product.beta() == 0 ? ZERO : ONE,
                new DevicePointer(product.c().address()),
                product.c().cudaType(),
                product.c().leading(),
                COMPUTE_32F,
                DEFAULT_ALGORITHM);
    }

    @Override
    public int destroy() {
        return JCublas2.cublasDestroy(handle);
    }
}
