package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import mezzotint.kernel.DeviceUnavailableException;

/**
 * oneDNN's two matrix products, out of the native library that a Maven artifact carries.
 *
 * <p>The libraries are copied once to the user's cache and stay loaded as long as the JVM lives.
 */
final class OneDnnLibrary {
    private static final String VERSION = "3.11-1.5.13";
    private static final String ARTIFACT = "org.bytedeco:dnnl:" + VERSION + ":linux-x86_64";
    private static final String FOLDER = "org/bytedeco/dnnl/linux-x86_64/";

    /** (transA, transB, M, N, K, alpha, a, lda, b, ldb, beta, c, ldc) → status; row-major, addresses as longs. */
    private static final FunctionDescriptor PRODUCT = FunctionDescriptor.of(
            JAVA_INT,
            JAVA_BYTE,
            JAVA_BYTE,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_FLOAT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_FLOAT,
            JAVA_LONG,
            JAVA_LONG);

    private final MethodHandle product;
    private final MethodHandle setThreads;

    private OneDnnLibrary(MethodHandle product, MethodHandle setThreads) {
        this.product = product;
        this.setThreads = setThreads;
    }

    /**
     * Loads the product of float32 or, with {@code bfloat16}, of bfloat16 inputs; both sum in float32 into float32.
     *
     * @param device the name to blame
     * @throws DeviceUnavailableException when the artifact is missing or its library cannot be loaded
     */
    static OneDnnLibrary open(String device, boolean bfloat16) {
        try {
            Path cache = cache();
            SymbolLookup openMp = load(device, cache, "libgomp.so.1");
            SymbolLookup oneDnn = load(device, cache, "libdnnl.so.3");
            Linker linker = Linker.nativeLinker();
            String name = bfloat16 ? "dnnl_gemm_bf16bf16f32" : "dnnl_sgemm";
            return new OneDnnLibrary(
                    linker.downcallHandle(oneDnn.findOrThrow(name), PRODUCT),
                    linker.downcallHandle(
                            openMp.findOrThrow("omp_set_num_threads"), FunctionDescriptor.ofVoid(JAVA_INT)));
        } catch (IOException e) {
            throw new DeviceUnavailableException(
                    device, "oneDNN cannot be copied to " + cache() + " (" + e + ")", "set XDG_CACHE_HOME", e);
        } catch (IllegalArgumentException | UnsatisfiedLinkError e) {
            throw new DeviceUnavailableException(
                    device, "oneDNN cannot be loaded (" + e.getMessage() + ")", "use cpu, which needs no library", e);
        }
    }

    /**
     * Row-major c = op(a) · op(b) + beta · c on the calling thread alone.
     *
     * @param a address; rows are {@code lda} elements apart
     * @param beta 0 or 1; with 0 the old c is not read
     */
    void multiply(
            boolean transposeA,
            boolean transposeB,
            long m,
            long n,
            long k,
            long a,
            long lda,
            long b,
            long ldb,
            float beta,
            long c,
            long ldc) {
        int status;
        try {
            // OpenMP keeps this number per calling thread, and the callers are our own workers.
            setThreads.invokeExact(1);
            status = (int) product.invokeExact(
                    letter(transposeA), letter(transposeB), m, n, k, 1f, a, lda, b, ldb, beta, c, ldc);
        } catch (Throwable e) {
            throw new IllegalStateException("oneDNN: the call failed", e);
        }
        if (status != 0) {
            throw new IllegalStateException(
                    "oneDNN: product (%d, %d, %d) ended with status %d; 1 is out of memory, ".formatted(m, n, k, status)
                            + "3 not implemented on this processor");
        }
    }

    private static byte letter(boolean transpose) {
        return (byte) (transpose ? 'T' : 'N');
    }

    private static SymbolLookup load(String device, Path cache, String name) throws IOException {
        URL resource = OneDnnLibrary.class.getClassLoader().getResource(FOLDER + name);
        if (resource == null) {
            throw new DeviceUnavailableException(
                    device, "oneDNN is not on the class path", "add the Maven dependency " + ARTIFACT);
        }
        Path library = cache.resolve(name);
        if (!Files.exists(library)) {
            Files.createDirectories(cache);
            Path beside = Files.createTempFile(cache, name, ".part");
            try {
                try (InputStream in = resource.openStream()) {
                    Files.copy(in, beside, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.move(beside, library, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(beside);
            }
        }
        return SymbolLookup.libraryLookup(library, Arena.global());
    }

    private static Path cache() {
        String asked = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        Path base = !asked.isBlank() && Path.of(asked).isAbsolute()
                ? Path.of(asked)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("mezzotint").resolve("onednn-" + VERSION);
    }
}
