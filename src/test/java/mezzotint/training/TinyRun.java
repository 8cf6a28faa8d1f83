package mezzotint.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import mezzotint.data.CaptionedImage;
import mezzotint.data.StarterSet;
import mezzotint.flow.TimeShift;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.prx.PrxConfig;
import mezzotint.sampling.ModelDescription;
import mezzotint.text.ByteTextEncoder;

/**
 * A run small enough to be started, killed and resumed many times.
 *
 * @param config of the run
 * @param images its data
 */
record TinyRun(TrainingConfig config, List<CaptionedImage> images) {
    /** Smaller than any preset: what a checkpoint weighs decides how long the tests take. */
    private static final PrxConfig NETWORK = new PrxConfig(
            3, 8, 16, 16, 2, 2, 4, new PrxConfig.RopeAxes(4, 4), 1e4, 1000, 1e4f, OptionalInt.of(8), false);

    /** Epochs end within batches, captions are dropped, pictures mirrored, and the average begins late. */
    static final String BASE = """
        model: {preset: cpu_nano}
        text: {width: 16, layers: 1, heads: 2, max_tokens: 16}
        data: {image_size: 16, mirror: true}
        flow: {caption_dropout: 0.3}
        average: {smoothing: 0.9, start: 2ba, interval: 2ba}
        schedule: {warmup: 2}
        run: {steps: 7, batch_size: 3, seed: 5}
        """;

    /** The usual one. */
    static TinyRun of(String... changes) {
        TrainingConfig config = new TrainingConfigFile().parse(BASE, TrainingConfig.QUICKSTART, "base");
        for (String change : changes) {
            config = new TrainingConfigFile().parse(change, config, "change");
        }
        return new TinyRun(
                config, StarterSet.load().images(List.of("en", "de", "zh")).subList(0, 5));
    }

    static Device open(int threads) {
        return CpuDevice.open(CpuOptions.best().withThreads(threads));
    }

    Trainer start(Device device) {
        return Trainer.start(device, config, description(), images, _ -> {});
    }

    Trainer resume(Device device, Path checkpoint) {
        return Trainer.resume(device, config, description(), images, _ -> {}, checkpoint);
    }

    /** Goes on from the newest whole checkpoint of a run, or starts. */
    Trainer startOrResume(Device device, Path run, Consumer<String> skipped) {
        return TrainingRuns.hasCheckpoint(run)
                ? resume(device, TrainingRuns.newestCheckpoint(run, skipped))
                : start(device);
    }

    static void take(Trainer trainer, long steps) {
        for (long i = 0; i < steps; i++) {
            trainer.step();
        }
    }

    /** As {@link TrainingConfig#network} makes it of a preset. */
    private PrxConfig network() {
        boolean embeds = config.technique().resolution().equals("vec");
        PrxConfig tiny = NETWORK.withContextDim(config.text().width())
                .withExtensions(config.technique().extensions(NETWORK.depth()));
        return embeds ? tiny.withResolutionEmbeds(true) : tiny;
    }

    private ModelDescription description() {
        TrainingConfig.Text text = config.text();
        ByteTextEncoder.Config bytes =
                new ByteTextEncoder.Config(text.width(), text.layers(), text.heads(), text.maxTokens(), 3, 64);
        return new ModelDescription(
                network(),
                new ModelDescription.TextModule(
                        "bytes", JsonNodeFactory.instance.objectNode(), p -> new ByteTextEncoder(bytes, p)),
                config.flow().predicted(),
                config.flow().noiseScale(),
                new TimeShift(config.flow().shift()),
                config.data().imageSize());
    }
}
