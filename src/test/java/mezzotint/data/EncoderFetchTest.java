package mezzotint.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import mezzotint.data.FetchException.Reason;
import mezzotint.vision.TinyTfjs;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderFetchTest {
    @TempDir
    Path scratch;

    private final TinyTfjs model = new TinyTfjs(5);
    private final PackageClient copying = (name, into) -> copy(scratch.resolve("made.tgz"), into.resolve("made.tgz"));

    @Test
    void makesAFolderOnceAndLeavesNothingElse() throws Exception {
        PackageArchive archive = archive(files());
        Path cache = scratch.resolve("cache");
        List<String> steps = new ArrayList<>();
        Path folder = new EncoderFetch(copying).into(cache, archive, progress -> steps.add(progress.step()));
        assertEquals(EncoderFetch.folderIn(cache), folder);
        assertEquals(List.of("LICENSE-tiny.txt", "NOTICE.txt", "config.json", "model.safetensors"), namesIn(folder));
        assertEquals(List.of(folder.getFileName().toString()), namesIn(cache));
        assertEquals(List.of("fetching tiny@1", "converting", "done"), steps);
        assertEquals(Optional.of(folder), EncoderFetch.find("inception-mixed5", cache));
        assertEquals(Optional.of(cache), EncoderFetch.find(cache.toString(), scratch));
        assertEquals(Optional.empty(), EncoderFetch.find("inception-mixed5", scratch));
        PackageClient none = (name, into) -> {
            throw new AssertionError("fetched again");
        };
        assertEquals(folder, new EncoderFetch(none).into(cache, archive, progress -> {}));
    }

    @Test
    void refusesAPackageThatIsNotTheKnownOne() throws Exception {
        archive(files());
        assertFails(Reason.WRONG_CHECKSUM, PackageArchive.INCEPTION, "package nsfwjs@4.3.0 has SHA-512");
    }

    @Test
    void saysWhatThePackageLacks() throws Exception {
        Map<String, String> files = files();
        files.remove("dist/models/inception_v3/model.min.js");
        assertFails(Reason.BAD_PACKAGE, archive(files), "no dist/models/inception_v3/model.min.js");
        files = files();
        files.remove("dist/models/inception_v3/group1-shard2of2.min.js");
        assertFails(Reason.BAD_PACKAGE, archive(files), "tiny@1: expected shards of");
    }

    private void assertFails(Reason reason, PackageArchive archive, String message) throws IOException {
        Path cache = scratch.resolve("cache");
        var e = assertThrows(
                FetchException.class, () -> new EncoderFetch(copying).into(cache, archive, progress -> {}));
        assertEquals(reason, e.reason());
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertFalse(Files.exists(EncoderFetch.folderIn(cache)));
        assertEquals(List.of(), namesIn(cache));
    }

    private Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("LICENSE", "take it");
        files.put(
                "dist/models/inception_v3/group1-shard2of2.min.js",
                model.shards().get(1));
        files.put("dist/models/inception_v3/model.min.js", model.model());
        files.put(
                "dist/models/inception_v3/group1-shard1of2.min.js",
                model.shards().get(0));
        files.put("dist/models/mobilenet_v2/model.min.js", "another");
        return files;
    }

    private PackageArchive archive(Map<String, String> files) throws Exception {
        Path tgz = scratch.resolve("made.tgz");
        try (OutputStream out = Files.newOutputStream(tgz);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            for (var file : files.entrySet()) {
                byte[] bytes = file.getValue().getBytes(StandardCharsets.ISO_8859_1);
                TarArchiveEntry entry = new TarArchiveEntry("package/" + file.getKey());
                entry.setSize(bytes.length);
                tar.putArchiveEntry(entry);
                tar.write(bytes);
                tar.closeArchiveEntry();
            }
        }
        byte[] digest = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(tgz));
        return new PackageArchive("tiny", "1", HexFormat.of().formatHex(digest));
    }

    private static Path copy(Path from, Path to) {
        try {
            return Files.copy(from, to);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }
}
