package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderManifestTest {
    /** SHA-256 of "abc", from FIPS 180-2, appendix B.1. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    @BeforeEach
    void writesTwoFiles() throws IOException {
        Files.createDirectory(folder.resolve("inner"));
        Files.writeString(folder.resolve("inner/abc"), "abc");
        Files.writeString(folder.resolve("empty"), "");
        FolderManifest.write(folder);
    }

    private void assertDamage(String what) {
        assertEquals(Optional.of(what), FolderManifest.damage(folder));
    }

    @Test
    void aFolderAsItWasWrittenIsWhole() throws IOException {
        assertEquals(Optional.empty(), FolderManifest.damage(folder));
        assertEquals(ABC, FolderManifest.hashes(folder).get("inner/abc"));
        assertEquals(2, FolderManifest.hashes(folder).size());
        Files.writeString(folder.resolve("notes.txt"), "a user's own file does no harm");
        assertEquals(Optional.empty(), FolderManifest.damage(folder));
    }

    @Test
    void whatIsMissingChangedOrCutShortIsNamed() throws IOException {
        Files.writeString(folder.resolve("inner/abc"), "abd");
        assertDamage("inner/abc is not what was written: its SHA-256 differs from the manifest's");
        Files.writeString(folder.resolve("inner/abc"), "ab");
        assertDamage("inner/abc has 2 bytes, the manifest says 3");
        Files.delete(folder.resolve("inner/abc"));
        assertDamage("inner/abc is missing");
    }

    @Test
    void aManifestThatIsNoneIsDamageToo() throws IOException {
        Path manifest = folder.resolve(FolderManifest.NAME);
        for (var entry : Map.of(
                        "", "its manifest.json is no JSON",
                        "[]", "its manifest.json is no JSON",
                        "{}", "its manifest.json names no files",
                        "{\"files\": {\"a\\u0000b\": {}}}", "its manifest.json names a file that cannot be",
                        "{\"files\": {\"inner/abc\": {}}}", "inner/abc has 3 bytes, the manifest says ")
                .entrySet()) {
            Files.writeString(manifest, entry.getKey());
            assertDamage(entry.getValue());
        }
        Files.delete(manifest);
        assertDamage("it has no manifest.json that can be read");
        assertThrows(FileReadException.class, () -> FolderManifest.hashes(folder));
    }
}
