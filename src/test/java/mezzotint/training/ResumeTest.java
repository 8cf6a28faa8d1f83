package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import mezzotint.data.CaptionedImage;
import mezzotint.data.StarterSet;
import mezzotint.flow.TimeShift;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.prx.PrxConfig;
import mezzotint.sampling.ModelDescription;
import mezzotint.text.ByteTextEncoder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints are compared byte by byte: weights, averages, moments, counters and the state of the loader. */
class ResumeTest {
    private static final int STEPS = 6;
    private static final ByteTextEncoder.Config TEXT = new ByteTextEncoder.Config(32, 1, 2, 24, 3, 256);
    private static final List<CaptionedImage> IMAGES =
            StarterSet.load().images(List.of("en", "de", "zh")).subList(0, 7);

    @TempDir
    static Path folder;

    private static Map<String, byte[]> straight;

    @BeforeAll
    static void trainsInOneGo() throws IOException {
        try (Device device = open(1);
                Trainer trainer = Trainer.start(device, config(), description(), IMAGES, _ -> {})) {
            take(trainer, STEPS);
            straight = files(trainer.saveCheckpoint(folder.resolve("straight")));
        }
    }

    @ParameterizedTest(name = "3 steps on {0} threads, 3 more on {1}")
    @CsvSource({"1, 1", "1, 2", "2, 2", "2, 1"})
    void givesTheSameBitsAfterResume(int before, int after) throws IOException {
        Path run = folder.resolve("resumed-%d-%d".formatted(before, after));
        Path half;
        try (Device device = open(before);
                Trainer trainer = Trainer.start(device, config(), description(), IMAGES, _ -> {})) {
            take(trainer, STEPS / 2);
            half = trainer.saveCheckpoint(run);
        }
        try (Device device = open(after);
                Trainer trainer = Trainer.resume(device, config(), description(), IMAGES, _ -> {}, half)) {
            assertEquals(STEPS / 2, trainer.steps());
            take(trainer, STEPS - STEPS / 2);
            assertSameFiles(straight, files(trainer.saveCheckpoint(run)));
        }
    }

    @Test
    void givesTheSameBitsOnTwoThreads() throws IOException {
        try (Device device = open(2);
                Trainer trainer = Trainer.start(device, config(), description(), IMAGES, _ -> {})) {
            take(trainer, STEPS);
            assertSameFiles(straight, files(trainer.saveCheckpoint(folder.resolve("two-threads"))));
        }
    }

    @Test
    void refusesOtherData() {
        try (Device device = open(1)) {
            Path checkpoint = TrainingRuns.newestCheckpoint(folder.resolve("straight"));
            var failure = assertThrows(
                    InvalidCheckpointException.class,
                    () -> Trainer.resume(device, config(), description(), IMAGES.subList(0, 5), _ -> {}, checkpoint));
            assertEquals(
                    checkpoint + " was trained on 7 pictures, the data has 5; give it the same data",
                    failure.getMessage());
        }
    }

    private static void assertSameFiles(Map<String, byte[]> expected, Map<String, byte[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        assertTrue(expected.size() >= 9, "a checkpoint has its model and its training state: " + expected.keySet());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
    }

    private static void take(Trainer trainer, int steps) {
        for (int i = 0; i < steps; i++) {
            trainer.step();
        }
    }

    private static Map<String, byte[]> files(Path checkpoint) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (var walk = Files.walk(checkpoint)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(checkpoint.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static Device open(int threads) {
        return CpuDevice.open(CpuOptions.best().withThreads(threads));
    }

    private static TrainingConfig config() {
        String changes = """
            model: {preset: cpu_nano}
            text: {width: 32, layers: 1, heads: 2, max_tokens: 24}
            data: {image_size: 24, mirror: true}
            average: {smoothing: 0.9, start: 2ba, interval: 2ba}
            schedule: {warmup: 2}
            run: {steps: %d, batch_size: 4, seed: 5}
            """.formatted(STEPS);
        return new TrainingConfigFile().parse(changes, TrainingConfig.QUICKSTART, "test");
    }

    private static ModelDescription description() {
        return new ModelDescription(
                PrxConfig.CPU_NANO.withContextDim(TEXT.width()),
                new ModelDescription.TextModule(
                        "bytes", JsonNodeFactory.instance.objectNode(), p -> new ByteTextEncoder(TEXT, p)),
                config().flow().predicted(),
                1f,
                new TimeShift(1f),
                24);
    }
}
