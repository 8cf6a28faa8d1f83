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
    private static final int STEPS = 5;

    /** A preset whose four blocks the configuration's own checks count; {@link TinyRun} has as many. */
    private static final String DEEPER = "{model: {preset: cpu_tiny}, data: {image_size: 32}, run: {batch_size: 2}}";

    /** By name. A technique that comes to the trainer belongs in one of these, so that its state is saved too. */
    private static final Map<String, TinyRun> RUNS = Map.of(
            "adamw",
            TinyRun.of(),
            "epochs",
            TinyRun.of("""
                average: {smoothing: 0.5, start: 1ep, interval: 1ep}
                flow: {prediction: v, timesteps: uniform}
                schedule: {decay: constant}
                """),
            "iREPA, TREAD, contrastive, LPIPS, P-DINO, resolution tokens, Muon",
            TinyRun.of(DEEPER, """
                optimizer: {kind: muon}
                technique:
                  repa: {kind: irepa_attention, weight: 0.5, block: 1,
                      teacher: src/test/resources/golden/vision_dinov2/encoder}
                  tread: {probability: 0.5, first_block: 1, last_block: 2}
                  contrastive: {weight: 0.05}
                  lpips: {weight: 0.1, network: src/test/resources/golden/vision_lpips_vgg/weights.safetensors}
                  perceptual_dino: {weight: 0.01, side: 28,
                      encoder: src/test/resources/golden/vision_dinov2/encoder}
                  resolution: token
                """),
            "SPRINT, REPA by convolution, resolution vector, weights of bf16, recomputation",
            TinyRun.of(DEEPER, """
                model: {precision: bf16_weights, recompute: true}
                technique:
                  repa: {kind: irepa_convolution, weight: 0.5, block: 0,
                      teacher: src/test/resources/golden/vision_dinov2/encoder}
                  sprint: {probability: 0.75, first_block: 1, last_block: 2}
                  resolution: vec
                """));

    @TempDir
    static Path folder;

    @TestFactory
    Stream<DynamicContainer> givesTheSameHashesFromAnyStep() {
        return RUNS.entrySet().stream()
                .map(run ->
                        DynamicContainer.dynamicContainer(run.getKey(), fromEveryStep(run.getKey(), run.getValue())));
    }

    private static Stream<DynamicTest> fromEveryStep(String name, TinyRun run) {
        List<Map<String, String>> straight = new ArrayList<>();
        Stream<DynamicTest> before =
                Stream.of(DynamicTest.dynamicTest("in one go", () -> goThrough(name, run, straight)));
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
        assertTrue(
                straight.getFirst().size() >= 9,
                "a checkpoint has its model and its training state: " + straight.getFirst());
    }

    private static void resumeAt(int step, int threads, String name, TinyRun run, List<Map<String, String>> straight) {
        try (Device device = TinyRun.open(threads);
                Trainer trainer = run.resume(device, TrainingRuns.newestCheckpoint(at(name, step)))) {
            assertEquals(step, trainer.steps());
            Path resumed = folder.resolve(name.hashCode() + "-from-" + step);
            int soon = step + 1 + step % 3;
            TinyRun.take(trainer, Math.min(soon, STEPS) - step);
            assertEquals(straight.get(Math.min(soon, STEPS)), FolderManifest.hashes(trainer.saveCheckpoint(resumed)));
            TinyRun.take(trainer, STEPS - trainer.steps());
            assertEquals(straight.get(STEPS), FolderManifest.hashes(trainer.saveCheckpoint(resumed)));
        }
    }

    private static Path at(String name, int step) {
        return folder.resolve(name.hashCode() + "-" + step);
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
