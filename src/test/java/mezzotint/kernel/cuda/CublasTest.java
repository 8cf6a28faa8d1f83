package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both bindings of cuBLAS, on a stand-in that multiplies by the definition and refuses what cuBLAS does. */
class CublasTest {
    private static final String NAMED = "opened CUDA, Stub 0, 0.1 GiB, compute capability 9.0; products by ";

    @TempDir
    private Path folder;

    private Path driver;

    @BeforeEach
    void build() {
        driver = StubCuda.driver(folder);
    }

    @Test
    void multipliesByCublas12ThroughJCuda() {
        StubCuda.cublas(driver, 12);
        assertEquals(List.of("cuBLAS 12.6.4 (JCublas2)", "done"), products(child()));
    }

    @Test
    void multipliesByCublas13ThroughForeignFunctions() {
        StubCuda.cublas(driver, 13, "VERSION=130002");
        assertEquals(List.of("cuBLAS 13.0.2 (java.lang.foreign)", "done"), products(child()));
    }

    @Test
    void needsNoJCublasForCublas12() {
        StubCuda.cublas(driver, 12);
        assertEquals(List.of("cuBLAS 12.6.4 (java.lang.foreign)", "done"), products(child().without(ChildJvm.JCUBLAS)));
        assertEquals(
                List.of("cuBLAS 12.6.4 (java.lang.foreign)", "done"),
                products(child().without(ChildJvm.JCUBLAS_NATIVES)));
    }

    private static List<String> products(ChildJvm child) {
        return child.run(CublasScenario.class).succeeded().output().lines().toList();
    }

    @Test
    void prefersCublas12WithinAFolderAndTheFirstFolderOfAll() throws Exception {
        StubCuda.cublas(driver, 12);
        StubCuda.cublas(driver, 13, "VERSION=130002");
        assertTrue(opened("BEST", child()).contains(NAMED + "cuBLAS 12.6.4 (JCublas2)"));
        Path first = Files.createDirectories(folder.resolve("first"));
        Files.copy(folder.resolve("libcublas.so.13"), first.resolve("libcublas.so.13"));
        ChildJvm both = child().environment(CudaPlaces.FOLDERS_VARIABLE, first + ":" + folder);
        assertTrue(opened("CUBLAS", both).contains(NAMED + "cuBLAS 13.0.2 (java.lang.foreign)"));
    }

    @Test
    void usesWhatWasFetched() throws Exception {
        Path library = StubCuda.cublas(driver, 12);
        Path fetched = Files.createDirectories(folder.resolve("cache/mezzotint/cuda-12.6"));
        Files.move(library, fetched.resolve("libcublas.so.12"));
        ChildJvm child = ChildJvm.in(folder).driver(driver);
        assertTrue(opened("CUBLAS", child).contains(NAMED + "cuBLAS 12.6.4 (JCublas2)"));
    }

    @Test
    void doesWithoutCublasUnlessItWasAskedFor() {
        String best = opened("BEST", child());
        // A real one refuses the stand-in of a driver; no stand-in of cuBLAS is in the folder.
        assumeFalse(best.contains("cublasCreate"), "this machine has a cuBLAS of its own where the system looks");
        assertTrue(best.contains(NAMED + "own kernels"), best);
        String refusal = opened("CUBLAS", child());
        String start =
                "refused cuda:0:cublas cannot be used: there is no libcublas.so.12 or libcublas.so.13 in " + folder;
        String end =
                " nor where the system looks; run `mezzotint cuda fetch`, or name the folder of libcublas.so.12 or .13"
                        + " in MEZZOTINT_CUDA_LIBS, or use this library's own kernels (cuda:own)";
        assertTrue(refusal.lines().anyMatch(line -> line.startsWith(start) && line.endsWith(end)), refusal);
    }

    @Test
    void doesNotFallBackFromACublasThatFails() throws Exception {
        StubCuda.cublas(driver, 12, "CREATE_STATUS=1");
        String refusal = opened("BEST", child());
        assertTrue(
                refusal.contains(
                        "refused cuda:0 cannot be used: cuBLAS: cublasCreate: CUBLAS_STATUS_NOT_INITIALIZED (most"
                            + " often too little free memory, or a driver too old for it); use cuda:own to do without"
                            + " cuBLAS"),
                refusal);
        Files.writeString(folder.resolve("libcublas.so.12"), "not a library");
        String broken = opened("BEST", child());
        assertTrue(
                broken.contains(
                        "refused cuda:0 cannot be used: " + folder.resolve("libcublas.so.12") + " cannot be loaded ("),
                broken);
    }

    private ChildJvm child() {
        return ChildJvm.in(folder).driver(driver).environment(CudaPlaces.FOLDERS_VARIABLE, folder.toString());
    }

    private static String opened(String products, ChildJvm child) {
        return child.run(DetectionReport.class, "0", products).succeeded().output();
    }
}
