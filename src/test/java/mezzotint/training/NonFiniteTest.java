package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mezzotint.io.FolderManifest;
import mezzotint.kernel.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A loss, gradient or weight that is no number never gets into a checkpoint. */
class NonFiniteTest {
    /** Velocities of 10³⁰, whose squares float32 does not have. */
    private static final String TOO_LOUD = "flow: {prediction: v, noise_scale: 1.0e+30}";

    @TempDir
    Path folder;

    @Test
    void stopsAndACheckpointAfterwardsIsOfTheStateBefore() {
        TinyRun run = TinyRun.of(TOO_LOUD);
        try (Device device = TinyRun.open(1);
                Trainer trainer = run.start(device)) {
            Map<String, String> before = FolderManifest.hashes(trainer.saveCheckpoint(folder.resolve("before")));
            var failure = assertThrows(NonFiniteLossException.class, trainer::step);
            assertTrue(failure.getMessage().startsWith("step 1: loss "), failure::getMessage);
            assertTrue(
                    failure.getMessage().contains("; the step was not taken. Lower the learning rate"),
                    failure::getMessage);
            assertEquals(0, trainer.steps());
            assertEquals(before, FolderManifest.hashes(trainer.saveCheckpoint(folder.resolve("after"))));
        }
    }

    @Test
    void leavesOutAsManyStepsAsAllowedAndCountsThem() {
        TinyRun run = TinyRun.of(TOO_LOUD, "non_finite: {action: skip, most_skipped: 3}");
        try (Device device = TinyRun.open(1);
                Trainer trainer = run.start(device)) {
            Map<String, String> start = FolderManifest.hashes(trainer.saveCheckpoint(folder.resolve("start")));
            StepReport first = trainer.step();
            assertFalse(first.taken());
            assertEquals(1, first.skipped());
            Path one = trainer.saveCheckpoint(folder.resolve("one"));
            TinyRun.take(trainer, 2);
            assertEquals(3, trainer.steps());
            assertEquals(3, trainer.skippedSteps());
            Map<String, String> three = FolderManifest.hashes(trainer.saveCheckpoint(folder.resolve("three")));
            assertEquals(start.get(Checkpoint.WEIGHTS), three.get(Checkpoint.WEIGHTS));
            assertEquals(start.get(Checkpoint.OPTIMIZER), three.get(Checkpoint.OPTIMIZER));
            assertNotEquals(start.get(Checkpoint.STATE), three.get(Checkpoint.STATE), "the batches are used up");
            assertEquals(
                    0,
                    Checkpoint.read(folder.resolve("three/checkpoint-00000003"))
                            .counters()
                            .optimizerSteps());
            var failure = assertThrows(NonFiniteLossException.class, trainer::step);
            assertTrue(failure.getMessage().contains(", and 3 before it were left out already."), failure::getMessage);
            try (Trainer resumed = run.resume(device, one)) {
                TinyRun.take(resumed, 2);
                assertEquals(three, FolderManifest.hashes(resumed.saveCheckpoint(folder.resolve("again"))));
            }
        }
    }

    @Test
    void weightsThatAreNoNumbersAreNotWritten() {
        // The first step has a finite loss and gradient; a rate of 10³⁰⁰ is what makes its weights infinite.
        TinyRun run =
                TinyRun.of("optimizer: {learning_rate: 1.0e+300, clip: 0}", "schedule: {warmup: 0, decay: constant}");
        Path place = folder.resolve("run");
        try (Device device = TinyRun.open(1);
                Trainer trainer = run.start(device)) {
            Path good = trainer.saveCheckpoint(place);
            trainer.step();
            var failure = assertThrows(NonFiniteStateException.class, () -> trainer.saveCheckpoint(place));
            assertTrue(
                    failure.getMessage().startsWith("weights.safetensors: ")
                            && failure.getMessage()
                                    .endsWith("so this checkpoint was not written."
                                            + " Lower the learning rate and resume from the last checkpoint"),
                    failure::getMessage);
            assertEquals(good, TrainingRuns.newestCheckpoint(place));
            assertFalse(Files.exists(place.resolve("checkpoint-00000001.partial")));
        }
    }

    @Test
    void thePolicyIsChecked() {
        assertEquals(
                "training configuration: non_finite.action expected stop or skip, got hope",
                assertThrows(InvalidTrainingConfigException.class, () -> new NonFiniteSteps("hope", 0))
                        .getMessage());
        assertEquals(
                "training configuration: non_finite.most_skipped expected at least 0, got -1",
                assertThrows(InvalidTrainingConfigException.class, () -> new NonFiniteSteps("skip", -1))
                        .getMessage());
    }
}
