package mezzotint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mezzotint.data.CaptionedImage;
import mezzotint.image.RgbImage;
import mezzotint.io.AtomicFiles;
import mezzotint.io.AtomicFolders;
import mezzotint.kernel.Device;
import mezzotint.latent.CodecFolder;
import mezzotint.prx.PrxConfig;
import mezzotint.sampling.ModelDescription;
import mezzotint.sampling.ModelFolder;
import mezzotint.sampling.TextModules;
import mezzotint.tensor.TensorArena;
import mezzotint.text.TextEncoders;
import mezzotint.training.StepReport;
import mezzotint.training.Trainer;
import mezzotint.training.TrainingConfig;
import mezzotint.training.TrainingConfigFile;
import mezzotint.training.TrainingRuns;

/**
 * A run's folder and the trainer that fills it.
 *
 * <pre>
 * checkpoint-00000500/    to resume from; its model/ is to sample with
 * previews/step-000500.png
 * log.jsonl               a line a step
 * config.yaml
 * </pre>
 */
final class TrainingRun implements AutoCloseable {
    /** No limit on the time of a run. */
    static final Duration UNLIMITED = Duration.ofDays(36_500);

    private static final int MOST_LINES = 60;
    private static final int STEPS_A_LINE = 50;

    /** How training ended. */
    enum Outcome {
        FINISHED,
        STOPPED,
        OUT_OF_TIME
    }

    private final Device device;
    private final Path folder;
    private final boolean made;
    private final TrainingConfig config;
    private final TextModules texts;
    private final TrainingData data;
    private final ModelDescription description;
    private final Trainer trainer;
    private final Console console;
    private Consumer<String> notices;

    private TrainingRun(Device device, Path folder, TrainingConfig config, Path checkpoint, Console console) {
        this.device = device;
        this.folder = folder;
        this.config = config;
        this.console = console;
        this.notices = console.err()::println;
        this.data = TrainingData.of(config.data());
        this.texts = new TextModules(device, new ConversionLines(console));
        this.made = !Files.exists(folder);
        try {
            AtomicFolders.make(folder);
            boolean resumed = checkpoint != null;
            description = resumed ? saved(checkpoint) : configured();
            Consumer<mezzotint.data.BadPicture> bad =
                    picture -> notices.accept("left out picture " + picture.id() + ": " + picture.reason());
            trainer = resumed
                    ? Trainer.resume(device, config, description, data.images(), bad, checkpoint)
                    : Trainer.start(device, config, description, data.images(), bad);
        } catch (RuntimeException | Error e) {
            texts.close();
            removeIfEmpty();
            throw e;
        }
    }

    /**
     * A new run.
     *
     * @throws UserMistake when there are checkpoints already
     */
    static TrainingRun start(Device device, Path folder, TrainingConfig config, Console console) {
        if (TrainingRuns.hasCheckpoint(folder)) {
            throw new UserMistake(
                    "%s already holds a run; add --resume to go on with it, or choose another folder with --run",
                    folder);
        }
        return new TrainingRun(device, folder, config, null, console);
    }

    /**
     * A run that goes on from its newest checkpoint, with the configuration saved there.
     *
     * @param folder of the run, or of one checkpoint
     * @throws mezzotint.training.InvalidCheckpointException when there is none
     */
    static TrainingRun resume(Device device, Path folder, Console console) {
        Path checkpoint = TrainingRuns.newestCheckpoint(folder, console.err()::println);
        Path run =
                checkpoint.equals(folder) ? folder.toAbsolutePath().normalize().getParent() : folder;
        return new TrainingRun(device, run, TrainingRuns.configOf(checkpoint), checkpoint, console);
    }

    private ModelDescription configured() {
        List<String> captions =
                data.images().stream().flatMap(TrainingRun::captions).toList();
        TrainingConfig.Text wanted = config.text();
        var text = wanted.encoder().equals(TextEncoders.BERT_MULTI)
                ? texts.bert(wanted.maxTokens(), captions)
                : TextModules.bytes(wanted.byteEncoder());
        int width = text.name().equals("bytes")
                ? config.text().width()
                : text.settings().path("mean").size();
        Optional<Path> codec = config.model().inPixels()
                ? Optional.empty()
                : Optional.of(Path.of(config.model().codec()));
        PrxConfig network =
                config.network(width, codec.map(TrainingRun::channels).orElse(3));
        return new ModelDescription(
                network,
                text,
                config.flow().predicted(),
                config.flow().noiseScale(),
                new mezzotint.flow.TimeShift(config.flow().shift()),
                config.data().imageSize(),
                codec);
    }

    private static int channels(Path codec) {
        try (CodecFolder folder = CodecFolder.open(codec)) {
            return folder.channels();
        }
    }

    private static Stream<String> captions(CaptionedImage image) {
        return image.captions().values().stream().flatMap(List::stream);
    }

    private ModelDescription saved(Path checkpoint) {
        ModelDescription saved =
                ModelFolder.read(checkpoint.resolve("model"), texts::saved).description();
        return saved.codec().isEmpty()
                ? saved
                : saved.withCodec(lastingCodec(saved.codec().get()));
    }

