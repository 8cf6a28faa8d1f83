package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mezzotint.io.FolderManifest;
import mezzotint.training.TrainingRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C and {@code kill -9}, in a process of its own. */
class InterruptTest {
    private static final long LIMIT_SECONDS = 120; // many times what it takes on a slow machine

    /** Its bit in a mask of signals; it is number 2. */
    private static final long SIGINT = 1 << 1;

    @TempDir
    Path folder;

    @Test
    void endsWithACheckpointAndSaysHowToGoOn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")) || Files.isExecutable(Path.of("/usr/bin/kill")), "no kill");
        assumeFalse(ignoresInterrupts(), "a job in the background ignores Ctrl-C, and so do its children");
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

    /** Three times {@code kill -9} at a step that is being saved, then to the end: the same bits as in one go. */
    @Test
    void killedAgainAndAgainItEndsWhereItWouldHave() throws Exception {
        int steps = 24;
        String[] often = {"--set", "run.checkpoint_every=1", "--set", "run.seed=4"};
        Path straight = folder.resolve("straight");
        Command command = Command.train(straight, steps, often);
        assertEquals(0, command.status(), command.err());
        Path run = folder.resolve("killed");
        for (int kill = 0; kill < 3; kill++) {
            List<String> line = kill == 0
                    ? Command.trainLine(run, steps, often)
                    : List.of("train", "--resume", "--run", run.toString(), "--threads", "1");
            Process process = start(line);
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                String said = lines.readLine();
                for (int step = 0; said != null && step < 2 + kill; said = lines.readLine()) {
                    step += said.startsWith("step ") ? 1 : 0;
                }
                process.toHandle().destroyForcibly();
                assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
            } finally {
                process.destroyForcibly();
            }
            assertTrue(TrainingRuns.hasCheckpoint(run), "it had saved a step before it was killed");
        }
        Command resumed = Command.run("train", "--resume", "--run", run.toString(), "--threads", "2");
        assertEquals(0, resumed.status(), resumed.err());
        String last = "checkpoint-%08d".formatted(steps);
        assertEquals(FolderManifest.hashes(straight.resolve(last)), FolderManifest.hashes(run.resolve(last)));
        assertEquals(steps, Files.readAllLines(run.resolve("log.jsonl")).size());
        try (var left = Files.walk(run)) {
            assertFalse(left.anyMatch(file -> file.toString().matches(".*\\.partial")));
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

    /** Whether this process was started with SIGINT ignored; where the system does not tell, it was not. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return false;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & SIGINT) != 0);
    }

    private static void interrupt(Process process) throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor());
    }
}
