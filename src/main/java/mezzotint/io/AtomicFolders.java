package mezzotint.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Writes folders of files whole or not at all: filled beside, then renamed. */
public final class AtomicFolders {
    /** Ending of a folder that is being filled, or was when the process died; it may be deleted. */
    public static final String PARTIAL = ".partial";

    private AtomicFolders() {}

    /**
     * Writes a folder; if anything fails, an older folder of that name is as it was and nothing new remains.
     *
     * @param target the folder to write or replace; its parents are made when missing
     * @param content fills the folder it is given, each file through {@link AtomicFiles}
     * @throws FileWriteException where the file system refuses; other exceptions of {@code content} pass through
     */
    public static void write(Path target, Consumer<Path> content) {
        Path folder = target.toAbsolutePath();
        Path partial = folder.resolveSibling(folder.getFileName() + PARTIAL);
        Path old = folder.resolveSibling(folder.getFileName() + ".old" + PARTIAL);
        try {
            delete(partial);
            Files.createDirectories(partial);
            content.accept(partial);
            AtomicFiles.flushFolder(partial);
            if (Files.exists(folder)) {
                delete(old);
                Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
            AtomicFiles.flushFolder(folder.getParent());
            delete(old);
        } catch (IOException e) {
            throw FileWriteException.of(target, e);
        } finally {
            deleteQuietly(partial);
        }
    }

    /**
     * Makes a folder and the missing ones above it.
     *
     * @throws FileWriteException where the file system refuses
     */
    public static void make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw FileWriteException.of(folder, e);
        }
    }

    /**
     * Deletes a folder and everything in it; nothing happens when there is none.
     *
     * @throws IOException where the file system refuses
     */
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** The first failure is the one worth reporting. */
    private static void deleteQuietly(Path folder) {
        try {
            delete(folder);
        } catch (IOException ignored) {
            // the folder's name says that it may be deleted
        }
    }
}