    /** The autoencoder where it was, or else a copy of the checkpoint's, which outlives the checkpoint. */
    private Path lastingCodec(Path inCheckpoint) {
        Path original = Path.of(config.model().codec());
        if (Files.exists(original)) {
            return original;
        }
        Path copy = folder.resolve("codec");
        if (Files.notExists(copy)) {
            AtomicFolders.write(copy, partial -> CodecFolder.copy(inCheckpoint, partial));
        }
        return copy;
    }

    /** The run's folder. */
    Path folder() {
        return folder;
    }

    /** What is trained and how. */
    TrainingConfig config() {
        return config;
    }

    /** One line that says what is about to happen. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "training %s (%.1f million weights) on %d pictures of %d×%d, %d steps of %d; %s",
                config.model().preset(),
                trainer.trainedElements() / 1e6,
                data.images().size(),
                config.data().imageSize(),
                config.data().imageSize(),
                config.run().steps(),
                config.run().batchSize(),
                device);
    }

    /**
     * Trains until all steps are taken, someone asks to stop or time is up; always ends with a checkpoint.
     *
     * @param limit time from now
     */
    Outcome train(StopRequest stop, Duration limit) {
        long began = System.nanoTime();
        long lineEvery = Math.clamp(config.run().steps() / MOST_LINES, 1, STEPS_A_LINE);
        try (TrainingDisplay display = TrainingDisplay.open(
                        console, trainer.steps(), config.run().steps(), lineEvery);
                StepLog log = new StepLog(folder.resolve("log.jsonl"), trainer.steps())) {
            notices = display::say;
            long started = trainer.steps();
            long saved = started;
            while (!trainer.isFinished() && !stop.isRequested() && System.nanoTime() - began < limit.toNanos()) {
                StepReport report = trainer.step();
                log.add(report);
                if (report.step() == started + 1) { // not before: a run that cannot begin leaves nothing behind
                    AtomicFiles.writeString(folder.resolve("config.yaml"), new TrainingConfigFile().write(config));
                }
                display.show(report);
                if (!report.taken()) {
                    tellOfSkipped(report);
                }
                if (report.step() % lineEvery == 0) {
                    trainer.resetLossByTime();
                }
                if (isDue(config.run().checkpointEvery())) {
                    trainer.saveCheckpoint(folder);
                    saved = report.step();
                }
                if (isDue(config.run().previewEvery())) {
                    preview();
                }
            }
            if (saved < trainer.steps() || !TrainingRuns.hasCheckpoint(folder)) {
                trainer.saveCheckpoint(folder);
            }
        } finally {
            notices = console.err()::println;
        }
        return trainer.isFinished() ? Outcome.FINISHED : stop.isRequested() ? Outcome.STOPPED : Outcome.OUT_OF_TIME;
    }

    private void tellOfSkipped(StepReport report) {
        notices.accept("left out step %d: loss %s, gradient norm %s; %d of at most %d so far"
                .formatted(
                        report.step(),
                        report.loss(),
                        report.gradientNorm(),
                        report.skipped(),
                        config.nonFinite().mostSkipped()));
    }

    private boolean isDue(long every) {
        return every > 0 && trainer.steps() % every == 0;
    }

    private void preview() {
        Path previews = folder.resolve("previews");
        AtomicFolders.make(previews);
        RgbImage sheet = withDrawer(
                Drawing.STEPS,
                drawer -> data.previews()
                        .sheet(drawer.draw(data.previews()))
                        .draw()
                        .image());
        Pictures.write(
                previews.resolve("step-%06d.png".formatted(trainer.steps())),
                sheet,
                Map.of("step", Long.toString(trainer.steps()), "guidance", Float.toString(Drawing.GUIDANCE)));
    }

    /** Draws with the averaged weights as they are now. */
    <T> T withDrawer(int steps, java.util.function.Function<PictureDrawer, T> drawing) {
        return withDrawer(steps, Drawing.GUIDANCE, drawing);
    }

    /** Draws with the averaged weights as they are now, and with this scale of guidance. */
    <T> T withDrawer(int steps, float guidance, java.util.function.Function<PictureDrawer, T> drawing) {
        int size = config.data().imageSize();
        var settings = new PictureDrawer.Settings(size, size, steps, description.shift(), guidance, "");
        try (TensorArena weights = device.arena(trainer.samplingBytes())) {
            return drawing.apply(new PictureDrawer(trainer.sampler(weights), device, settings));
        }
    }

    /** The pictures trained on, in a fixed order. */
    List<CaptionedImage> images() {
        return data.images();
    }

    /** Prompts to watch the run by. */
    PromptTable previews() {
        return data.previews();
    }

    /** Steps taken so far. */
    long steps() {
        return trainer.steps();
    }

    /** Frees the memory; a folder that was made for nothing goes as well. */
    @Override
    public void close() {
        trainer.close();
        texts.close();
        removeIfEmpty();
    }

    private void removeIfEmpty() {
        if (!made || !Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isEmpty()) {
                Files.delete(folder);
            }
        } catch (IOException ignored) {
            // an empty folder more is no harm; the first failure is the one to tell
        }
    }
}
