package mezzotint.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import mezzotint.data.FetchException.Reason;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class EmojiFetchTest {
    @TempDir
    Path folder;

    @Test
    void saysWhatToDoWithoutNpm() throws Exception {
        assertFailure(Reason.NO_CLIENT, new NpmClient("no-such-npm"), "install Node.js with npm");
    }

    @Test
    void tellsNpmsWordWhenThePackageCannotBeHad() throws Exception {
        Path npm = Files.writeString(folder.resolve("npm"), """
            #!/bin/sh
            echo 'npm error code ENOTFOUND' >&2
            echo 'npm error syscall getaddrinfo' >&2
                echo 'npm error request failed, reason: getaddrinfo ENOTFOUND' >&2
            exit 1
            """);
        assertTrue(npm.toFile().setExecutable(true));
        assertFailure(
                Reason.UNREACHABLE,
                new NpmClient(npm.toString()),
                "(request failed, reason: getaddrinfo ENOTFOUND); check the network");
    }

    @Test
    void refusesAPackageThatIsNotTheKnownOne() throws Exception {
        PackageClient client = (name, into) -> writeTo(into.resolve("x.tgz"), "something else");
        assertFailure(Reason.WRONG_CHECKSUM, client, "package cldr-annotations-full@48.2.0 has SHA-512");
    }

    @Test
    void saysWhenTheCacheCannotBeWritten() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        var e = assertThrows(
                FetchException.class,
                () -> new EmojiFetch((name, into) -> into).into(file.resolve("cache"), step -> {}));
        assertEquals(Reason.NOT_WRITABLE, e.reason());
    }

    private void assertFailure(Reason reason, PackageClient client, String part) throws IOException {
        Path cache = folder.resolve("cache");
        var e = assertThrows(FetchException.class, () -> new EmojiFetch(client).into(cache, step -> {}));
        assertEquals(reason, e.reason());
        assertTrue(e.getMessage().contains(part), e.getMessage());
        try (var left = Files.list(cache)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void unpacksOnlyWhatIsWanted() throws Exception {
        PackageArchive archive = archive(
                entry("package/a.txt", "A"),
                new Entry(new TarArchiveEntry("package/b/"), new byte[0]),
                entry("package/b/c.txt", "C"));
        List<String> seen = new ArrayList<>();
        archive.read(
                folder.resolve("x.tgz"),
                "b/c.txt"::equals,
                (path, bytes) -> seen.add(path + "=" + new String(bytes, StandardCharsets.UTF_8)));
        assertEquals(List.of("b/c.txt=C"), seen);
        archive.check(folder.resolve("x.tgz"));
    }

    @Test
    void refusesPathsThatLeadOutside() throws Exception {
        for (String path : List.of(
                "package/../evil",
                "../evil",
                "/evil",
                "elsewhere/x",
                "package/a\\..\\b",
                "package/./x",
                "package//x")) {
            assertBad(archive(entry(path, "x")), "leads outside");
        }
        TarArchiveEntry link = new TarArchiveEntry("package/link", TarConstants.LF_SYMLINK);
        link.setLinkName("/etc/passwd");
        assertBad(archive(new Entry(link, new byte[0])), "leads outside");
    }

    @Test
    void refusesDamagedArchives() throws Exception {
        assertBad(archive(entry("package/a", "1"), entry("package/a", "2")), "is there twice");
        PackageArchive archive = archive(entry("package/a", "1"));
        byte[] bytes = Files.readAllBytes(folder.resolve("x.tgz"));
        Files.write(folder.resolve("x.tgz"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertBad(archive, "cannot be unpacked");
        writeTo(folder.resolve("x.tgz"), "no archive");
        assertBad(archive, "cannot be unpacked");
    }

    private void assertBad(PackageArchive archive, String part) {
        var e = assertThrows(
                FetchException.class, () -> archive.read(folder.resolve("x.tgz"), path -> true, (path, bytes) -> {}));
        assertEquals(Reason.BAD_PACKAGE, e.reason());
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    private record Entry(TarArchiveEntry header, byte[] bytes) {}

    private static Entry entry(String path, String text) {
        TarArchiveEntry header = new TarArchiveEntry(path, true);
        header.setSize(text.length());
        return new Entry(header, text.getBytes(StandardCharsets.UTF_8));
    }

    private PackageArchive archive(Entry... entries) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            for (Entry entry : entries) {
                tar.putArchiveEntry(entry.header);
                tar.write(entry.bytes);
                tar.closeArchiveEntry();
            }
        }
        Files.write(folder.resolve("x.tgz"), bytes.toByteArray());
        byte[] digest = MessageDigest.getInstance("SHA-512").digest(bytes.toByteArray());
        return new PackageArchive("test", "1", HexFormat.of().formatHex(digest));
    }

    @Test
    void findsTheUsersCache() {
        assertEquals(Path.of("/c/mezzotint"), EmojiFetch.cache(Map.of("XDG_CACHE_HOME", "/c")));
        Path home = Path.of(System.getProperty("user.home"), ".cache", "mezzotint");
        assertEquals(home, EmojiFetch.cache(Map.of()));
        assertEquals(home, EmojiFetch.cache(Map.of("XDG_CACHE_HOME", "relative")));
    }

    /** Run with {@code -Dmezzotint.packages=} a folder with the packages. */
    @Test
    @EnabledIfSystemProperty(named = "mezzotint.packages", matches = ".+")
    void makesAFolderOfAllEmoji() throws Exception {
        Path packages = Path.of(System.getProperty("mezzotint.packages"));
        PackageClient client = (name, into) -> packages.resolve(name.replace('@', '-') + ".tgz");
        List<EmojiFetch.Progress> steps = new ArrayList<>();
        var fetched = new EmojiFetch(client).into(folder, steps::add);
        assertTrue(fetched.fresh() && fetched.pictures() > 1800 && fetched.languages() > 80, fetched.toString());
        assertEquals(steps.getLast().total(), steps.getLast().done());
        assertFalse(
                new EmojiFetch((name, into) -> into).into(folder, steps::add).fresh());
        try (var left = Files.list(folder)) {
            assertEquals(List.of(fetched.folder()), left.toList());
        }
    }

    private static Path writeTo(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
