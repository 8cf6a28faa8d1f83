package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEncodersTest {
    private static final MavenArtifact ARTIFACT = new MavenArtifact("org.example", "model", "1.2");

    @TempDir
    private Path folder;

    private TextEncoderSetup setup() {
        TestDevice device = new TestDevice();
        return new TextEncoderSetup(
                device,
                new Parameters(device.arena(1 << 20), new PhiloxRandom(1)).scope("text"),
                new ByteTextEncoder.Config(8, 1, 2, 16, 2, 4),
                folder,
                8,
                progress -> {});
    }

    @Test
    void opensTheByteEncoder() {
        TextEncoder encoder = TextEncoders.open("bytes", setup());
        assertInstanceOf(ByteTextEncoder.class, encoder);
        assertEquals(8, encoder.width());
    }

    @Test
    void opensAConvertedBertWithoutFetchingIt() {
        TinyBert.convert(new TinyBert().jar(folder), folder.resolve("bert-multi-cased"));
        try (FrozenTextEncoder encoder = (FrozenTextEncoder) TextEncoders.open("bert-multi", setup())) {
            assertEquals(TinyBert.WIDTH, encoder.width());
            assertEquals(8, encoder.maxTokens());
        }
    }

    @Test
    void suggestsTheNearestName() {
        var e = assertThrows(UnknownTextEncoderException.class, () -> TextEncoders.open("bert", setup()));
        assertEquals(
                "text encoder \"bert\" is not known; did you mean \"bert-multi\"? There are bytes, bert-multi.",
                e.getMessage());
        assertEquals(
                "bytes",
                assertThrows(UnknownTextEncoderException.class, () -> TextEncoders.open("byte", setup()))
                        .nearest());
    }

    @Test
    void takesTheJarOfTheLocalRepository() throws IOException {
        Path jar = folder.resolve("org/example/model/1.2/model-1.2.jar");
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);
        assertEquals(jar, ARTIFACT.fetch(folder, folder.resolve("copy"), command -> {
            throw new AssertionError("Maven was run: " + command);
        }));
    }

    @Test
    void hasMavenCopyTheJarWhenTheRepositoryLacksIt() {
        List<List<String>> commands = new ArrayList<>();
        Path copies = folder.resolve("copies");
        Path jar = ARTIFACT.fetch(folder.resolve("repository"), copies, command -> {
            commands.add(command);
            Files.createDirectories(copies);
            Files.createFile(copies.resolve("model-1.2.jar"));
            return new CommandRunner.Result(0, "");
        });
        assertEquals(copies.resolve("model-1.2.jar"), jar);
        assertEquals(
                List.of(
                        "mvn",
                        "--batch-mode",
                        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
                        "-Dartifact=org.example:model:1.2",
                        "-DoutputDirectory=" + copies.toAbsolutePath()),
                commands.getFirst());
    }

    @Test
    void saysWhatMavenSaid() {
        var e = assertThrows(
                ModelDownloadException.class,
                () -> ARTIFACT.fetch(
                        folder, folder, command -> new CommandRunner.Result(1, "[INFO] x\n\n[ERROR] offline\n")));
        assertTrue(
                e.getMessage().contains("ended with status 1 and said: [INFO] x | [ERROR] offline."), e.getMessage());
        assertTrue(
                e.getMessage()
                        .endsWith("put it at org/example/model/1.2/model-1.2.jar of your local Maven repository."),
                e.getMessage());
    }

    @Test
    void saysThatMavenIsMissing() {
        var e = assertThrows(
                ModelDownloadException.class,
                () -> ARTIFACT.fetch(folder, folder, command -> {
                    throw new IOException("No such file or directory");
                }));
        assertTrue(e.getMessage().contains("mvn cannot be started (No such file or directory)"), e.getMessage());
    }

    @Test
    void staysInterrupted() {
        assertThrows(
                ModelDownloadException.class,
                () -> ARTIFACT.fetch(folder, folder, command -> {
                    throw new InterruptedException();
                }));
        assertTrue(Thread.interrupted());
    }

    @Test
    void runsProgramsOfTheSystem() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var result = CommandRunner.ofSystem().run(List.of(java, "--version"));
        assertEquals(0, result.status());
        assertTrue(result.output().contains(System.getProperty("java.version")), result.output());
        assertThrows(IOException.class, () -> CommandRunner.ofSystem().run(List.of(folder + "/no-such-program")));
    }
}
