package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mezzotint.text.CommandRunner;
import mezzotint.text.MavenArtifact;
import mezzotint.text.ModelDownloadException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar is a tiny one: the real one has 2 GB. */
class CudaCommandTest {
    private static final MavenArtifact ARTIFACT = new MavenArtifact("org.example", "cuda", "12", "redist");
    private static final String INSIDE = "org/bytedeco/cuda/linux-x86_64/";
    private static final CommandRunner NO_MAVEN = command -> {
        throw new AssertionError("Maven was run: " + command);
    };

    @TempDir
    private Path folder;

    @Test
    void unpacksWhatMayBeUsedAndNothingElse() throws Exception {
        Path jar = jar("libcublas.so.12", "libcublasLt.so.12", "libcudart.so.12", "libnpps.so.12", "libcudnn_ops.so.9");
        Path into = folder.resolve("cache/cuda");
        List<String> steps = new ArrayList<>();
        assertEquals(
                new CudaFetch.Fetched(
                        4, "libcublas.so.12libcublasLt.so.12libcudart.so.12libcudnn_ops.so.9".length(), true),
                fetch(jar, NO_MAVEN).into(into, Optional.of(jar), steps::add));
        assertEquals(List.of("2/3 checking " + jar, "3/3 unpacking into " + into), steps);
        assertEquals(
                List.of("SHA256SUMS", "libcublas.so.12", "libcublasLt.so.12", "libcudart.so.12", "libcudnn_ops.so.9"),
                names(into));
        assertEquals("libcublas.so.12", Files.readString(into.resolve("libcublas.so.12")));
        assertEquals(
                sum("SHA-256", "libcublas.so.12".getBytes(StandardCharsets.UTF_8)) + "  libcublas.so.12",
                Files.readAllLines(into.resolve("SHA256SUMS")).getFirst());
        assertFalse(fetch(jar, NO_MAVEN)
                .into(into, Optional.of(folder.resolve("no.jar")), steps::add)
                .fresh());
    }

    @Test
    void unpacksAnewWhatHasBeenDamaged() throws Exception {
        Path jar = jar("libcublas.so.12", "libcublasLt.so.12");
        Path into = folder.resolve("cuda");
        CudaFetch fetch = fetch(jar, NO_MAVEN);
        fetch.into(into, Optional.of(jar), step -> {});
        Files.writeString(into.resolve("libcublas.so.12"), "damaged");
        assertTrue(fetch.into(into, Optional.of(jar), step -> {}).fresh());
        assertEquals("libcublas.so.12", Files.readString(into.resolve("libcublas.so.12")));
        Files.delete(into.resolve("libcublasLt.so.12"));
        assertTrue(fetch.into(into, Optional.of(jar), step -> {}).fresh());
    }

    @Test
    void hasMavenGetTheJarAndLeavesNoCopyOfIt() throws Exception {
        Path jar = jar("libcublas.so.12", "libcublasLt.so.12");
        List<List<String>> commands = new ArrayList<>();
        Path copies = folder.resolve("cuda-download.partial");
        CommandRunner maven = command -> {
            commands.add(command);
            Files.createDirectories(copies);
            Files.copy(jar, copies.resolve("cuda-12-redist.jar"));
            return new CommandRunner.Result(0, "");
        };
        List<String> steps = new ArrayList<>();
        assertTrue(fetch(jar, maven)
                .into(folder.resolve("cuda"), Optional.empty(), steps::add)
                .fresh());
        assertEquals("1/3 downloading org.example:cuda:12:jar:redist, about 2 GB", steps.getFirst());
        assertEquals(
                "-Dartifact=org.example:cuda:12:jar:redist", commands.getFirst().get(3));
        assertFalse(Files.exists(copies));
    }

    @Test
    void takesTheJarOfTheLocalRepository() throws Exception {
        Path jar = jar("libcublas.so.12", "libcublasLt.so.12");
        Path local = folder.resolve("repository/org/example/cuda/12/cuda-12-redist.jar");
        Files.createDirectories(local.getParent());
        Files.copy(jar, local);
        assertTrue(fetch(jar, NO_MAVEN)
                .into(folder.resolve("cuda"), Optional.empty(), step -> {})
                .fresh());
        assertTrue(Files.exists(local));
    }

