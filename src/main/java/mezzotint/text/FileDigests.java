package mezzotint.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import mezzotint.io.AtomicFiles;
import mezzotint.io.FileReadException;
import mezzotint.io.FileWriteException;

/**
 * SHA-256 of whole files, kept in a folder so that gigabytes are read once: a file whose path, size, times and number are those
 * it was read with is taken for unchanged.
 */
final class FileDigests {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int DIGITS = 64;

    private final Path folder;

    /** @param folder where digests are kept; made when the first one is */
    FileDigests(Path folder) {
        this.folder = folder;
    }

    /**
     * The digest of a file, in hexadecimal.
     *
     * @throws FileReadException where it cannot be read
     * @throws FileWriteException where the digest cannot be kept
     */
    String of(Path file) {
        Path kept = folder.resolve(of(state(file)) + ".sha256");
        try {
            if (Files.exists(kept)) {
                String digest = Files.readString(kept, StandardCharsets.ISO_8859_1);
                if (digest.length() == DIGITS) {
                    return digest;
                }
            }
        } catch (IOException e) {
            throw FileReadException.of(kept, e);
        }
        String digest = read(file);
        makeFolder(folder);
        AtomicFiles.writeString(kept, digest);
        return digest;
    }

    /** The digest of a text's chars, in hexadecimal; also of one with half a surrogate pair, which no encoding would keep. */
    static String of(String text) {
        ByteBuffer chars = ByteBuffer.allocate(Character.BYTES * text.length());
        chars.asCharBuffer().put(text);
        return HexFormat.of().formatHex(sha256().digest(chars.array()));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw FileWriteException.of(folder, e);
        }
    }

    private static String state(Path file) {
        try {
            Path real = file.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            boolean unix = real.getFileSystem().supportedFileAttributeViews().contains("unix");
            // A change of content that keeps size and modification time still moves the time of the last change.
            Object changed = unix ? Files.getAttribute(real, "unix:ctime") : "";
            return "%s|%d|%s|%s|%s"
                    .formatted(real, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey(), changed);
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }

    private static String read(Path file) {
        MessageDigest digest = sha256();
        byte[] chunk = new byte[CHUNK_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
