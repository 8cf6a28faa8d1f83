package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CpuMemoryTest {
    @Test
    void isAligned() {
        for (long bytes : new long[] {1, 64, 4097, 3 << 20}) {
            try (var memory = CpuMemory.allocate(bytes)) {
                assertEquals(0, memory.address() % (bytes >= 2 << 20 ? 2 << 20 : 64));
                assertEquals(bytes, memory.byteSize());
            }
        }
    }

    @Test
    void givesBackWhatWasWritten() {
        try (var memory = CpuMemory.allocate(100);
                var other = CpuMemory.allocate(50)) {
            memory.fill(0, 100, (byte) 9);
            memory.write(10, MemorySegment.ofArray(new byte[] {1, 2, 3}));
            memory.copyTo(9, other, 20, 5);
            byte[] read = new byte[5];
            other.read(20, MemorySegment.ofArray(read));
            assertEquals("[9, 1, 2, 3, 9]", Arrays.toString(read));
        }
    }

    @Test
    void refusesBytesOutsideItself() {
        try (var memory = CpuMemory.allocate(100)) {
            var four = MemorySegment.ofArray(new byte[4]);
            assertThrows(IndexOutOfBoundsException.class, () -> memory.write(97, four));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.read(97, four));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.fill(97, 4, (byte) 0));
        }
        var thrown = assertThrows(IllegalArgumentException.class, () -> CpuMemory.allocate(0));
        assertEquals("memory: expected a positive number of bytes, got 0", thrown.getMessage());
    }

    /** The switch is a constant of the process, so it takes a process of its own. */
    @Test
    void theSwitchFindsAKernelThatStrays() throws Exception {
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dmezzotint.checkAccess=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StrayAccess.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(probe.waitFor(60, TimeUnit.SECONDS), said);
        assertEquals(0, probe.exitValue(), said);
        assertTrue(said.contains("kept within: fine"), said);
        assertTrue(
                said.matches("(?s).*strayed: 68 bytes at address 0x[0-9a-f]+ are outside every living memory.*"), said);
        assertTrue(said.contains("after its end: "), said);
    }
}
