package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import mezzotint.kernel.cuda.CudaOptions.Products;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a GPU; skipped where detection finds none. */
class GpuTest {
    @TempDir
    private Path folder;

    private CudaDetection detection;
    private CudaDevice device;

    @BeforeEach
    void open() {
        detection = CudaDetection.in(CudaPlaces.ofSystem());
        assumeTrue(
                detection.isUsable(),
                () -> "skipped: no GPU to test on: "
                        + detection.failure().orElseThrow().outcome().found());
        device = CudaDevice.open(CudaOptions.of(0).withProducts(Products.OWN));
    }

    @AfterEach
    void close() {
        if (device != null) {
            device.close();
        }
    }

    @Test
    void copiesWhatWasWritten() {
        var checks = new DriverChecks(device.driver());
        checks.copies(101);
        checks.copies((9 << 20) + 13);
    }

    @Test
    void passesArgumentsOfEveryWidth() {
        new DriverChecks(device.driver()).launches();
    }

    @Test
    void givesAsMuchSharedMemoryAsTheDeviceHas() {
        new DriverChecks(device.driver()).givesSharedMemory();
    }

    @Test
    void ordersStreamsByEvents() {
        new DriverChecks(device.driver()).ordersStreams();
    }

    @Test
    void replaysACaptureAsADirectRun() {
        new DriverChecks(device.driver()).replaysACapture();
    }

    @Test
    void runsOutOfMemoryWithTheNumbers() {
        long all = detection.gpus().getFirst().bytes();
        var thrown = assertThrows(OutOfMemoryError.class, () -> device.arena(all + (1L << 30)));
        assertTrue(thrown.getMessage().startsWith("GPU memory: wanted "), thrown.getMessage());
        device.arena(1 << 20).close(); // the context has taken no harm
    }

    @Test
    void passesOnWhatTheCompilerOfPtxSays() {
        String broken = DriverChecks.ptx().replaceFirst("bar\\.sync", "bar.sinc");
        var thrown =
                assertThrows(ModuleRefusedException.class, () -> device.driver().load("broken", broken));
        assertTrue(thrown.getMessage().startsWith("module broken on "), thrown.getMessage());
        // Compilers of 12 and 13 quote the instruction or its modifier.
        assertTrue(thrown.getMessage().contains("sinc'"), thrown.getMessage());
    }

    @Test
    void refusesABlockThatIsTooLargeForTheDevice() {
        CudaFunction count =
                device.driver().load("driver_check", DriverChecks.ptx()).function("count_u32");
        try (var arguments = new LaunchArguments()) {
            var grid = new LaunchGrid(1, 65_535, 65_535, 1, 1, 64, 0);
            arguments.begin().wide(0).integer(0);
            assertThrows(
                    LaunchRefusedException.class,
                    () -> device.driver().launch(device.stream(), count, grid.withShared(1 << 30), arguments));
        }
    }

    @Test
    void tellsOfAKernelThatWritesNowhere() {
        List<String> said = ChildJvm.in(folder)
                .run(GpuFault.class)
                .succeeded()
                .output()
                .lines()
                .toList();
        assertEquals(3, said.size(), said.toString());
        assertTrue(said.getFirst().startsWith("lost: waiting for a stream on "), said.toString());
        assertTrue(
                said.getFirst().contains("; the last one launched is scale_f32 (grid 1 × 1 × 1 of blocks 32 × 1 × 1, "),
                said.toString());
        assertTrue(said.get(1).startsWith("lost: "), said.toString());
        assertEquals("closed", said.getLast());
    }

    /** In a process of its own, since the library stays loaded. */
    @Test
    void multipliesByCublas() {
        assumeTrue(
                CublasSearch.find(CudaPlaces.ofSystem()).isPresent(),
                () -> "skipped: " + CublasSearch.absence(CudaPlaces.ofSystem()));
        String folders = System.getenv().getOrDefault(CudaPlaces.FOLDERS_VARIABLE, "");
        List<String> said = ChildJvm.in(folder)
                .environment(CudaPlaces.FOLDERS_VARIABLE, folders)
                .run(CublasScenario.class)
                .succeeded()
                .output()
                .lines()
                .toList();
        // cuBLAS itself complains on the same stream of the product that it is meant to refuse.
        assertTrue(said.contains("done"), said.toString());
    }
}
