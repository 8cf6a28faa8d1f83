package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9}, fifty times, in the midst of writing checkpoints: the next process always goes on from the newest. */
class KillTest {
    private static final int KILLS = 50;
    private static final int RUNS = 2; // at once, one a core
    private static final int MOST_FILES = 6;
    private static final long LIMIT_SECONDS = 120; // many times what it takes on a slow machine

    @TempDir
    Path folder;

    @Test
    void fiftyKillsAlwaysResume() {
        List<Long> reached = IntStream.range(0, RUNS)
                .parallel()
                .mapToObj(run -> killedOverAndOver(folder.resolve("run-" + run), new Random(run)))
                .toList();
        reached.forEach(step -> assertTrue(step >= KILLS / RUNS, "every process but for the killed moment gets on"));
    }

    /** The last step that a process said it had saved. */
    private static long killedOverAndOver(Path run, Random random) {
        long saved = 0;
        for (int kill = 0; kill < KILLS / RUNS; kill++) {
            Process process = start(run);
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                long resumed = number("resumed", lines.readLine());
                // What it said it saved is there; what it had saved and not yet said may be.
                assertTrue(resumed == saved || resumed == saved + 1, "resumed " + resumed + " after saving " + saved);
                saved = number("saved", lines.readLine());
                assertEquals(resumed + 1, saved);
                awaitHalfWritten(run, random.nextInt(MOST_FILES), process);
                process.toHandle().destroyForcibly(); // SIGKILL; Process.destroyForcibly would close the pipe too
                assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
                for (String line = lines.readLine();
                        line != null && line.matches("saved \\d+");
                        line = lines.readLine()) {
                    saved = number("saved", line);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                process.destroyForcibly();
            }
        }
        return saved;
    }

    /** Looks, again and again, until a checkpoint is being written and has so many files. */
    private static void awaitHalfWritten(Path run, int files, Process process) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (halfWritten(run) < files && process.isAlive()) {
            assertTrue(System.nanoTime() < end, "it writes no checkpoints");
            Thread.onSpinWait();
        }
    }

    private static long halfWritten(Path run) throws IOException {
        try (Stream<Path> entries = Files.list(run)) {
            for (Path entry :
                    entries.filter(e -> e.toString().endsWith(".partial")).toList()) {
                try (Stream<Path> all = Files.walk(entry)) {
                    return all.count();
                }
            }
            return -1;
        } catch (NoSuchFileException | java.io.UncheckedIOException e) {
            return -1; // renamed while it was looked at
        }
    }

    private static long number(String word, String line) {
        assertTrue(line != null && line.matches(word + " \\d+"), () -> "expected " + word + ", got " + line);
        return Long.parseLong(line.substring(word.length() + 1));
    }

    private static Process start(Path run) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                classPath(),
                CheckpointLoop.class.getName(),
                run.toString());
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where this process has the classes that the other one needs: few entries make a quick start. */
    private static String classPath() {
        return Stream.of(
                        CheckpointLoop.class,
                        TrainingRuns.class,
                        ObjectMapper.class,
                        JsonFactory.class,
                        JsonInclude.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }
}
