package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    @Test
    void tellsOfEverythingThatMatters() {
        Command command = Command.run("doctor", "--threads", "1");
        assertEquals(0, command.status(), command.err());
        for (String what : List.of(
                "Java",
                "JVM flags",
                "vector module",
                "processor",
                "memory",
                "device",
                "oneDNN",
                "CUDA",
                "cache",
                "npm",
                "built-in model")) {
            assertTrue(
                    command.out().lines().anyMatch(line -> line.startsWith(what + " ")), what + " in " + command.out());
        }
        assertTrue(command.out().contains("CUDA driver  "), "a step of detection in " + command.out());
        assertTrue(command.out().contains("CPU, 1 thread, "), command.out());
    }

    @Test
    void explainsEveryCommand() {
        for (String name : List.of("quickstart", "train", "sample", "data", "cuda", "doctor", "verify")) {
            Command command = Command.run(name, "--help");
            assertEquals(0, command.status(), command.err());
            assertTrue(command.out().startsWith("Usage: mezzotint " + name), command.out());
            assertTrue(
                    Command.run().out().contains("\n  " + name + " "),
                    Command.run().out());
        }
        assertEquals(
                Main.VERSION + System.lineSeparator(), Command.run("--version").out());
    }
}
