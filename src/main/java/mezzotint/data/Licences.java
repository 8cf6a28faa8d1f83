package mezzotint.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keeps the packages' licences beside what was taken from them. */
final class Licences {
    private static final String NOTICE = """
            Pictures: Noto Emoji, Copyright Google Inc., Apache License 2.0, unchanged 64 px PNG files from the package
            emoji-datasource-google (whose own data are MIT, Copyright Cal Henderson).
            Names: Unicode CLDR, Copyright Unicode, Inc., Unicode License V3, from the package cldr-annotations-full;
            where CLDR has none, emojibase-data, MIT, Copyright Miles Johnson.
            """;

    private Licences() {}

    /** Writes {@code NOTICE.txt} and a {@code LICENSE-package.txt} for each. */
    static void write(Map<PackageArchive, Path> archives, Path folder) throws IOException {
        for (var archive : archives.entrySet()) {
            Files.write(folder.resolve("LICENSE-%s.txt".formatted(archive.getKey().name())), of(archive.getKey(), archive.getValue()));
        }
        Files.writeString(folder.resolve("NOTICE.txt"), NOTICE);
    }

    /** A package's own licence text. */
    static byte[] of(PackageArchive archive, Path file) {
        List<byte[]> found = new ArrayList<>();
        archive.read(file, "LICENSE"::equals, (path, bytes) -> found.add(bytes));
        if (found.isEmpty()) {
            throw archive.bad("no LICENSE");
        }
        return found.getFirst();
    }
}
