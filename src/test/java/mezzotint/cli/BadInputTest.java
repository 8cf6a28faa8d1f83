package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import mezzotint.image.RgbImage;
import mezzotint.io.FolderManifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's mistakes and a system's refusals: exit status 2, one sentence, nothing left behind. */
class BadInputTest {
    @TempDir
    Path folder;

    @Test
    void aPictureThatIsNoPicture() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(data.resolve("cat.png"), "not a picture");
        Files.writeString(data.resolve("cat.txt"), "a cat");
        Command command = Command.train(folder.resolve("run"), 2, "--data", data.toString());
        assertRefused(command, "cannot read picture " + data.resolve("cat.png"));
        assertLeft("data");
    }

    @Test
    void aCaptionFileThatIsMissing() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Pictures.write(data.resolve("cat.png"), RgbImage.filled(16, 16, 0xFF8000), java.util.Map.of());
        Command command = Command.train(folder.resolve("run"), 2, "--data", data.toString());
        assertRefused(command, data.resolve("cat.txt") + ": is missing: picture cat.png wants its caption there");
        assertLeft("data");
    }

    @Test
    void dataThatAreNotThere() throws IOException {
        Command command = Command.train(
                folder.resolve("run"), 2, "--data", folder.resolve("nowhere").toString());
        assertRefused(command, folder.resolve("nowhere") + ": is no folder; expected one with pictures and captions");
        assertLeft();
    }

    @Test
    void aLanguageThatTheDataDoNotHave() throws IOException {
        Command command = Command.train(folder.resolve("run"), 2, "--set", "data.languages=[en, tlh]");
        assertRefused(command, "data.languages: the starter set has no names in \"tlh\"; it has ar ");
        assertLeft();
    }

    @Test
    void anUnknownKeyNamingTheNearest() throws IOException {
        Path config = folder.resolve("mine.yaml");
        Files.writeString(config, "optimizer: {learning_rat: 0.1}\n");
        Command command = Command.run(
                "train", config.toString(), "--run", folder.resolve("run").toString());
        assertRefused(command, config + ", key optimizer.learning_rat expected one of");
        assertTrue(command.err().contains("nearest is learning_rate"), command.err());
        assertRefused(Command.run("train", "--set", "run.step=3"), "nearest is steps");
        assertLeft("mine.yaml");
    }

    @Test
    void aConfigurationThatIsNone() throws IOException {
        Path config = folder.resolve("mine.yaml");
        Files.writeString(config, "run: {steps: [\n");
        assertRefused(Command.run("train", config.toString()), config.toString());
        assertRefused(Command.run("train", folder.resolve("other.yaml").toString()), "there is no such file");
        assertRefused(Command.train(folder.resolve("run"), -3), "run.steps expected at least 0, got -3");
    }

    @Test
    void aCheckpointOfAnotherModel() throws IOException {
        Path small = folder.resolve("small");
        Path wide = folder.resolve("wide");
        assertEquals(0, Command.train(small, 1).status());
        assertEquals(0, Command.train(wide, 1, "--set", "text.width=64").status());
        for (String file : List.of("model/transformer/diffusion_pytorch_model", "training/weights")) {
            Path name = Path.of("checkpoint-00000001", file + ".safetensors");
            Files.copy(wide.resolve(name), small.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        FolderManifest.write(small.resolve("checkpoint-00000001")); // whole, but not what it should be
        Path out = folder.resolve("picture.png");
        assertRefused(
                Command.run("sample", "--model", small.toString(), "--out", out.toString(), "a cat"),
                "does not fit the model");
        assertFalse(Files.exists(out));
        assertRefused(
                Command.run("train", "--resume", "--run", small.toString()), "the checkpoint is of another model");
    }

    @Test
    void aDiskThatIsFull() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "no /dev/full on this system");
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.createSymbolicLink(run.resolve("log.jsonl"), full);
        assertRefused(
                Command.train(run, 2), "cannot write " + run.resolve("log.jsonl") + ": no space is left on the disk");
        try (var files = Files.list(run)) {
            assertEquals(List.of(run.resolve("log.jsonl")), files.toList(), "no checkpoint, whole or in part");
        }
        Files.delete(run.resolve("log.jsonl"));
    }

    @Test
    void aFolderThatCannotBeWritten() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        assumeTrue(locked.toFile().setWritable(false), "this file system has no permissions");
        try {
            assumeFalse(Files.isWritable(locked), "root may write anywhere");
            assertRefused(Command.train(locked.resolve("run"), 2), "permission denied");
        } finally {
            assertTrue(locked.toFile().setWritable(true));
        }
    }

    @Test
    void aFolderThatCannotBe() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "here");
        assertRefused(Command.train(file.resolve("run"), 2), "cannot write " + file.resolve("run"));
        assertEquals("here", Files.readString(file));
        assertLeft("file");
    }

    @Test
    void aDeviceThatIsNotKnown() {
        assertRefused(Command.run("train", "--device", "gpu"), "device \"gpu\" is not known; there are cpu, ");
        assertRefused(Command.run("train", "--threads", "-1"), "--threads wants 1 to 1024, got -1");
    }

    @Test
    void aRunThatIsThereAlready() throws IOException {
        Path run = folder.resolve("run");
        assertEquals(0, Command.train(run, 1).status());
        assertRefused(Command.train(run, 1), run + " already holds a run; add --resume");
        assertRefused(
                Command.run("train", "--resume", "--steps", "9", "--run", run.toString()),
                "--resume takes the configuration from the checkpoint");
        assertLeft("run");
    }

    @Test
    void nothingToResume() throws IOException {
        assertRefused(
                Command.run("train", "--resume", "--run", folder.resolve("run").toString()),
                folder.resolve("run") + " does not exist, so there is nothing to resume from");
        assertLeft();
    }

    @Test
    void aModelThatIsNone() throws IOException {
        assertRefused(Command.run("sample", "--model", folder.toString(), "a cat"), folder + " holds no model");
        assertRefused(
                Command.run("sample", "--model", folder.resolve("no").toString(), "a cat"), "no is no folder; --model");
    }

    @Test
    void optionsThatDoNotExist() {
        assertRefused(Command.run("train", "--stepz", "3"), "see mezzotint train --help");
        assertRefused(Command.run("paint"), "see mezzotint --help");
        assertRefused(Command.run("sample"), "PROMPT");
        assertRefused(Command.run("train", "--steps", "many"), "--steps");
    }

    @Test
    void aTraceOnlyWhenAskedFor() {
        Command plain = Command.run("train", "--device", "gpu");
        assertFalse(plain.err().contains("\tat "), plain.err());
        Command traced = Command.run("train", "--device", "gpu", "--stacktrace");
        assertEquals(2, traced.status());
        assertTrue(traced.err().contains("\tat "), traced.err());
    }

    private static void assertRefused(Command command, String part) {
        assertEquals(2, command.status(), command.err());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.complaints().getFirst().contains(part), command.err());
        assertFalse(command.err().contains("\tat "), command.err());
    }

    private void assertLeft(String... names) throws IOException {
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of(names),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }
}
