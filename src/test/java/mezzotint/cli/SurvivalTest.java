package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FolderManifest;
import mezzotint.io.Json;
import mezzotint.io.SafeTensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands say and do about damaged checkpoints, bad resume paths and losses that are no numbers; parts of a checkpoint. */
class SurvivalTest {
    private static final String LATE_AVERAGE = "average.start=3ba";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private Path run;

    /** Checkpoints after steps 2 and 4, the average active in the second. */
    @BeforeAll
    static void trains() {
        Command command = Command.train(
                shared.resolve("run"),
                4,
                "--set",
                "run.checkpoint_every=2",
                "--set",
                LATE_AVERAGE,
                "--set",
                "average.smoothing=0.5");
        assertEquals(0, command.status(), command.err());
    }

    @BeforeEach
    void copiesTheRun() throws IOException {
        run = folder.resolve("run");
        Path source = shared.resolve("run");
        try (Stream<Path> all = Files.walk(source)) {
            for (Path path : all.toList()) {
                Files.copy(path, run.resolve(source.relativize(path).toString()));
            }
        }
    }

    private Path checkpoint(int step) {
        return run.resolve("checkpoint-%08d".formatted(step));
    }

    private static void damage(Path checkpoint) throws IOException {
        Files.writeString(checkpoint.resolve("training/weights.safetensors"), "x", StandardOpenOption.APPEND);
    }

    @Test
    void aDamagedCheckpointIsSkippedWithASentenceAndTheStepsTakenAgain() throws IOException {
        var expected = FolderManifest.hashes(checkpoint(4));
        damage(checkpoint(4));
        Command resumed = Command.run("train", "--resume", "--run", run.toString(), "--threads", "1");
        assertEquals(0, resumed.status(), resumed.err());
        assertTrue(
                resumed.err()
                        .contains("left out checkpoint %s, which is damaged: training/weights.safetensors has"
                                .formatted(checkpoint(4))),
                resumed.err());
        assertEquals(expected, FolderManifest.hashes(checkpoint(4)));
        assertEquals(FolderManifest.damage(checkpoint(4)), java.util.Optional.empty());
        assertEquals(4, Files.readAllLines(run.resolve("log.jsonl")).size());
    }

    @Test
    void badPathsToResumeFromAreOneSentence() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        damage(checkpoint(2));
        damage(checkpoint(4));
        assertRefused(resume(folder.resolve("none")), "does not exist, so there is nothing to resume from");
        assertRefused(resume(file), "is a file; expected the folder of a run or of a checkpoint");
        assertRefused(resume(Files.createDirectory(folder.resolve("empty"))), "empty has no checkpoint to resume from");
        assertRefused(resume(checkpoint(4)), "is damaged: training/weights.safetensors has");
        assertRefused(
                resume(run),
                "has no whole checkpoint to resume from: all 2 are damaged; start a new run in another folder");
        assertRefused(Command.train(run, 4), "already holds a run");
        assertRefused(resume(checkpoint(4).resolve("model")), "model has no checkpoint to resume from");
    }

    private static Command resume(Path path) {
        return Command.run("train", "--resume", "--run", path.toString(), "--threads", "1");
    }

    @Test
    void aLossThatIsNoNumberStopsOrIsLeftOutByChoice() throws IOException {
        String[] loud = {"--set", "flow.prediction=v", "--set", "flow.noise_scale=1.0e+30"};
        Path stopped = folder.resolve("stopped");
        Command stop = Command.train(stopped, 3, loud);
        assertRefused(stop, "step 1: loss ");
        assertFalse(Files.exists(stopped.resolve("checkpoint-00000000")), "no checkpoint of a run that took no step");
        Path skipping = folder.resolve("skipping");
        Command skip =
                Command.train(skipping, 3, loud[0], loud[1], loud[2], loud[3], "--set", "non_finite.action=skip");
        assertEquals(0, skip.status(), skip.err());
        assertTrue(skip.err().contains("left out step 3: loss "), skip.err());
        assertTrue(skip.err().contains("; 3 of at most 100 so far"), skip.err());
        List<String> log = Files.readAllLines(skipping.resolve("log.jsonl"));
        assertEquals(3, log.size());
        assertTrue(log.getLast().contains("\"loss\":null") && log.getLast().contains("\"skipped\":3"), log.getLast());
    }

    @Test
    void partsOfACheckpointAreExportedApart() throws IOException {
        Path late = checkpoint(4);
        assertPart("model", late, "training/average.safetensors");
        assertPart("average", late, "training/average.safetensors");
        assertPart("weights", late, "training/weights.safetensors");
        assertPart("model", checkpoint(2), "training/weights.safetensors"); // the average had not begun
        Path moments = folder.resolve("moments");
        assertEquals(0, export(run, moments, "optimizer").status());
        try (SafeTensors ours = SafeTensors.open(moments.resolve("optimizer.safetensors"));
                SafeTensors stored = SafeTensors.open(late.resolve("training/optimizer.safetensors"))) {
            assertEquals(stored.names(), ours.names());
            for (String name : stored.names()) {
                assertArrayEquals(stored.get(name).toFloats(), ours.get(name).toFloats(), name);
            }
        }
        assertEquals(
                4,
                Json.readObject(moments.resolve("optimizer.json"))
                        .path("optimizer_steps")
                        .asInt());
        assertRefused(
                export(checkpoint(2), folder.resolve("no"), "average"),
                "the average had not begun at step 2; export the weights, or a later checkpoint");
        assertRefused(
                export(run, folder.resolve("no"), "soul"),
                "--part soul is not known; there are model, weights, average, optimizer");
        assertRefused(
                export(late.resolve("model"), folder.resolve("no"), "weights"), "has no checkpoint to resume from");
        assertFalse(Files.exists(folder.resolve("no")));
    }

    private static Command export(Path source, Path out, String part) {
        return Command.run("export", source.toString(), "--out", out.toString(), "--part", part);
    }

    /** Every weight of the exported model is that of the checkpoint's file. */
    private void assertPart(String part, Path checkpoint, String file) throws IOException {
        Path out = folder.resolve("out");
        Command command = export(checkpoint, out, part);
        assertEquals(0, command.status(), command.err());
        for (String room :
                List.of("transformer/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors")) {
            try (SafeTensors ours = SafeTensors.open(out.resolve(room));
                    SafeTensors stored = SafeTensors.open(checkpoint.resolve(file))) {
                for (String name : ours.names()) {
                    assertArrayEquals(
                            stored.get(name).toFloats(), ours.get(name).toFloats(), part + " " + name);
                }
            }
        }
        AtomicFolders.delete(out);
    }

    private static void assertRefused(Command command, String part) {
        assertEquals(2, command.status(), command.err());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.complaints().getFirst().contains(part), command.err());
        assertFalse(command.err().contains("\tat "), command.err());
    }
}
