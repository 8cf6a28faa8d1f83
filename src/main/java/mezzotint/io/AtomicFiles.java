package mezzotint.io;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file whole or not at all: beside, flushed to the disk, then renamed over the old one. */
public final class AtomicFiles {
    private static final int BUFFER_BYTES = 1 << 16;

    private AtomicFiles() {}

    /**
     * Writes a file; if anything fails, an older file of that name is as it was and nothing new remains.
     *
     * @param target the file to write or replace; a symbolic link is followed
     * @param content writes the bytes; need not close or flush the stream; what it reads from elsewhere should fail
     *     with an exception of its own, since an {@link IOException} is taken as a failure to write
     * @throws FileWriteException where the file system refuses or {@code content} throws an {@link IOException};
     *     other exceptions of {@code content} pass through
     */
    public static void write(Path target, ThrowingConsumer<? super OutputStream> content) {
        // An interrupted thread must still be able to save its checkpoint: channels would close under it.
        boolean interrupted = Thread.interrupted();
        try {
            replace(target, content);
        } catch (IOException e) {
            throw FileWriteException.of(target, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Writes text in UTF-8, whole or not at all.
     *
     * @param target the file to write or replace
     * @param text its new content
     * @throws FileWriteException where the file system refuses
     */
    public static void writeString(Path target, String text) {
        write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void replace(Path target, ThrowingConsumer<? super OutputStream> content) throws IOException {
        Path file = (Files.isSymbolicLink(target) ? target.toRealPath() : target).toAbsolutePath();
        if (Files.isDirectory(file)) {
            throw new FileWriteException(target, FileWriteException.Reason.IS_FOLDER, "");
        }
        Path folder = file.getParent();
        Path temporary = temporaryIn(folder);
        boolean renamed = false;
        try {
            fill(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            renamed = true;
        } finally {
            if (!renamed) {
                Files.deleteIfExists(temporary);
            }
        }
        flushFolder(folder);
    }

    private static Path temporaryIn(Path folder) throws IOException {
        // Files.createTempFile would make it readable for its owner alone, and so the final file.
        Path temporary = folder.resolve(".mezzotint-" + UUID.randomUUID() + ".tmp");
        try {
            return Files.createFile(temporary);
        } catch (NoSuchFileException e) {
            // A folder that exists and yet takes no file, such as /proc, is not one to write to.
            throw Files.isDirectory(folder) ? new AccessDeniedException(folder.toString()) : e;
        }
    }

    private static void fill(Path temporary, ThrowingConsumer<? super OutputStream> content) throws IOException {
        if (temporary.getFileSystem() == FileSystems.getDefault()) {
            try (var file =
                    new FileOutputStream(temporary.toFile())) { // a channel would close if the thread is interrupted
                fill(file, content);
                file.getFD().sync();
            }
        } else {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                fill(Channels.newOutputStream(channel), content);
                channel.force(true);
            }
        }
    }

    private static void fill(OutputStream file, ThrowingConsumer<? super OutputStream> content) throws IOException {
        var buffered = new BufferedOutputStream(new KeptOpen(file), BUFFER_BYTES);
        content.accept(buffered);
        buffered.flush();
    }

    /** Ignores {@code close}: encoders like to close what they write to, and the file has yet to be synced. */
    private static final class KeptOpen extends FilterOutputStream {
        KeptOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }

    /** A rename lasts through a power cut only once its folder is on the disk too. */
    static void flushFolder(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) { // Windows opens no folders
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
