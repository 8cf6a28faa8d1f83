package mezzotint.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What files a folder has, with the size and SHA-256 of each, in a {@code manifest.json} beside them: a folder that agrees with
 * its manifest is whole and unchanged.
 */
public final class FolderManifest {
    /** The manifest's own name. */
    public static final String NAME = "manifest.json";

    private static final int BUFFER_BYTES = 1 << 16;

    private FolderManifest() {}

    /**
     * Writes the manifest of a folder as it is.
     *
     * @throws FileReadException where a file cannot be read
     * @throws FileWriteException where the file system refuses
     */
    public static void write(Path folder) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode files = json.putObject("files");
        for (Path file : filesOf(folder)) {
            files.putObject(name(folder, file)).put("bytes", size(file)).put("sha256", sha256(file));
        }
        Json.write(folder.resolve(NAME), json);
    }

    /**
     * Compares a folder with its manifest, byte for byte. Files that the manifest does not name do no harm.
     *
     * @return what is wrong, such as {@code a.bin is missing}; empty if it is whole
     */
    public static Optional<String> damage(Path folder) {
        JsonNode files;
        try {
            files = Json.readObject(folder.resolve(NAME)).path("files");
        } catch (FileReadException e) {
            return Optional.of("it has no " + NAME + " that can be read");
        } catch (MalformedJsonException e) {
            return Optional.of("its " + NAME + " is no JSON");
        }
        if (!files.isObject() || files.isEmpty()) {
            return Optional.of("its " + NAME + " names no files");
        }
        return files.properties().stream()
                .flatMap(entry -> damage(folder, entry.getKey(), entry.getValue()).stream())
                .findFirst();
    }

    private static Optional<String> damage(Path folder, String name, JsonNode expected) {
        Path file;
        try {
            file = folder.resolve(name);
        } catch (InvalidPathException e) {
            return Optional.of("its " + NAME + " names a file that cannot be");
        }
        if (!Files.isRegularFile(file)) {
            return Optional.of(name + " is missing");
        }
        try {
            long bytes = size(file);
            if (bytes != expected.path("bytes").asLong(-1)) {
                return Optional.of(
                        "%s has %d bytes, the manifest says %s".formatted(name, bytes, expected.path("bytes")));
            }
            return sha256(file).equals(expected.path("sha256").asText())
                    ? Optional.empty()
                    : Optional.of(name + " is not what was written: its SHA-256 differs from the manifest's");
        } catch (FileReadException e) {
            return Optional.of(name + " cannot be read");
        }
    }

    /**
     * SHA-256 of each file that a folder's manifest names, by its path within the folder.
     *
     * @throws FileReadException where there is no manifest
     * @throws MalformedJsonException where it is no JSON object
     */
    public static Map<String, String> hashes(Path folder) {
        Map<String, String> hashes = new TreeMap<>();
        Json.readObject(folder.resolve(NAME))
                .path("files")
                .properties()
                .forEach(entry -> hashes.put(
                        entry.getKey(), entry.getValue().path("sha256").asText()));
        return hashes;
    }

    /**
     * SHA-256 of a file, in hexadecimal.
     *
     * @throws FileReadException where it cannot be read
     */
    public static String sha256(Path file) {
        MessageDigest digest = digest();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A digest for SHA-256, which every Java platform has. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform has no SHA-256", e);
        }
    }

    private static List<Path> filesOf(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !name(folder, file).equals(NAME))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw FileReadException.of(folder, e);
        }
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }
}
