package mezzotint.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder to work in, on the same file system as the result, gone when closed. */
record ScratchFolder(Path path) implements AutoCloseable {
    static ScratchFolder in(Path parent, String prefix) throws IOException {
        return new ScratchFolder(Files.createTempDirectory(parent, prefix));
    }

    /** Syncs every file of {@code made} and renames it to {@code target}; keeps a target that another run made first. */
    void moveWhole(Path made, Path target) throws IOException {
        for (Path file : filesBelow(made)) {
            if (Files.isRegularFile(file)) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
        try {
            Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
            if (!Files.isDirectory(target)) {
                throw e;
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Path file : filesBelow(path)) {
            Files.delete(file);
        }
    }

    /** Everything below a folder and itself, children first. */
    private static List<Path> filesBelow(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
