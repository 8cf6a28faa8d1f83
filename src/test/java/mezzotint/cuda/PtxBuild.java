package mezzotint.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the shipped PTX out of {@code src/main/cuda}: {@code mvn -Pptx} runs it as one file of source, so it names nothing
 * of ours.
 *
 * <p>The first line of each PTX carries the SHA-256 of what it was made from and the compiler's version, so that a build
 * without nvcc can tell a stale one, and a build with the same nvcc can make it again and compare.
 *
 * @param sources the folder of {@code .cu} and {@code .cuh} files
 * @param target the folder of {@code .ptx} files
 */
public record PtxBuild(Path sources, Path target) {
    /** What to type when a PTX is not what its source says. */
    public static final String COMMAND = "mvn -Pptx";

    /** PTX of version 8.0 is read by drivers of CUDA 12.0 and newer; nvcc writes its own version. */
    private static final String VERSION = ".version 8.0";

    private static final List<String> FLAGS = List.of("-ptx", "-arch=compute_80", "-O3", "-lineinfo", "--std=c++17");

    private static final Pattern INCLUDE = Pattern.compile("(?m)^\\s*#\\s*include\\s+\"([^\"]+)\"");
    private static final Pattern STAMP = Pattern.compile("// sources sha256 ([0-9a-f]{64}), nvcc (\\S+), made by .*");
    private static final Pattern RELEASE = Pattern.compile("\\bV(\\d+\\.\\d+\\.\\d+)");

    private static final Pattern COMMON =
            Pattern.compile("(?m)^\\s*\\.file\\s+(\\d+)\\s+\"(?:common\\.cuh|[^\"]+\\.hpp)\"");
    private static final Pattern PLACE = Pattern.compile(
            "(?m)^(\\s*\\.loc\\s+)(\\d+ \\d+ \\d+)(?:, function_name \\S+, inlined_at (\\d+ \\d+ \\d+))?$");

    /** What the first line of a PTX says: of which sources, by which nvcc. */
    public record Stamp(String sha256, String nvcc) {
        String line() {
            return "// sources sha256 %s, nvcc %s, made by %s".formatted(sha256, nvcc, COMMAND);
        }
    }

    /** The repository's own, from its root. */
    public static PtxBuild ofRepository(Path root) {
        return new PtxBuild(root.resolve("src/main/cuda"), root.resolve("src/main/resources/mezzotint/cuda"));
    }

    /** Makes every PTX; arguments name the stems to make instead of all. */
    public static void main(String[] arguments) throws IOException {
        PtxBuild build = ofRepository(Path.of(""));
        String nvcc = nvccVersion()
                .orElseThrow(
                        () -> new IOException("no nvcc on the PATH; install a CUDA toolkit of version 12 or newer"));
        List<String> stems = arguments.length == 0 ? build.stems() : List.of(arguments);
        Files.createDirectories(build.target);
        List<String> made = build.compile(stems, nvcc);
        for (int i = 0; i < made.size(); i++) {
            Files.writeString(build.ptx(stems.get(i)), made.get(i));
        }
        for (Path orphan : build.orphans()) {
            Files.delete(orphan);
        }
    }

    /** The stems of all sources, in order. */
    public List<String> stems() throws IOException {
        return stems(sources, ".cu");
    }

    /** PTX files whose source is gone. */
    public List<Path> orphans() throws IOException {
        List<String> known = stems();
        return stems(target, ".ptx").stream()
                .filter(stem -> !known.contains(stem))
                .map(this::ptx)
                .toList();
    }

