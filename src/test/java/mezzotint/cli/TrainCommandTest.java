package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import mezzotint.training.TrainingConfig;
import mezzotint.training.TrainingConfigFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir
    Path folder;

    @Test
    void writesCheckpointsLogPreviewsAndConfiguration() throws IOException {
        Path run = folder.resolve("run");
        Command command =
                Command.train(run, 4, "--set", "run.checkpoint_every=2", "--set", "run.preview_every=4", "--seed", "9");
        assertEquals(0, command.status(), command.err());
        assertEquals(
                List.of("checkpoint-00000002", "checkpoint-00000004", "config.yaml", "log.jsonl", "previews"),
                names(run));
        assertEquals(List.of("step-000004.png"), names(run.resolve("previews")));
        RgbImage sheet = RgbImage.read(run.resolve("previews/step-000004.png"));
        assertTrue(sheet.width() > 8 * 64 && sheet.height() > 8 * 64, sheet.toString());
        assertEquals(
                "4",
                PngFile.readParameters(run.resolve("previews/step-000004.png")).get("step"));
        assertEquals(List.of(1L, 2L, 3L, 4L), steps(run));
        TrainingConfig config = new TrainingConfigFile().read(run.resolve("config.yaml"), TrainingConfig.QUICKSTART);
        assertEquals(9, config.run().seed());
        assertEquals("cpu_nano", config.model().preset());
        assertTrue(command.out().contains("mezzotint sample --model " + run), command.out());
        assertTrue(command.err().contains("step 4/4  loss "), command.err());
    }

    @Test
    void goesOnWhereItEndedAndCutsTheLogBack() throws IOException {
        Path run = folder.resolve("run");
        assertEquals(0, Command.train(run, 5, "--set", "run.checkpoint_every=3").status());
        byte[] log = Files.readAllBytes(run.resolve("log.jsonl"));
        Path last = run.resolve("checkpoint-00000005");
        byte[] weights = Files.readAllBytes(last.resolve("training/weights.safetensors"));
        mezzotint.io.AtomicFolders.delete(last);
        Files.writeString(run.resolve("log.jsonl"), "{\"step\": 6, \"lo", java.nio.file.StandardOpenOption.APPEND);
        Command resumed = Command.run("train", "--resume", "--run", run.toString(), "--threads", "2");
        assertEquals(0, resumed.status(), resumed.err());
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L), steps(run));
        assertEquals(
                loss(new String(log, java.nio.charset.StandardCharsets.UTF_8)),
                loss(Files.readString(run.resolve("log.jsonl"))));
        assertArrayEquals(weights, Files.readAllBytes(last.resolve("training/weights.safetensors")));
    }

    private static List<Double> loss(String log) throws IOException {
        JsonMapper json = new JsonMapper();
        List<Double> losses = new java.util.ArrayList<>();
        for (String line : log.lines().toList()) {
            losses.add(json.readTree(line).path("loss").doubleValue());
        }
        return losses;
    }

    @Test
    void trainsOnAFolderOfPictures() throws IOException {
        Path data = Files.createDirectory(folder.resolve("my pictures"));
        for (int i = 0; i < 3; i++) {
            Pictures.write(data.resolve(i + ".png"), RgbImage.filled(20, 30, 0x3366AA * (i + 1)), java.util.Map.of());
            Files.writeString(data.resolve(i + ".txt"), "colour %d\nfarbe %d\n".formatted(i, i));
        }
        Files.writeString(data.resolve("3.png"), "broken");
        Files.writeString(data.resolve("3.txt"), "nothing");
        Command command = Command.train(
                folder.resolve("run"),
                4,
                "--data",
                data.toString(),
                "--set",
                "data.skip_bad_pictures=true",
                "--set",
                "run.preview_every=4");
        assertEquals(0, command.status(), command.err());
        assertTrue(command.err().contains("left out picture 3.png: cannot read picture"), command.err());
        assertTrue(Files.exists(folder.resolve("run/previews/step-000004.png")));
    }

    @Test
    void aConfigurationFileNamesItsBaseAndATechnique() throws IOException {
        Files.writeString(folder.resolve("base.yaml"), "run: {seed: 9}\n");
        Path file = Files.writeString(
                folder.resolve("tread.yaml"),
                "base: base.yaml\ntechnique: {tread: {probability: 0.5, first_block: 0, last_block: 1}}\n");
        Path run = folder.resolve("run");
        Command command =
                Command.train(run, 2, "--config", file.toString(), "--set", "technique.contrastive.weight=0.05");
        assertEquals(0, command.status(), command.err());
        TrainingConfig config = new TrainingConfigFile().read(run.resolve("config.yaml"), TrainingConfig.QUICKSTART);
        assertEquals(9, config.run().seed());
        assertEquals(0.5, config.technique().tread().probability());
        assertEquals(0.05f, config.technique().contrastive().weight());
        String line = Files.readAllLines(run.resolve("log.jsonl")).getLast();
        assertTrue(new JsonMapper().readTree(line).at("/parts/contrastive").isNumber(), line);
        Command two = Command.run("train", file.toString(), "--config", file.toString(), "--run", run.toString());
        assertEquals(2, two.status());
        assertTrue(two.err().contains("two configurations, "), two.err());
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private static List<Long> steps(Path run) throws IOException {
        JsonMapper json = new JsonMapper();
        List<Long> steps = new java.util.ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
            var node = json.readTree(line);
            assertEquals(2, node.path("pictures").intValue());
            assertEquals(3, node.path("loss_by_time").size());
            steps.add(node.path("step").longValue());
        }
        return steps;
    }
}
