package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FileWriteException;
import mezzotint.io.FolderManifest;
import mezzotint.kernel.Device;
import mezzotint.testing.FrailDisk;
import mezzotint.testing.FrailDisk.Crash;
import mezzotint.testing.FrailDisk.End;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that dies, at every single change to the disk that writing a checkpoint makes, or a disk that fills up at every other one: the newest
 * whole checkpoint is then the one before or the new one, bit for bit, and the next attempt (every fourth is made) succeeds.
 */
class CrashTest {
    @TempDir
    static Path scratch;

    private static Device device;
    private static Trainer trainer;
    private static Map<String, String> second;
    private static Map<String, String> third;
    private static long changes;

    private Path run;

    @BeforeAll
    static void trainsThreeSteps() {
        device = TinyRun.open(1);
        trainer = TinyRun.of().start(device);
        Path base = scratch.resolve("base");
        trainer.step();
        trainer.saveCheckpoint(base);
        trainer.step();
        second = FolderManifest.hashes(trainer.saveCheckpoint(base));
        trainer.step();
        third = FolderManifest.hashes(trainer.saveCheckpoint(scratch.resolve("third")));
    }

    @AfterAll
    static void ends() {
        trainer.close();
        device.close();
    }

    @BeforeEach
    void countsTheChanges() throws IOException {
        run = scratch.resolve("run");
        restoreRun();
        FrailDisk disk = FrailDisk.sound();
        trainer.saveCheckpoint(disk.of(run));
        changes = disk.changes();
        assertTrue(changes > 60, () -> "a checkpoint takes many changes, got " + changes);
        assertWhole(third);
    }

    /** The run's folder as before the third checkpoint. */
    private void restoreRun() throws IOException {
        AtomicFolders.delete(run);
        Path base = scratch.resolve("base");
        try (Stream<Path> all = Files.walk(base)) {
            for (Path path : all.toList()) {
                Files.copy(path, run.resolve(base.relativize(path).toString()));
            }
        }
    }

    @Test
    void aProcessThatDiesAtAnyMoment() throws IOException {
        boolean before = false;
        boolean after = false;
        for (long last = 1; last <= changes; last++) {
            restoreRun();
            FrailDisk disk = FrailDisk.endingAt(End.CRASH, last);
            assertThrows(Crash.class, () -> trainer.saveCheckpoint(disk.of(run)));
            Map<String, String> found = FolderManifest.hashes(TrainingRuns.newestCheckpoint(run));
            assertTrue(found.equals(second) || found.equals(third), "after change " + last);
            assertFalse(after && found.equals(second), "what was whole stays whole");
            before |= found.equals(second);
            after |= found.equals(third);
            if (last % 4 == 0 || last == changes) { // four times the time for one more of the same
                trainer.saveCheckpoint(FrailDisk.sound().of(run));
                assertWhole(third);
            }
        }
        assertTrue(before && after, "the deaths were spread over the whole of it");
    }

    @Test
    void aDiskThatFillsUpMidway() throws IOException {
        for (long last = 1; last <= changes; last += 2) { // most changes come in pairs: make and fill
            restoreRun();
            FrailDisk disk = FrailDisk.endingAt(End.FULL, last);
            try {
                trainer.saveCheckpoint(disk.of(run));
                assertTrue(last > changes / 2, "only the last changes, renaming and deleting, take no space");
                assertWhole(third);
            } catch (FileWriteException e) {
                assertEquals(FileWriteException.Reason.NO_SPACE, e.reason());
                assertEquals(Set.of("checkpoint-00000001", "checkpoint-00000002"), names());
                assertEquals(second, FolderManifest.hashes(TrainingRuns.newestCheckpoint(run)));
            }
        }
    }

    @Test
    void aRunGoesOnFromWhatACrashLeft() throws IOException {
        for (long last : List.of(1L, changes / 2, changes)) {
            restoreRun();
            FrailDisk disk = FrailDisk.endingAt(End.CRASH, last);
            assertThrows(Crash.class, () -> trainer.saveCheckpoint(disk.of(run)));
            try (Trainer resumed = TinyRun.of().resume(device, TrainingRuns.newestCheckpoint(run))) {
                TinyRun.take(resumed, 3 - resumed.steps());
                resumed.saveCheckpoint(run);
            }
            assertWhole(third);
        }
    }

    private void assertWhole(Map<String, String> expected) throws IOException {
        assertEquals(expected, FolderManifest.hashes(TrainingRuns.newestCheckpoint(run)));
        assertEquals(Set.of("checkpoint-00000002", "checkpoint-00000003"), names());
        try (Stream<Path> all = Files.walk(run)) {
            assertFalse(all.anyMatch(path -> path.toString().matches(".*\\.(partial|tmp)")), "nothing half-written");
        }
    }

    private Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> all = Files.list(run)) {
            all.forEach(path -> names.add(path.getFileName().toString()));
        }
        return names;
    }
}
