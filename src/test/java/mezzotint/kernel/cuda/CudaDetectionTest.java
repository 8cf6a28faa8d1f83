package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mezzotint.kernel.cuda.CudaDetection.Check;
import mezzotint.kernel.cuda.CudaDetection.Failed;
import mezzotint.kernel.cuda.CudaDetection.Passed;
import mezzotint.kernel.cuda.CudaDetection.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaDetectionTest {
    private static final String UPDATE = "install NVIDIA's driver 525 or newer";

    @TempDir
    private Path folder;

    @Test
    void missesADriverThatIsNotThere() {
        CudaDetection detection = detect("libcuda-of-nobody.so.1");
        assertEquals(
                List.of(
                        new Step(Check.PLATFORM, new Passed("Linux on amd64")),
                        new Step(Check.DRIVER_LIBRARY, new Failed("libcuda-of-nobody.so.1 cannot be loaded", UPDATE))),
                detection.steps());
        assertFalse(detection.isUsable());
        assertTrue(detection.gpus().isEmpty());
    }

    @Test
    void missesAFunctionThatADriverLacks() {
        CudaDetection detection = detect("libc.so.6");
        assertEquals(
                new Step(Check.DRIVER_LIBRARY, new Failed("libc.so.6 has no cuInit", UPDATE)),
                detection.failure().orElseThrow());
    }

    @Test
    void takesAFileThatIsNoLibrary() throws IOException {
        Path text = Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
        assertEquals(
                new Step(Check.DRIVER_LIBRARY, new Failed(text + " cannot be loaded", UPDATE)),
                detect(text.toString()).failure().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        INIT_STATUS=100     | INITIALISATION     | cuInit: CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected) | there is no GPU that the driver may use: look at nvidia-smi and CUDA_VISIBLE_DEVICES, and start a container with --gpus all
        INIT_STATUS=804     | INITIALISATION     | cuInit: CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE (the stub's words) | the driver's library and its kernel module are not of one version: restart the machine, or install the driver anew
        INIT_STATUS=999     | INITIALISATION     | cuInit: CUDA_ERROR_UNKNOWN (the stub's words) | look at what nvidia-smi says
        DRIVER_VERSION=11040 | DRIVER_VERSION    | CUDA 11.4, and 12.0 is the oldest that runs these kernels | install NVIDIA's driver 525 or newer
        GPUS=0              | GPUS               | there is no GPU | there is no GPU that the driver may use: look at nvidia-smi and CUDA_VISIBLE_DEVICES, and start a container with --gpus all
        CAPABILITY=75       | COMPUTE_CAPABILITY | 7.5, and these kernels want 8.0 | use a GPU of the Ampere generation (A100, RTX 30) or newer
        """)
    void saysWhatADriverLacks(String define, Check check, String found, String remedy) {
        Path driver = StubCuda.harmlessDriver(folder, define);
        CudaDetection detection = detect(driver.toString());
        assertEquals(
                new Step(check, new Failed(found, remedy)), detection.steps().getLast());
    }

    @Test
    void describesEveryStepUpToJCuda() {
        Path driver = StubCuda.driver(folder, "GPUS=2");
        var result = ChildJvm.in(folder)
                .driver(driver)
                .run(DetectionReport.class, "1", "OWN")
                .succeeded();
        Path unpacked = folder.resolve("cache/mezzotint/jcuda-12.6.0/libJCudaDriver-12.6.0-linux-x86_64.so");
        assertEquals(
                List.of(
                        "step " + new Step(Check.PLATFORM, new Passed("Linux on amd64")),
                        "step " + new Step(Check.DRIVER_LIBRARY, new Passed(driver.toString())),
                        "step " + new Step(Check.INITIALISATION, new Passed("cuInit succeeds")),
                        "step " + new Step(Check.DRIVER_VERSION, new Passed("CUDA 12.6")),
                        "step "
                                + new Step(
                                        Check.GPUS,
                                        new Passed("0: Stub 0, 0.1 GiB, compute capability 9.0; 1: Stub 1, 0.1 GiB,"
                                                + " compute capability 9.0")),
                        "step " + new Step(Check.COMPUTE_CAPABILITY, new Passed("9.0")),
                        "step "
                                + new Step(
                                        Check.JCUDA_JARS, new Passed("JCuda 12.6.0 and its natives for linux-x86_64")),
                        "step " + new Step(Check.JCUDA_UNPACKED, new Passed(unpacked.toString())),
                        "step "
                                + new Step(
                                        Check.JCUDA_LOADED,
                                        new Passed("libJCudaDriver-12.6.0-linux-x86_64.so is loaded")),
                        "gpu Stub 0, 0.1 GiB, compute capability 9.0",
                        "gpu Stub 1, 0.1 GiB, compute capability 9.0",
                        "opened CUDA, Stub 1, 0.1 GiB, compute capability 9.0; products by own kernels",
                        "opened CUDA, Stub 1, 0.1 GiB, compute capability 9.0; products by own kernels"),
                result.output().lines().toList());
    }

    @Test
    void refusesWithoutADriverInAProcessThatDeniesNativeAccess() {
        var allowed = ChildJvm.in(folder)
                .flag("-Dmezzotint.cuda.driver=libcuda-of-nobody.so.1")
                .run(DetectionReport.class, "0", "BEST")
                .succeeded();
        assertRefused(
                allowed,
                "cuda:0 cannot be used: libcuda-of-nobody.so.1 cannot be loaded; install NVIDIA's driver 525 or newer");
        var denied = ChildJvm.withoutNativeAccess(folder)
                .run(DetectionReport.class, "0", "BEST")
                .succeeded();
        assertRefused(
                denied,
                "cuda:0 cannot be used: Java may not call native code; start java with"
                        + " --enable-native-access=ALL-UNNAMED");
    }

    @ParameterizedTest
    @CsvSource({
        "jcuda/driver/JCudaDriver.class, org.jcuda:jcuda:12.6.0",
        "lib/libJCudaDriver-12.6.0-linux-x86_64.so, org.jcuda:jcuda-natives:12.6.0:linux-x86_64"
    })
    void namesTheMavenDependencyThatIsMissing(String resource, String coordinate) {
        var result = ChildJvm.in(folder)
                .driver(StubCuda.driver(folder))
                .without(resource)
                .run(DetectionReport.class, "0", "OWN")
                .succeeded();
        assertRefused(
                result,
                "cuda:0:own cannot be used: %s is not on the class path; add the Maven dependency %s"
                        .formatted(coordinate, coordinate));
    }

    @Test
    void loadsItsOwnCopyWhateverLiesInTheTemporaryFolder() throws IOException {
        String name = "libJCudaDriver-12.6.0-linux-x86_64.so";
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        Files.writeString(temporary.resolve(name), "planted");
        Path cached = folder.resolve("cache/mezzotint/jcuda-12.6.0").resolve(name);
        Files.createDirectories(cached.getParent());
        Files.writeString(cached, "half a library");
        Path driver = StubCuda.driver(folder);
        for (String place : List.of(temporary.toString(), driver + "/cannot/be/made")) {
            var result = ChildJvm.in(folder)
                    .driver(driver)
                    .flag("-Djava.io.tmpdir=" + place)
                    .run(DetectionReport.class, "0", "OWN")
                    .succeeded();
            assertTrue(result.output().contains("opened CUDA, Stub 0"), result.output());
        }
        assertEquals("planted", Files.readString(temporary.resolve(name)));
        assertTrue(Files.size(cached) > 1 << 20, "unpacked anew");
    }

    @Test
    void saysThatTheCacheCannotBeWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("occupied"), "a file, not a folder");
        var result = ChildJvm.in(folder)
                .driver(StubCuda.driver(folder))
                .environment("XDG_CACHE_HOME", file.toString())
                .run(DetectionReport.class, "0", "OWN")
                .succeeded();
        String unpacked = file + "/mezzotint/jcuda-12.6.0/libJCudaDriver-12.6.0-linux-x86_64.so cannot be written (";
        String start = "refused cuda:0:own cannot be used: " + unpacked;
        String end = "); make that folder writable, or set XDG_CACHE_HOME to one that is";
        assertTrue(
                result.output().lines().anyMatch(line -> line.startsWith(start) && line.endsWith(end)),
                result.output());
    }

    @Test
    void passesOnWhyTheLinkerDoesNotLoadJCuda() {
        assumeFalse(
                detect(CudaPlaces.DRIVER_LIBRARY).steps().size() > 2,
                "skipped: this machine has a driver, which JCuda's library would take");
        var result = ChildJvm.in(folder)
                .driver(StubCuda.harmlessDriver(folder)) // answers every question, and is not what the library asks for
                .run(DetectionReport.class, "0", "OWN")
                .succeeded();
        String library = folder + "/cache/mezzotint/jcuda-12.6.0/libJCudaDriver-12.6.0-linux-x86_64.so";
        String why =
                "(java.lang.UnsatisfiedLinkError: %s: libcuda.so.1: cannot open shared object file: No such file or"
                        + " directory); update the driver, and start java anew: a second try in this process fails for"
                        + " ever";
        assertTrue(
                result.output()
                        .contains("refused cuda:0:own cannot be used: %s cannot be loaded ".formatted(library)
                                + why.formatted(library)),
                result.output());
    }

    @Test
    void refusesAGpuThatIsNotThere() {
        var result = ChildJvm.in(folder)
                .driver(StubCuda.driver(folder, "GPUS=2"))
                .run(DetectionReport.class, "2", "BEST")
                .succeeded();
        assertRefused(result, "cuda:2 cannot be used: there are 2 GPUs here; use cuda:0 to cuda:1");
    }

    @Test
    void passesOnWhyAContextCannotBeHad() {
        var result = ChildJvm.in(folder)
                .driver(StubCuda.driver(folder, "RETAIN_STATUS=2"))
                .run(DetectionReport.class, "0", "OWN")
                .succeeded();
        assertRefused(
                result,
                "cuda:0:own cannot be used: context of GPU 0 on Stub 0: CUDA_ERROR_OUT_OF_MEMORY (the stub's words);"
                        + " look at nvidia-smi: another process may hold the GPU or its memory");
    }

    @Test
    void looksWhereTheEnvironmentSays() {
        CudaPlaces places = CudaPlaces.of(
                Map.of("MEZZOTINT_CUDA_LIBS", "/one:/two", "XDG_CACHE_HOME", "/cache", "CUDA_HOME", "/opt/cuda"),
                CudaPlaces.DRIVER_LIBRARY);
        assertEquals(
                List.of(
                        Path.of("/one"),
                        Path.of("/two"),
                        Path.of("/cache/mezzotint/cuda-12.6"),
                        Path.of("/opt/cuda/lib64"),
                        Path.of("/usr/local/cuda/lib64")),
                places.folders());
        assertEquals(Path.of("/cache/mezzotint"), places.cache());
    }

    private CudaDetection detect(String library) {
        return CudaDetection.in(new CudaPlaces(library, List.of(), folder));
    }

    private static void assertRefused(ChildJvm.Result result, String message) {
        List<String> refusals = result.output()
                .lines()
                .filter(line -> line.startsWith("refused "))
                .toList();
        assertEquals(List.of("refused " + message, "refused " + message), refusals, result.output());
    }
}
