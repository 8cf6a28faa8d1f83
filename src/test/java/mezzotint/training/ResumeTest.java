package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mezzotint.io.FolderManifest;
import mezzotint.kernel.Device;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that stops after any step and is resumed, on the same or another number of threads, has the same SHA-256 of all its state
 * at every later step as one that went through: weights, averages, moments, counters, losses gathered, place in the data.
 */
class ResumeTest {
    private static final int STEPS = 7;

    private static final String PIXEL_LOSSES = "src/test/resources/golden/train_pixel_losses/";

    /** All that go together. */
    private static final String TECHNIQUES = """
            optimizer: {kind: muon, clip: 0.2}
            technique:
              repa: {kind: irepa_attention, weight: 0.5, block: 0, teacher: %1$spdino_encoder}
              tread: {probability: 0.5, first_block: 0, last_block: 1}
              contrastive: {weight: 0.05}
              lpips: {weight: 0.1, network: %1$slpips_weights.safetensors, threshold: 0.9}
              perceptual_dino: {weight: 0.01, encoder: %1$spdino_encoder, side: 28}
              resolution: token
            """.formatted(PIXEL_LOSSES);

    /** By name. A technique that comes to the trainer belongs in one of these, so that its state is saved too. */
    private static final Map<String, TinyRun> RUNS = Map.of("adamw", TinyRun.of(), "epochs", TinyRun.of("""
            average: {smoothing: 0.5, start: 1ep, interval: 1ep}
            flow: {prediction: v, timesteps: uniform}
            schedule: {decay: constant}
            """), "techniques", TinyRun.of(TECHNIQUES), "sprint", TinyRun.of("""
            optimizer: {kind: muon}
            technique: {sprint: {probability: 0.75, first_block: 0, last_block: 1}, resolution: vec}
            model: {recompute: true, precision: bf16_weights}
            """));

    @TempDir
    static Path folder;

    @TestFactory
    Stream<DynamicContainer> givesTheSameHashesFromAnyStep() {
        return RUNS.entrySet().stream()
                .map(run -> DynamicContainer.dynamicContainer(run.getKey(), fromEveryStep(run.getKey(), run.getValue())));
    }

    private static Stream<DynamicTest> fromEveryStep(String name, TinyRun run) {
        List<Map<String, String>> straight = new ArrayList<>();
        Stream<DynamicTest> before = Stream.of(DynamicTest.dynamicTest("in one go", () -> goThrough(name, run, straight)));
        Stream<DynamicTest> resumed = IntStream.range(0, STEPS)
                .mapToObj(step -> DynamicTest.dynamicTest(
                        "from step " + step, () -> resumeAt(step, 1 + step % 2, name, run, straight)));
        return Stream.concat(before, resumed);
    }

    private static void goThrough(String name, TinyRun run, List<Map<String, String>> straight) {
        try (Device device = TinyRun.open(1);
                Trainer trainer = run.start(device)) {
            straight.add(FolderManifest.hashes(trainer.saveCheckpoint(at(name, 0))));
            for (int step = 1; step <= STEPS; step++) {
                trainer.step();
                straight.add(FolderManifest.hashes(trainer.saveCheckpoint(at(name, step))));
                assertNotEquals(straight.get(step - 1), straight.get(step), "a step changes something");
            }
        }
        assertTrue(straight.getFirst().size() >= 9, "a checkpoint has its model and its training state: " + straight.getFirst());
    }

    private static void resumeAt(int step, int threads, String name, TinyRun run, List<Map<String, String>> straight) {
        try (Device device = TinyRun.open(threads);
                Trainer trainer = run.resume(device, TrainingRuns.newestCheckpoint(at(name, step)))) {
            assertEquals(step, trainer.steps());
            Path resumed = folder.resolve(name + "-from-" + step);
            int soon = step + 1 + step % 3;
            TinyRun.take(trainer, Math.min(soon, STEPS) - step);
            assertEquals(straight.get(Math.min(soon, STEPS)), FolderManifest.hashes(trainer.saveCheckpoint(resumed)));
            TinyRun.take(trainer, STEPS - trainer.steps());
            assertEquals(straight.get(STEPS), FolderManifest.hashes(trainer.saveCheckpoint(resumed)));
        }
    }

    private static Path at(String name, int step) {
        return folder.resolve(name + "-" + step);
    }

    @Test
    void aForgottenCounterWouldBeNoticed() {
        try (Device device = TinyRun.open(1);
                Trainer trainer = TinyRun.of().start(device)) {
            TinyRun.take(trainer, 2);
            Path checkpoint = trainer.saveCheckpoint(folder.resolve("moments"));
            TinyRun.take(trainer, 1);
            Map<String, String> expected = FolderManifest.hashes(trainer.saveCheckpoint(folder.resolve("moments")));
            for (String forgotten : List.of("optimizer_steps", "position", "epoch")) {
                Path changed = Damage.copyWithout(checkpoint, folder.resolve("without-" + forgotten), forgotten);
                try (Trainer resumed = TinyRun.of().resume(device, changed)) {
                    TinyRun.take(resumed, 1);
                    assertNotEquals(
                            expected.get(Checkpoint.WEIGHTS),
                            FolderManifest.hashes(resumed.saveCheckpoint(folder.resolve("then-" + forgotten)))
                                    .get(Checkpoint.WEIGHTS),
                            forgotten);
                }
            }
        }
    }

    @Test
    void refusesOtherDataAndAnotherConfiguration() {
        TinyRun run = TinyRun.of();
        try (Device device = TinyRun.open(1);
                Trainer trainer = run.start(device)) {
            Path checkpoint = trainer.saveCheckpoint(folder.resolve("other"));
            TinyRun fewer = new TinyRun(run.config(), run.images().subList(0, 4));
            assertEquals(
                    checkpoint + " was trained on 5 pictures, the data has 4; give it the same data",
                    assertThrows(InvalidCheckpointException.class, () -> fewer.resume(device, checkpoint))
                            .getMessage());
            assertEquals(
                    checkpoint + " was trained with another configuration; resume with the one saved in it",
                    assertThrows(
                                    InvalidCheckpointException.class,
                                    () -> TinyRun.of("run: {seed: 6}").resume(device, checkpoint))
                            .getMessage());
        }
    }
}