    private static List<String> stems(Path folder, String suffix) throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .map(name -> name.substring(0, name.length() - suffix.length()))
                    .sorted()
                    .toList();
        }
    }

    /** The PTX file of a stem. */
    public Path ptx(String stem) {
        return target.resolve(stem + ".ptx");
    }

    /** The SHA-256 of the flags, of a stem's source and of all that it includes. */
    public String hash(String stem) throws IOException {
        SortedSet<String> names = new TreeSet<>();
        collect(stem + ".cu", names);
        MessageDigest digest = sha256();
        digest.update(String.join(" ", FLAGS).getBytes(StandardCharsets.UTF_8));
        for (String name : names) {
            byte[] content = Files.readAllBytes(sources.resolve(name));
            digest.update(("\n" + name + " " + content.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(content);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void collect(String name, SortedSet<String> names) throws IOException {
        if (names.add(name)) {
            Matcher includes = INCLUDE.matcher(Files.readString(sources.resolve(name)));
            while (includes.find()) {
                collect(includes.group(1), names);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The stamp of a PTX text; empty where its first line is none. */
    public static Optional<Stamp> stamp(String ptx) {
        Matcher stamp = STAMP.matcher(ptx.lines().findFirst().orElse(""));
        return stamp.matches() ? Optional.of(new Stamp(stamp.group(1), stamp.group(2))) : Optional.empty();
    }

    /** The version of the nvcc on the PATH, such as 13.0.88; empty where there is none. */
    public static Optional<String> nvccVersion() throws IOException {
        try {
            Matcher release = RELEASE.matcher(run(Path.of(""), List.of("nvcc", "--version")));
            return release.find() ? Optional.of(release.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The PTX texts of some stems, compiled side by side on all processors. */
    public List<String> compile(List<String> stems, String nvcc) throws IOException {
        try (var pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<String>> texts = new ArrayList<>();
            for (String stem : stems) {
                Callable<String> work = () -> compile(stem, nvcc);
                texts.add(pool.submit(work));
            }
            List<String> made = new ArrayList<>();
            for (Future<String> text : texts) {
                made.add(text.get());
            }
            return made;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while nvcc ran", e);
        }
    }

    private String compile(String stem, String nvcc) throws IOException {
        Path made = Files.createTempFile(stem, ".ptx");
        try {
            List<String> command = new ArrayList<>(List.of("nvcc"));
            command.addAll(FLAGS);
            command.addAll(List.of("-o", made.toString(), stem + ".cu"));
            run(sources, command);
            return new Stamp(hash(stem), nvcc).line() + "\n" + portable(Files.readString(made));
        } finally {
            Files.deleteIfExists(made);
        }
    }

    /** In the version that we ship, and the same wherever it was made: without folders and what is hashed from them. */
    static String portable(String ptx) {
        String shipped = ptx.replaceFirst("(?m)^\\.version .*$", VERSION)
                .replaceAll("(?m)^(\\s*\\.file\\s+\\d+\\s+\")[^\"\\n]*/", "$1")
                .replaceFirst("(?s)\\s*\\.section\\s+\\.debug_str\\s*\\{.*?\\n\\s*\\}\\n", "\n")
                .replaceAll("_INTERNAL_[0-9a-f]{8}_", "_INTERNAL_00000000_");
        return withoutInlining(shipped);
    }

    /**
     * Of a place inside an inlined function only one line stays: the place itself, or where {@code common.cuh} or a header of
     * CUDA's was called.
     *
     * <p>The assembler of CUDA 12.6, and so a driver of that version, dies of {@code inlined_at} when it assembles for sm_90.
     */
    private static String withoutInlining(String ptx) {
        Set<String> common =
                COMMON.matcher(ptx).results().map(file -> file.group(1)).collect(Collectors.toSet());
        Map<String, String> callers = new HashMap<>();
        return PLACE.matcher(ptx).replaceAll(place -> {
            String at = place.group(2);
            if (place.group(3) != null) {
                callers.put(at, place.group(3));
            }
            while (common.contains(at.substring(0, at.indexOf(' '))) && callers.containsKey(at)) {
                at = callers.get(at);
            }
            return place.group(1) + at;
        });
    }

    private static String run(Path folder, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(
                        "%s ended with %d: %s".formatted(String.join(" ", command), status, said.strip()));
            }
            return said;
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while %s ran".formatted(command.getFirst()), e);
        }
    }
}
