package mezzotint.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import mezzotint.io.FileReadException;
import mezzotint.io.ThrowingConsumer;

/**
 * A jar that holds one entry which is itself a zip of a SavedModel; read from front to back, never unpacked.
 *
 * @param path the jar
 * @param entry name of the inner zip
 */
record SavedModelJar(Path path, String entry) {

    /**
     * The bytes of small inner files.
     *
     * @throws FileReadException where the jar, its entry or an inner file is missing or damaged
     */
    Map<String, byte[]> files(Set<String> names) {
        Map<String, byte[]> found = new HashMap<>();
        Set<String> wanted = new HashSet<>(names);
        visit((name, content) -> {
            if (wanted.remove(name)) {
                found.put(name, content.readAllBytes());
            }
            return wanted.isEmpty();
        });
        if (!wanted.isEmpty()) {
            throw new FileReadException(
                    path,
                    "%s holds no %s. Give the path of the original jar.".formatted(entry, String.join(", ", wanted)));
        }
        return found;
    }

    /**
     * Hands on the content of a large inner file.
     *
     * @throws FileReadException where the jar, its entry or the inner file is missing or damaged
     */
    void stream(String name, ThrowingConsumer<InputStream> consumer) throws IOException {
        boolean[] found = {false};
        visit((inner, content) -> {
            if (inner.equals(name)) {
                found[0] = true;
                consumer.accept(content);
            }
            return found[0];
        });
        if (!found[0]) {
            throw new FileReadException(
                    path, "%s holds no %s. Give the path of the original jar.".formatted(entry, name));
        }
    }

    /** Looks at one inner file; true ends the visit. */
    private interface Visitor {
        boolean visit(String name, InputStream content) throws IOException;
    }

    private void visit(Visitor visitor) {
        try (ZipFile jar = new ZipFile(path.toFile())) {
            ZipEntry outer = jar.getEntry(entry);
            if (outer == null) {
                throw new FileReadException(path, "it holds no " + entry + ". Give the path of the original jar.");
            }
            try (var inner = new ZipInputStream(new BufferedInputStream(jar.getInputStream(outer), 1 << 18))) {
                for (ZipEntry e = inner.getNextEntry(); e != null; e = inner.getNextEntry()) {
                    if (visitor.visit(e.getName(), inner)) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            throw FileReadException.of(path, e);
        }
    }
}
