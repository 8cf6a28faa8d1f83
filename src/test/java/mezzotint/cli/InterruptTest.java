package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mezzotint.training.TrainingRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, in a process of its own. */
class InterruptTest {
    private static final long LIMIT_SECONDS = 120; // many times what it takes on a slow machine

    @TempDir
    Path folder;

    @Test
    void endsWithACheckpointAndSaysHowToGoOn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")) || Files.isExecutable(Path.of("/usr/bin/kill")), "no kill");
        Path run = folder.resolve("my run");
        Process process = start(Command.trainLine(run, 1_000_000));
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("step ")) {
                said.add(line);
                line = lines.readLine();
            }
            assertTrue(line != null, () -> "it ended before its first line: " + said);
            interrupt(process);
            for (line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
            }
            assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(130, process.exitValue(), said.toString());
        assertFalse(said.stream().anyMatch(line -> line.contains("Exception")), said.toString());
        Path checkpoint = TrainingRuns.newestCheckpoint(run);
        long steps = Long.parseLong(checkpoint.getFileName().toString().replaceAll("\\D", ""));
        assertTrue(
                said.contains("stopped after step %d; to go on: mezzotint train --resume --run '%s' --threads 1"
                        .formatted(steps, run)),
                said.toString());
        assertEquals(steps, Files.readAllLines(run.resolve("log.jsonl")).size());
        try (var left = Files.walk(run)) {
            assertFalse(left.anyMatch(file -> file.toString().matches(".*\\.(partial|tmp)")));
        }
    }

    private static Process start(List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "mezzotint.cli.Main"));
        line.addAll(arguments);
        return new ProcessBuilder(line).redirectErrorStream(true).start();
    }

    private static void interrupt(Process process) throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor());
    }
}
