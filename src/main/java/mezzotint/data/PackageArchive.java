package mezzotint.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import mezzotint.data.FetchException.Reason;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A published package that this version of Mezzotint knows.
 *
 * @param name such as {@code emojibase-data}
 * @param version such as {@code 17.0.0}
 * @param sha512 of the {@code .tgz}, lower-case hexadecimal
 */
record PackageArchive(String name, String version, String sha512) {
    static final PackageArchive PICTURES = new PackageArchive(
            "emoji-datasource-google",
            "16.0.0",
            "6517b17f3b3b315a0b9e6cd998db0ee132a19c0269e43fbe566e8fa54a47fe31"
                    + "104257a6a7797cf028d9f83a19d9f68cf51e10c5990e3c90a84fc0e53e17d0dc");
    static final PackageArchive EMOJIBASE = new PackageArchive(
            "emojibase-data",
            "17.0.0",
            "62f81be405a81d588757f82ad6aaf96406ab7018a9f81dbbfd92d1b142646e00"
                    + "0468b959fdfa1ff60f3cd8b4e9984a728413440b49b6484988b658c7b13ca08c");
    static final PackageArchive CLDR = new PackageArchive(
            "cldr-annotations-full",
            "48.2.0",
            "0d5ec0fab11c81448d4d1b1518d1aa05946602419fc211873b9435751c330680"
                    + "6756b1d6a7cd3824feff40974473aea21e6c77fb32d654830214b9b4956ecf51");

    static final PackageArchive CLDR_DERIVED = new PackageArchive(
            "cldr-annotations-derived-full",
            "48.2.0",
            "96883ada49be00ecc8ee7fcd12e34d155d2683d0d69edebb1180a1d51c3166af"
                    + "5dc91bb2b5e079f3a2d3f3729ef1372111f9f023d7089363f7d733b89d3bd99b");

    static final PackageArchive INCEPTION = new PackageArchive(
            "nsfwjs",
            "4.3.0",
            "593283b5ed2fa755fdecdd61df83fbf46fe11beb154f7f939c3cfd762d56b1e2"
                    + "0947ddefd75138be2357ed583d5ac3ba1d8a11efbd8dceada233c8e8dd7059fa");

    private static final String ROOT = "package/";
    private static final long LARGEST_ENTRY = 64L << 20;

    String nameAndVersion() {
        return name + "@" + version;
    }

    /** Fetches the archive into an empty folder and checks it. */
    Path fetch(PackageClient client, Path folder) {
        Path archive = client.fetch(nameAndVersion(), folder);
        check(archive);
        return archive;
    }

    /** Checks that a file is this package. */
    void check(Path archive) {
        String found = sha512Of(archive);
        if (!found.equals(sha512)) {
            throw new FetchException(
                    Reason.WRONG_CHECKSUM,
                    "package %s has SHA-512 %s…, expected %s…; it was changed or cut short: try again, or another registry"
                            .formatted(nameAndVersion(), found.substring(0, 16), sha512.substring(0, 16)));
        }
    }

    /**
     * Reads the wanted files, in the archive's order; what is not wanted is not unpacked.
     *
     * @param wanted asked with the path inside the package
     * @param each given that path and the bytes
     * @throws FetchException if the archive is damaged, or a path in it leads outside
     */
    void read(Path archive, Predicate<String> wanted, BiConsumer<String, byte[]> each) {
        try (InputStream file = Files.newInputStream(archive);
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file, 1 << 16))) {
            Set<String> seen = new HashSet<>();
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String path = pathOf(entry);
                if (entry.isFile() && wanted.test(path)) {
                    if (entry.getSize() > LARGEST_ENTRY || !seen.add(path)) {
                        throw bad("file %s is there twice or has %d bytes".formatted(path, entry.getSize()));
                    }
                    each.accept(path, tar.readAllBytes());
                }
            }
        } catch (IOException | IllegalArgumentException e) { // commons-compress throws both on damage
            throw new FetchException(
                    Reason.BAD_PACKAGE,
                    "package %s cannot be unpacked (%s); fetch it again".formatted(nameAndVersion(), e.getMessage()),
                    e);
        }
    }

    private String pathOf(TarArchiveEntry entry) {
        String path = entry.getName();
        boolean inside = path.startsWith(ROOT) && !path.contains("\\") && !path.contains("\0");
        String name = entry.isDirectory() && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        for (String part : name.split("/", -1)) {
            inside &= !part.equals("..") && !part.equals(".") && !part.isEmpty();
        }
        if (!inside || entry.isLink() || entry.isSymbolicLink()) {
            throw bad("entry \"%s\" leads outside".formatted(path));
        }
        return path.substring(ROOT.length());
    }

    FetchException bad(String found) {
        return new FetchException(
                Reason.BAD_PACKAGE, "package %s is not as expected: %s".formatted(nameAndVersion(), found));
    }

    private String sha512Of(Path archive) {
        try (InputStream file = Files.newInputStream(archive)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            new DigestInputStream(file, digest).transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new FetchException(
                    Reason.BAD_PACKAGE,
                    "package %s cannot be read (%s); fetch it again".formatted(nameAndVersion(), e.getMessage()),
                    e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-512", e);
        }
    }
}
