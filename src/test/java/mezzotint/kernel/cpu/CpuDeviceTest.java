package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Devices;
import org.junit.jupiter.api.Test;

final class CpuDeviceTest {

    @Test
    void multipliesAndSaysWhatItIs() {
        try (var device = CpuDevice.open(CpuOptions.best().withThreads(2));
                TensorArena arena = device.arena(4096)) {
            assertArrayEquals(new float[] {17}, product(device, arena));
            device.synchronize();
            assertSame(device.kernels(), device.kernels());
            assertTrue(device.toString().startsWith("CPU, 2 threads, "), device.toString());
            assertTrue(device.toString().endsWith("matrix products in Java, float32"), device.toString());
        }
    }

    @Test
    void takesPlainLoopsWhenAskedTo() {
        try (var device = CpuDevice.open(CpuOptions.parse("plain").withThreads(1));
                TensorArena arena = device.arena(4096)) {
            assertArrayEquals(new float[] {17}, product(device, arena));
            assertEquals(
                    "CPU, 1 thread, plain Java loops, as asked; matrix products in Java, float32", device.toString());
        }
    }

    @Test
    void opensEveryWidthOfThisMachineByName() {
        for (String name : List.of("vector256", "vector512")) {
            if (Devices.machineWidth().name().compareTo("BITS_" + name.substring(6)) >= 0
                    && Devices.machineWidth() != VectorWidth.PLAIN) {
                try (var device = CpuDevice.open(CpuOptions.parse(name).withThreads(1))) {
                    assertTrue(device.toString().contains(name.substring(6) + " bits"), device.toString());
                }
            }
        }
    }

    @Test
    void refusesWiderVectorsThanThisMachineHas() {
        assumeTrue(Devices.machineWidth() != VectorWidth.BITS_512);
        CpuOptions options = CpuOptions.parse("vector512");
        assertThrows(DeviceUnavailableException.class, () -> CpuDevice.open(options));
    }

    @Test
    void namesWhatItKnowsWhenANameIsWrong() {
        var e = assertThrows(IllegalArgumentException.class, () -> CpuOptions.parse("vector1024"));
        assertEquals(
                "cpu kernels: expected one of best, vector512, vector256, plain, onednn, onednn-bf16, got 'vector1024'",
                e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> CpuOptions.best().withThreads(0));
    }

    @Test
    void worksOnPlainLoopsWithoutTheVectorModule() throws Exception {
        List<String> said = run(List.of(), "open");
        assertEquals("17.0", said.get(0));
        assertEquals(
                "CPU, 2 threads, plain Java loops: start Java with --add-modules jdk.incubator.vector for vectors, "
                        + "ten times faster; matrix products in Java, float32",
                said.get(1));
    }

    @Test
    void refusesNamedVectorsWithoutTheModule() throws Exception {
        assertEquals(
                List.of("cpu:vector512 cannot be used: the JVM was started without the module jdk.incubator.vector; "
                        + "start Java with --add-modules jdk.incubator.vector, or ask for cpu:plain"),
                run(List.of(), "vector512"));
    }

    @Test
    void namesTheArtifactWhenOneDnnIsMissing() throws Exception {
        assertEquals(
                List.of("cpu:onednn cannot be used: oneDNN is not on the class path; "
                        + "add the Maven dependency org.bytedeco:dnnl:3.11-1.5.13:linux-x86_64"),
                run(List.of(), "onednn"));
    }

    /** HotSpot has the command for directives only together with two modules, which an image made by jlink may lack. */
    @Test
    void saysSoWhenTheCompilerCannotBeDirected() throws Exception {
        assumeTrue(Devices.machineWidth() != VectorWidth.PLAIN);
        for (String modules : List.of("", ",jdk.management", ",jdk.jfr")) {
            List<String> said = run(
                    List.of(
                            "--add-modules",
                            "jdk.incubator.vector",
                            "--limit-modules",
                            "jdk.incubator.vector,java.management" + modules),
                    "open");
            assertEquals("17.0", said.get(0));
            String warning = "it takes no directives; it would with the modules jdk.management and jdk.jfr)";
            assertTrue(said.get(1).contains(warning), said.get(1));
        }
        List<String> both = List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "--limit-modules",
                "jdk.incubator.vector,java.management,jdk.management,jdk.jfr");
        assertTrue(run(both, "open").get(1).contains(" bits; matrix products in Java"));
    }

    /**
     * C1 gives up on the large kernels and leaves them interpreted, a hundred times slower: a ratio within one run shows it,
     * and 2 is far below the 10 and more of a compiled kernel, even on a busy machine. In a JVM of its own, because a kernel
     * is at speed only where one vector width is used.
     */
    @Test
    void hotKernelsAreCompiled() throws Exception {
        assumeTrue(Devices.machineWidth() != VectorWidth.PLAIN);
        double ratio = Double.parseDouble(
                run(List.of("--add-modules", "jdk.incubator.vector"), "speed").get(0));
        assertTrue(ratio >= 2, "the tile kernel is only " + ratio + " times as fast as a plain loop");
    }

    private static float[] product(CpuDevice device, TensorArena arena) {
        return DeviceProbe.product(device, arena).toFloats();
    }

    /** What {@link DeviceProbe} prints in a fresh JVM without oneDNN, line by line. */
    private static List<String> run(List<String> flags, String argument) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-cp"));
        command.add(Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("dnnl-"))
                .collect(Collectors.joining(File.pathSeparator)));
        command.addAll(List.of(DeviceProbe.class.getName(), argument));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var output = process.getInputStream()) {
            List<String> lines = new String(output.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the JVM is still running");
            assertEquals(0, process.exitValue(), "exit code");
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }
}
