package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import mezzotint.io.FileWriteException.Reason;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    private static long files(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.count();
        }
    }

    @Test
    void writesAndReplaces(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.writeString(file, "first ✓");
        assertEquals("first ✓", Files.readString(file));
        AtomicFiles.writeString(file, "second");
        assertEquals("second", Files.readString(file));
        assertEquals(1, files(folder));
    }

    @Test
    void writesThoughTheStreamIsClosedByItsWriter(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.bin");
        AtomicFiles.write(file, out -> {
            out.write(new byte[100_000]);
            out.close();
        });
        assertEquals(100_000, Files.size(file));
    }

    @Test
    void followsASymbolicLink(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.txt"), file);
        AtomicFiles.writeString(link, "new");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(file));
    }

    @Test
    void savesOnAnInterruptedThreadAndKeepsTheInterrupt(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.txt");
        Thread.currentThread().interrupt();
        AtomicFiles.writeString(file, "checkpoint");
        assertTrue(Thread.interrupted());
        assertEquals("checkpoint", Files.readString(file));
    }

    @Property(tries = 100)
    void aFullDiskAtAnyByteLeavesTheOldFile(@ForAll @IntRange(max = 200_000) int before, @ForAll long seed)
            throws IOException {
        Path folder = Files.createTempDirectory("mezzotint");
        Path file = folder.resolve("a.bin");
        try {
            byte[] old = new byte[1000];
            new Random(seed).nextBytes(old);
            Files.write(file, old);
            var thrown = assertThrows(
                    FileWriteException.class,
                    () -> AtomicFiles.write(file, out -> {
                        out.write(new byte[before]);
                        throw new IOException("No space left on device");
                    }));
            assertEquals(Reason.NO_SPACE, thrown.reason());
            assertEquals(-1, java.util.Arrays.mismatch(old, Files.readAllBytes(file)));
            assertEquals(1, files(folder));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    @Test
    void knowsTheSystemsOwnWordsForAFullDisk(@TempDir Path folder) throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "no /dev/full on this system");
        Path file = Files.writeString(folder.resolve("a.txt"), "old");
        var thrown = assertThrows(
                FileWriteException.class,
                () -> AtomicFiles.write(file, out -> {
                    try (var device = new FileOutputStream(full.toFile())) {
                        device.write(1);
                    }
                }));
        assertEquals(
                "cannot write " + file + ": no space is left on the disk. Free some space or choose another folder.",
                thrown.getMessage());
        assertEquals("old", Files.readString(file));
    }

    @Test
    void tellsWhyAFolderCannotBeWrittenTo(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("none/a.txt");
        var thrown = assertThrows(FileWriteException.class, () -> AtomicFiles.writeString(missing, "x"));
        assertEquals(Reason.FOLDER_MISSING, thrown.reason());
        assertEquals(missing, thrown.path());
        assertEquals(
                "cannot write " + missing + ": its folder does not exist."
                        + " Create the folder first or choose another one.",
                thrown.getMessage());

        Path file = Files.writeString(folder.resolve("file"), "x");
        assertEquals(
                Reason.FOLDER_MISSING,
                assertThrows(FileWriteException.class, () -> AtomicFiles.writeString(file.resolve("a.txt"), "x"))
                        .reason());
        assertEquals(
                Reason.IS_FOLDER,
                assertThrows(FileWriteException.class, () -> AtomicFiles.writeString(folder, "x"))
                        .reason());
        assertEquals(
                Reason.PERMISSION_DENIED,
                assertThrows(
                                FileWriteException.class,
                                () -> AtomicFiles.write(folder.resolve("b"), out -> {
                                    throw new AccessDeniedException("b");
                                }))
                        .reason());
        assertEquals(1, files(folder));
    }

    @Test
    void saysPermissionDeniedWhereEvenRootMayNotWrite() {
        Path proc = Path.of("/proc/self");
        assumeTrue(Files.isDirectory(proc), "no /proc on this system");
        var thrown = assertThrows(
                FileWriteException.class, () -> AtomicFiles.writeString(proc.resolve("mezzotint.txt"), "x"));
        assertEquals(Reason.PERMISSION_DENIED, thrown.reason());
    }

    @Test
    void carriesOtherCausesInTheirOwnWords(@TempDir Path folder) {
        var cause = new IOException("Input/output error");
        var thrown = assertThrows(
                FileWriteException.class,
                () -> AtomicFiles.write(folder.resolve("a"), out -> {
                    throw cause;
                }));
        assertEquals(Reason.OTHER, thrown.reason());
        assertSame(cause, thrown.getCause());
        assertTrue(thrown.getMessage().contains("Input/output error"));
    }

    @Test
    void doesNotTakeAFileTheWriterMissesForAFolder(@TempDir Path folder) {
        var thrown = assertThrows(
                FileWriteException.class,
                () -> AtomicFiles.write(folder.resolve("a"), out -> {
                    Files.copy(folder.resolve("none"), out);
                }));
        assertEquals(Reason.OTHER, thrown.reason());
        assertTrue(thrown.getMessage().contains("NoSuchFileException: " + folder.resolve("none")), thrown::getMessage);
    }

    @Test
    void passesOnAnExceptionOfTheWriterAndLeavesNothing(@TempDir Path folder) throws IOException {
        var bug = new ArithmeticException("bug");
        assertSame(
                bug,
                assertThrows(
                        ArithmeticException.class,
                        () -> AtomicFiles.write(folder.resolve("a"), out -> {
                            out.write(1);
                            throw bug;
                        })));
        assertEquals(0, files(folder));
    }
}
