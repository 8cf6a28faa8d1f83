package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A vector that C2 fails to keep in a register becomes an object: correct, and ten times slower. */
class RowAllocationTest {
    /** What handing out a loop takes; a single boxed vector in a loop of 1,920 elements would be over 10,000. */
    private static final int MOST_BYTES = 1024;

    /** In a process of its own, where compilation is not left to the background. */
    @Test
    void compiledKernelsAllocateNothingInTheirLoops() throws Exception {
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xbatch",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AllocationProbe.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(probe.waitFor(120, TimeUnit.SECONDS), said);
        assertEquals(0, probe.exitValue(), said);
        List<String> lines =
                said.lines().filter(line -> line.startsWith("bytes ")).toList();
        assertEquals(52, lines.size(), said);
        for (String line : lines) {
            assertTrue(Long.parseLong(line.split(" ", 3)[1]) <= MOST_BYTES, line);
        }
    }
}
