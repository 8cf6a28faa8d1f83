package mezzotint.kernel.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

/** cuBLAS of any version through {@code java.lang.foreign}; addresses and handles are passed as numbers. */
final class ForeignCublasLibrary implements CublasLibrary {
    private static final MemorySegment FACTORS = Arena.global().allocateFrom(JAVA_FLOAT, 0, 1);
    private static final long ZERO = FACTORS.address();
    private static final long ONE = FACTORS.address() + Float.BYTES;

    private final MethodHandle create;
    private final MethodHandle version;
    private final MethodHandle setStream;
    private final MethodHandle setWorkspace;
    private final MethodHandle setMathMode;
    private final MethodHandle gemm;
    private final MethodHandle destroy;
    private long handle;

    /**
     * @param library cuBLAS's symbols
     * @throws java.util.NoSuchElementException when one is missing
     */
    ForeignCublasLibrary(SymbolLookup library) {
        create = function(library, "cublasCreate_v2", JAVA_LONG);
        version = function(library, "cublasGetVersion_v2", JAVA_LONG, JAVA_LONG);
        setStream = function(library, "cublasSetStream_v2", JAVA_LONG, JAVA_LONG);
        setWorkspace = function(library, "cublasSetWorkspace_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG);
        setMathMode = function(library, "cublasSetMathMode", JAVA_LONG, JAVA_INT);
        gemm = function(library, "cublasGemmEx", gemmArguments());
        destroy = function(library, "cublasDestroy_v2", JAVA_LONG);
    }

    private static MethodHandle function(SymbolLookup library, String name, MemoryLayout... arguments) {
        return Linker.nativeLinker()
                .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    /** handle, two operations, m, n, k, alpha, (a, type, leading), (b, …), beta, (c, …), compute type, algorithm. */
    private static MemoryLayout[] gemmArguments() {
        MemoryLayout[] layouts = Collections.nCopies(19, JAVA_INT).toArray(MemoryLayout[]::new);
        for (int wide : new int[] {0, 6, 7, 10, 13, 14}) {
            layouts[wide] = JAVA_LONG;
        }
        return layouts;
    }

    @Override
    public String name() {
        return "java.lang.foreign";
    }

    @Override
    public int create() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment made = arena.allocate(JAVA_LONG);
            int status = (int) create.invokeExact(made.address());
            handle = made.get(JAVA_LONG, 0);
            return status;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public int version(int[] into) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(JAVA_INT);
            int status = (int) version.invokeExact(handle, number.address());
            into[0] = number.get(JAVA_INT, 0);
            return status;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public int setStream(JCudaStream stream) {
        try {
            return (int) setStream.invokeExact(handle, stream.handle());
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public int setWorkspace(long address, long bytes) {
        try {
            return (int) setWorkspace.invokeExact(handle, address, bytes);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public int setMathMode(int mode) {
        try {
            return (int) setMathMode.invokeExact(handle, mode);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public int multiply(CublasProduct product) {
        try {
            return (int) gemm.invokeExact(
                    handle,
                    product.left().operation(),
                    product.right().operation(),
                    product.rows(),
                    product.columns(),
                    product.depth(),
                    ONE,
                    product.left().address(),
                    product.left().cudaType(),
                    product.left().leading(),
                    product.right().address(),
                    product.right().cudaType(),
                    product.right().leading(),
                    product.beta() == 0 ? ZERO : ONE,
                    product.c().address(),
                    product.c().cudaType(),
                    product.c().leading(),
                    COMPUTE_32F,
                    DEFAULT_ALGORITHM);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public int destroy() {
        try {
            return (int) destroy.invokeExact(handle);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(Throwable cause) {
        return new IllegalStateException("cuBLAS: the call failed", cause);
    }
}
