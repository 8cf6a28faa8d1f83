package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mezzotint.data.CaptionedImage;
import mezzotint.data.StarterSet;
import mezzotint.flow.TimeShift;
import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.prx.PrxConfig;
import mezzotint.sampling.ModelDescription;
import mezzotint.sampling.ModelDescription.TextModule;
import mezzotint.tensor.DType;
import mezzotint.tensor.TensorArena;
import mezzotint.text.ByteTextEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerTest {
    @TempDir
    Path folder;

    /** A device that remembers its arenas: weights, activations and gradients, in this order. */
    private record Watched(Device device, List<TensorArena> arenas) implements Device {
        @Override
        public Kernels kernels() {
            return device.kernels();
        }

        @Override
        public TensorArena arena(long bytes) {
            arenas.add(device.arena(bytes));
            return arenas.getLast();
        }

        @Override
        public void synchronize() {}

        @Override
        public void close() {
            device.close();
        }
    }

    private static TrainingConfig config(String yaml) {
        return new TrainingConfigFile().parse(yaml, TrainingConfig.QUICKSTART, "test");
    }

    private static ModelDescription description(TrainingConfig config) {
        TrainingConfig.Text text = config.text();
        PrxConfig network = PrxConfig.PRESETS.get(config.model().preset()).withContextDim(text.width());
        TextModule module = new TextModule(
                text.encoder(),
                JsonNodeFactory.instance.objectNode(),
                p -> new ByteTextEncoder(
                        new ByteTextEncoder.Config(
                                text.width(), text.layers(), text.heads(), text.maxTokens(), 4, 4096),
                        p));
        return new ModelDescription(
                network,
                module,
                config.flow().predicted(),
                config.flow().noiseScale(),
                new TimeShift(config.flow().shift()),
                config.data().imageSize());
    }

    /** Pictures with captions that fill the longest prompt. */
    private static List<CaptionedImage> images() {
        return StarterSet.load().images(List.of("en")).stream()
                .limit(8)
                .map(image ->
                        new CaptionedImage(image.id(), image.picture(), Map.of("en", List.of("long ".repeat(40)))))
                .toList();
    }

    private static Trainer trainer(Device device, TrainingConfig config) {
        return Trainer.start(device, config, description(config), images(), bad -> {});
    }

    /** Peaks of a step's activations and gradients with a batch. */
    private static long[] peaks(String preset, boolean recompute, int batch, long[] capacities) {
        TrainingConfig config = config("model: {preset: %s, recompute: %s}\nrun: {batch_size: %d, steps: 2}\n"
                        .formatted(preset, recompute, batch)
                + "data: {image_size: %d}".formatted(preset.equals("cpu_small") ? 32 : 64)); // to be quick
        try (Watched device = new Watched(CpuDevice.open(), new ArrayList<>());
                Trainer trainer = trainer(device, config)) {
            StepReport report = trainer.step();
            assertTrue(Double.isFinite(report.loss()));
            assertEquals(batch, report.pictures());
            device.arenas.forEach(arena -> assertTrue(arena.peak() <= arena.capacity()));
            // Weights do not grow with the batch: their slack must stay what it is for.
            assertTrue(device.arenas.get(0).peak() <= device.arenas.get(0).capacity() - (100L << 20));
            capacities[0] = device.arenas.get(1).capacity();
            capacities[1] = device.arenas.get(2).capacity();
            return new long[] {device.arenas.get(1).peak(), device.arenas.get(2).peak()};
        }
    }

    /** The slack of a small batch hides a wrong formula, so it is what a picture adds that must be within bounds. */
    @ParameterizedTest
    @CsvSource({"cpu_tiny, false", "cpu_tiny, true", "cpu_small, false"})
    void memoryIsEnoughForAnyBatch(String preset, boolean recompute) {
        long[] few = new long[2];
        long[] many = new long[2];
        long[] peaksOfFew = peaks(preset, recompute, 1, few);
        long[] peaksOfMany = peaks(preset, recompute, 2, many);
        for (int i = 0; i < 2; i++) {
            long added = peaksOfMany[i] - peaksOfFew[i];
            long granted = many[i] - few[i];
            String what =
                    (i == 0 ? "activations" : "gradients") + ": a picture takes " + added + " bytes of " + granted;
            assertTrue(added <= granted, what);
        }
    }

    @Test
    void aLossThatIsNoNumberLeavesTheWeightsAsTheyWere() throws IOException {
        TrainingConfig config = config(
                "flow: {prediction: v, noise_scale: 1.0e+30}\ntext: {width: 32}\nrun: {batch_size: 2, steps: 3}");
        try (Device device = CpuDevice.open();
                Trainer trainer = trainer(device, config)) {
            byte[] before = exported(trainer, "before");
            var e = assertThrows(NonFiniteLossException.class, trainer::step);
            assertTrue(e.getMessage().startsWith("step 1: loss "), e::getMessage);
            assertTrue(
                    e.getMessage()
                            .endsWith("; the step was not taken. Lower the learning rate or set optimizer.clip, and"
                                    + " resume from the last checkpoint"),
                    e::getMessage);
            assertEquals(0, trainer.steps());
            assertArrayEquals(before, exported(trainer, "after"));
        }
    }

    private byte[] exported(Trainer trainer, String name) throws IOException {
        trainer.exportModel(folder.resolve(name), DType.F32);
        return Files.readAllBytes(folder.resolve(name).resolve("transformer/diffusion_pytorch_model.safetensors"));
    }
}
