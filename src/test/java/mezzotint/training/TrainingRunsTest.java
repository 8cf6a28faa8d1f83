package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import mezzotint.data.BatchLoader;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FolderManifest;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoint a run's folder stands for, whatever happened to the files. */
class TrainingRunsTest {
    private static final BatchLoader.State LOADER = new BatchLoader.State(3, 8, 1, 2, 5);
    private static final LossByTime.State LOSSES =
            new LossByTime.State(List.of(0.1, 1 / 3.0, Double.MIN_VALUE), List.of(1L, 2L, 3L));

    @TempDir
    Path folder;

    private static Path checkpoint(Path run, long step) {
        return TrainingRuns.save(run, step, 100, partial -> {
            AtomicFolders.make(partial.resolve("training"));
            var counters = new Checkpoint.Counters(step, step - 1, 1, true, LOSSES);
            new Checkpoint(new TrainingConfigFile().write(TrainingConfig.QUICKSTART), counters, LOADER).write(partial);
        });
    }

    @Test
    void theNewestIsTakenAndReadBackAsItWas() throws IOException {
        checkpoint(folder, 99);
        Path newest = checkpoint(folder, 1000);
        checkpoint(folder, 500);
        Files.createDirectories(folder.resolve("checkpoint-00002000.partial/training"));
        Files.writeString(folder.resolve("checkpoint-00002000.partial/training/state.json"), "{}");
        assertEquals(newest, TrainingRuns.newestCheckpoint(folder, damage -> {
            throw new AssertionError(damage);
        }));
        assertEquals(newest, TrainingRuns.newestCheckpoint(newest));
        assertTrue(TrainingRuns.hasCheckpoint(folder));
        assertEquals(TrainingConfig.QUICKSTART, TrainingRuns.configOf(newest));
        Checkpoint read = Checkpoint.read(newest);
        assertEquals(new Checkpoint.Counters(1000, 999, 1, true, LOSSES), read.counters());
        assertEquals(LOADER, read.loader());
    }

    @Test
    void damagedOnesAreLeftOutWithASentence() throws IOException {
        Path whole = checkpoint(folder, 1);
        Path changed = checkpoint(folder, 2);
        Files.writeString(changed.resolve(Checkpoint.STATE), " ", java.nio.file.StandardOpenOption.APPEND);
        Path without = checkpoint(folder, 3);
        Files.delete(without.resolve(FolderManifest.NAME));
        Path torn = checkpoint(folder, 4);
        Files.delete(torn.resolve(Checkpoint.STATE));
        List<String> said = new ArrayList<>();
        assertEquals(whole, TrainingRuns.newestCheckpoint(folder, said::add));
        long bytes = Files.size(changed.resolve(Checkpoint.STATE));
        assertEquals(
                List.of(
                        "left out checkpoint %s, which is damaged: training/state.json is missing".formatted(torn),
                        "left out checkpoint %s, which is damaged: it has no manifest.json that can be read"
                                .formatted(without),
                        "left out checkpoint %s, which is damaged: training/state.json has %d bytes, the manifest says %d"
                                .formatted(changed, bytes, bytes - 1)),
                said);
    }

    @Property(tries = 25)
    void aChangedByteAnywhereIsNoticed(@ForAll long seed, @ForAll @IntRange(min = 1, max = 255) int change)
            throws IOException {
        Path run = Files.createTempDirectory("mezzotint");
        try {
            Path whole = checkpoint(run, 1);
            Path hurt = checkpoint(run, 2);
            Path file = hurt.resolve(seed % 2 == 0 ? Checkpoint.STATE : FolderManifest.NAME);
            byte[] bytes = Files.readAllBytes(file);
            int at = new Random(seed).nextInt(bytes.length);
            boolean layout = isJsonSpace(bytes[at]) && isJsonSpace(bytes[at] ^ change);
            bytes[at] ^= (byte) change;
            Files.write(file, bytes);
            boolean harmless = file.endsWith(FolderManifest.NAME) && layout;
            assertEquals(
                    harmless ? hurt : whole,
                    TrainingRuns.newestCheckpoint(run),
                    () -> "byte %d of %s".formatted(at, file));
        } finally {
            AtomicFolders.delete(run);
        }
    }

    /** White space between JSON's tokens: these four alone (RFC 8259, §2), fewer than {@link Character#isWhitespace}. */
    private static boolean isJsonSpace(int character) {
        return " \t\n\r".indexOf(character) >= 0;
    }

    @Test
    void onlyTheNewestAreKeptAndNothingHalfWritten() throws IOException {
        Path old = checkpoint(folder, 1);
        Path second = checkpoint(folder, 2);
        Path third = checkpoint(folder, 10);
        Path future = checkpoint(folder, 30);
        Path dead = Files.createDirectories(folder.resolve("checkpoint-00000005.partial/training"));
        Path last = TrainingRuns.save(folder, 20, 2, partial -> {});
        assertEquals(List.of(third, last, future), TrainingRuns.checkpoints(folder), "later ones are not older ones");
        assertFalse(Files.exists(old) || Files.exists(second) || Files.exists(dead.getParent()));
    }

    @Test
    void aWholeOneOfTheSameStepStaysAndADamagedOneIsReplaced() throws IOException {
        Path path = checkpoint(folder, 7);
        TrainingRuns.save(folder, 7, 2, partial -> {
            throw new AssertionError("it is there");
        });
        Files.delete(path.resolve(Checkpoint.STATE));
        assertEquals(path, checkpoint(folder, 7));
        assertEquals(path, TrainingRuns.newestCheckpoint(folder));
    }

    @Test
    void foldersWithoutAWholeCheckpointAreRefused() throws IOException {
        assertRefused(folder + " has no checkpoint to resume from", folder);
        Path none = folder.resolve("none");
        assertRefused(none + " does not exist, so there is nothing to resume from", none);
        assertFalse(TrainingRuns.hasCheckpoint(none));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertRefused(file + " is a file; expected the folder of a run or of a checkpoint", file);
        var no = assertThrows(InvalidCheckpointException.class, () -> TrainingRuns.configOf(folder));
        assertEquals(
                folder + " is no checkpoint: it has no training/state.json;"
                        + " give a run folder or one of its checkpoints",
                no.getMessage());
        Path run = folder.resolve("run");
        Path bad = checkpoint(run, 7);
        Files.writeString(bad.resolve(Checkpoint.STATE), "{\"step\": 7}");
        assertRefused(
                run
                        + " has no whole checkpoint to resume from: its only one is damaged; start a new run in"
                        + " another folder",
                run);
        assertRefused(
                "checkpoint %s is damaged: training/state.json has 11 bytes, the manifest says %s; give another one, or the run's folder for its newest whole one"
                        .formatted(
                                bad,
                                mezzotint.io.Json.readObject(bad.resolve(FolderManifest.NAME))
                                        .path("files")
                                        .path(Checkpoint.STATE)
                                        .path("bytes")),
                bad);
        assertTrue(TrainingRuns.hasCheckpoint(run), "a new run does not begin over a damaged one");
        Checkpoint.seal(bad); // whole, and yet of no use
        var torn = assertThrows(InvalidCheckpointException.class, () -> Checkpoint.read(bad));
        assertEquals(
                bad + " is no checkpoint: training/state.json lacks step, config or loader, or has them wrong;"
                        + " resume from another checkpoint",
                torn.getMessage());
    }

    private static void assertRefused(String sentence, Path path) {
        var failure = assertThrows(InvalidCheckpointException.class, () -> TrainingRuns.newestCheckpoint(path));
        assertEquals(sentence, failure.getMessage());
    }
}