    @Test
    void leavesNothingWhenTheDownloadFails() throws Exception {
        Path jar = jar("libcublas.so.12");
        var thrown = assertThrows(
                ModelDownloadException.class,
                () -> fetch(jar, command -> new CommandRunner.Result(1, "offline"))
                        .into(folder.resolve("cuda"), Optional.empty(), step -> {}));
        assertTrue(
                thrown.getMessage().startsWith("cannot download org.example:cuda:12:jar:redist: "),
                thrown.getMessage());
        assertEquals(List.of("tiny.jar"), names(folder));
    }

    @Test
    void refusesAnotherJar() throws Exception {
        Path jar = jar("libcublas.so.12");
        Path into = folder.resolve("cuda");
        var wrong = assertThrows(
                UserMistake.class,
                () -> new CudaFetch(ARTIFACT, "0123", folder, NO_MAVEN).into(into, Optional.of(jar), step -> {}));
        assertEquals(
                "%s is not the jar of org.example:cuda:12:jar:redist: expected SHA-1 0123, got %s; delete it and fetch again"
                        .formatted(jar, sum("SHA-1", Files.readAllBytes(jar))),
                wrong.getMessage());
        var lacking =
                assertThrows(UserMistake.class, () -> fetch(jar, NO_MAVEN).into(into, Optional.of(jar), step -> {}));
        assertEquals(
                jar + " holds [libcublas.so.12], and [libcublasLt.so.12, libcublas.so.12] are wanted; is it the jar of"
                        + " org.example:cuda:12:jar:redist?",
                lacking.getMessage());
        assertEquals(List.of("tiny.jar"), names(folder));
    }

    @Test
    void theCommandRefusesAJarThatIsNotThePublishedOne() throws Exception {
        Path jar = jar("libcublas.so.12", "libcublasLt.so.12");
        Command command = Command.run(
                "cuda",
                "fetch",
                "--jar",
                jar.toString(),
                "--into",
                folder.resolve("cuda").toString());
        assertEquals(2, command.status());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(
                command.complaints()
                        .getFirst()
                        .startsWith("mezzotint: " + jar + " is not the jar of org.bytedeco:cuda:12.6-9.5-1.5.11:jar:"
                                + "linux-x86_64-redist: expected SHA-1 9ab62bca"),
                command.err());
    }

    @Test
    void aGpuThatIsNotThereIsOneSentence() {
        for (String device : List.of("cuda:4096", "cuda:4096:own", "cuda:4096:cublas")) {
            Command command = Command.run("sample", "an owl", "--device", device);
            assertEquals(2, command.status(), command.err());
            assertEquals(1, command.complaints().size(), command.err());
            assertTrue(
                    command.complaints().getFirst().startsWith("mezzotint: " + device + " cannot be used: "),
                    command.err());
        }
        Command unknown = Command.run("sample", "an owl", "--device", "cuda:fast");
        assertTrue(
                unknown.complaints()
                        .getFirst()
                        .startsWith("mezzotint: device \"cuda:fast\" is not known; there are cpu,"),
                unknown.err());
    }

    @Test
    void thePtxMachineIsADeviceByName() {
        Command command = Command.run("doctor", "--device", "ptx", "--threads", "1");
        assertTrue(
                command.out()
                        .contains("device            CUDA, PTX machine, 1 threads, checks on; products by own kernels"),
                command.out() + command.err());
    }

    private CudaFetch fetch(Path jar, CommandRunner maven) throws Exception {
        return new CudaFetch(ARTIFACT, sum("SHA-1", Files.readAllBytes(jar)), folder.resolve("repository"), maven);
    }

    /** A jar whose files hold their own names. */
    private Path jar(String... libraries) throws IOException {
        Path jar = folder.resolve("tiny.jar");
        try (var out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String library : libraries) {
                out.putNextEntry(new ZipEntry(INSIDE + library));
                out.write(library.getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String sum(String algorithm, byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    }
}
