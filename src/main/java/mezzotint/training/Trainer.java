package mezzotint.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.data.BadPicture;
import mezzotint.data.Batch;
import mezzotint.data.BatchLoader;
import mezzotint.data.BatchOptions;
import mezzotint.data.CaptionedImage;
import mezzotint.data.OnBadPicture;
import mezzotint.flow.Draws;
import mezzotint.kernel.BFloat16Products;
import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxSeams;
import mezzotint.prx.PrxText;
import mezzotint.sampling.ModelDescription;
import mezzotint.sampling.ModelFolder;
import mezzotint.sampling.TextToImage;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.text.TextTokens;
import mezzotint.training.technique.StepSurroundings;

/**
 * A training run: takes steps, writes checkpoints, and goes on from them bit for bit.
 *
 * <p>All random numbers of a step are functions of the seed and the step's index, so nothing but counters needs saving.
 */
public final class Trainer implements AutoCloseable {
    private static final long TIMES = 1;
    private static final long NOISE = 2;
    private static final long DROPOUT = 3;
    private static final long LATENTS = 6; // 5 is the techniques'
    private static final int KEPT_CHECKPOINTS = 2;

    private final Device device;
    private final Kernels kernels; // of steps; their products may be rounded
    private final TrainingConfig config;
    private final ModelDescription description;
    private final TensorArena weights;
    private final TensorArena activations;
    private final TensorArena gradients;
    private final Parameters denoiserParameters;
    private final Parameters textParameters;
    private final Parameters techniqueParameters;
    private final List<Parameter> trained;
    private final FrozenNetworks networks;
    private final CodedPictures pictures;
    private final StepTechniques techniques;
    private final TextToImage model;
    private final FlowMatchingObjective objective;
    private final Optimizer optimizer;
    private final WeightAverage average;
    private final LearningRate learningRate;
    private final BatchLoader loader;
    private final LossByTime lossByTime = new LossByTime();
    private final TrainingMemory memory;
    private final TrainingState state;
    private BatchLoader.State reached; // by the data, after the last step that went well
    private long taken;
    private long skipped;

    /**
     * A run from its beginning.
     *
     * @param description what is trained; it fits {@code config}
     * @param images the pictures, in a fixed order
     * @param badPictures told of each picture left out
     */
    public static Trainer start(
            Device device,
            TrainingConfig config,
            ModelDescription description,
            List<CaptionedImage> images,
            Consumer<BadPicture> badPictures) {
        BatchOptions options = options(config);
        return make(device, config, description, BatchLoader.open(images, options, badPictures));
    }

    /**
     * A run that goes on from a checkpoint.
     *
     * @param checkpoint folder of one checkpoint; see {@link TrainingRuns#newestCheckpoint}
     * @throws InvalidCheckpointException when it is none, or one of another configuration
     */
    public static Trainer resume(
            Device device,
            TrainingConfig config,
            ModelDescription description,
            List<CaptionedImage> images,
            Consumer<BadPicture> badPictures,
            Path checkpoint) {
        Checkpoint saved = Checkpoint.read(checkpoint);
        if (!saved.config().equals(new TrainingConfigFile().write(config))) {
            throw new InvalidCheckpointException(
                    checkpoint + " was trained with another configuration; resume with the one saved in it");
        }
        if (saved.loader().images() != images.size()) {
            throw new InvalidCheckpointException("%s was trained on %d pictures, the data has %d; give it the same data"
                    .formatted(checkpoint, saved.loader().images(), images.size()));
        }
        BatchLoader loader = BatchLoader.resume(images, options(config), saved.loader(), badPictures);
        Trainer trainer = make(device, config, description, loader);
        try {
            trainer.restore(checkpoint, saved);
            return trainer;
        } catch (RuntimeException e) {
            trainer.close();
            throw e;
        }
    }

    private static Trainer make(
            Device device, TrainingConfig config, ModelDescription description, BatchLoader loader) {
        try {
            return new Trainer(device, config, description, loader);
        } catch (RuntimeException | Error e) {
            loader.close();
            throw e;
        }
    }

    private int tokens() {
        int side = config.data().imageSize()
                / (pictures.codec().ratio() * description.config().patchSize());
        return side * side;
    }

    private static BatchOptions options(TrainingConfig config) {
        return BatchOptions.of(
                        config.run().batchSize(),
                        config.data().imageSize(),
                        config.run().seed())
                .withLanguages(config.data().languages())
                .withMirror(config.data().mirror())
                .withOnBadPicture(config.data().skipBadPictures() ? OnBadPicture.SKIP_AND_REPORT : OnBadPicture.FAIL);
    }

    private Trainer(Device device, TrainingConfig config, ModelDescription description, BatchLoader loader) {
        this.device = device;
        this.config = config;
        this.description = description;
        this.loader = loader;
        pictures = new CodedPictures(device, config, description.codec());
        networks = new FrozenNetworks(device, config, tokens());
        memory = TrainingMemory.of(config, description, pictures.codec().ratio())
                .with(networks, description.config().hiddenSize());
        weights = device.arena(memory.weights());
        activations = device.arena(memory.activations());
        gradients = device.arena(memory.gradients());
        kernels = config.model().precision().equals(TrainingConfig.Model.BF16_PRODUCTS)
                ? new BFloat16Products(device.kernels(), activations)
                : device.kernels();
        PhiloxRandom random = new PhiloxRandom(config.run().seed());
        denoiserParameters = new Parameters(weights, random);
        textParameters = new Parameters(weights, random);
        techniqueParameters = new Parameters(weights, random);
        model = ModelFolder.build(
                device,
                description,
                pictures.codec(),
                denoiserParameters,
                textParameters,
                config.model().recompute());
        roundWeights();
        trained = new ArrayList<>(denoiserParameters.trainable());
        trained.addAll(textParameters.trainable());
        average = new WeightAverage(
                device.kernels(), weights, trained, config.average().schedule());
        techniques = new StepTechniques(config, description.config(), networks, techniqueParameters, gradients);
        trained.addAll(techniqueParameters.trainable());
        objective = new FlowMatchingObjective(description.prediction(), techniques.terms());
        optimizer = config.optimizer().make(kernels, new Muon.Arenas(weights, activations), trained);
        state = new TrainingState(trained, average, optimizer);
        reached = loader.state();
        learningRate = config.schedule()
                .rate(config.optimizer().learningRate(), config.run().steps());
    }

    /** Steps taken so far, those left out among them. */
    public long steps() {
        return taken;
    }

    /** Steps left out so far, since loss or gradient was no number; see {@link NonFiniteSteps}. */
    public long skippedSteps() {
        return skipped;
    }

    /** Whether all steps have been taken. */
    public boolean isFinished() {
        return steps() >= config.run().steps();
    }

    /** Number of trained weights. */
    public long trainedElements() {
        return denoiserParameters.elements() + textParameters.elements() + techniqueParameters.elements();
    }

    /**
     * Takes one step.
     *
     * @throws NonFiniteLossException when the loss or the gradient is no number and such a step may not be left out; the run is
     *     then as it was before the step, but for its place in the data
     */
    public StepReport step() {
        long began = System.nanoTime();
        Batch batch = loader.next();
        float[] times = config.flow().distribution().sample(batch.size(), Draws.of(random(TIMES, taken)));
        Losses losses = losses(batch, times);
        double loss = losses.total;
        List<Tensor> all = trained.stream().map(p -> p.gradient().orElseThrow()).toList();
        double norm = GradientClipping.norm(device.kernels(), activations, all);
        double rate = learningRate.at(taken);
        if (Double.isFinite(loss) && Double.isFinite(norm)) {
            optimizer.update(rate, config.optimizer().clipping().factor(norm));
            roundWeights();
            lossByTime.add(times, losses.perSample);
        } else if (config.nonFinite().maySkip(skipped)) {
            skipped++;
        } else {
            throw new NonFiniteLossException(taken + 1, loss, norm, skipped);
        }
        taken++;
        reached = loader.state();
        average.batchEnded(progress());
        double seconds = (System.nanoTime() - began) / 1e9;
        return new StepReport(
                taken,
                config.run().steps(),
                loss,
                lossByTime.means(),
                norm,
                rate,
                seconds,
                batch.size(),
                skipped,
                losses.parts);
    }

    private record Losses(double total, float[] perSample, Map<String, Double> parts) {}

    /** Forward and backward. */
    private Losses losses(Batch batch, float[] times) {
        denoiserParameters.zeroGradients();
        textParameters.zeroGradients();
        techniqueParameters.zeroGradients();
        Map<String, Double> parts = new LinkedHashMap<>();
        try (Tape tape = Tape.recording(kernels, activations, gradients)) {
            var result = loss(tape, batch, times, taken);
            tape.backward(result.total());
            result.parts().forEach((name, part) -> parts.put(name, (double) part.item()));
            return new Losses(result.total().item(), result.perSample().toFloats(), parts);
        }
    }

    private void roundWeights() {
        if (!config.model().precision().equals(TrainingConfig.Model.BF16_WEIGHTS)) {
            return;
        }
        for (Parameter parameter : denoiserParameters.trainable()) {
            long mark = activations.mark();
            Tensor narrow = activations.allocate(parameter.shape(), DType.BF16);
            device.kernels().pointwise().cast(narrow, parameter.value());
            device.kernels().pointwise().cast(parameter.value(), narrow);
            activations.release(mark);
        }
    }

    private WeightAverage.Progress progress() {
        boolean epochEnds = reached.position() < config.run().batchSize();
        return new WeightAverage.Progress(taken, reached.epoch(), config.run().steps(), epochEnds);
    }

    private FlowMatchingObjective.Loss loss(Tape tape, Batch batch, float[] times, long index) {
        Tensor clean = pictures.clean(tape, batch, random(LATENTS, index));
        Tensor noise = tape.allocate(clean.shape(), DType.F32);
        device.kernels().flowMatch().normal(noise, config.run().seed(), stream(NOISE, index), 0);
        if (config.flow().noiseScale() != 1) {
            device.kernels().pointwise().scale(noise, noise, config.flow().noiseScale());
        }
        float[] lottery = Draws.of(random(DROPOUT, index)).uniforms(batch.size());
        List<String> captions = new CaptionDropout(config.flow().captionDropout()).apply(batch.captions(), lottery);
        TextTokens tokens = model.textEncoder().encode(tape, captions);
        PrxText text = model.denoiser().text(tape, tokens.embeddings(), tokens.mask());
        StepSurroundings around = techniques.around(batch, index, tokens());
        PrxSeams seams = StepTechniques.seams(around);
        return objective.loss(
                tape,
                new FlowMatchingObjective.Sample(clean, noise, times, Optional.of(around)),
                (t, noised, at) -> model.denoiser().forward(t, noised, at, text, seams));
    }

    private PhiloxRandom random(long purpose, long index) {
        return new PhiloxRandom(config.run().seed(), stream(purpose, index), 0);
    }

    private static long stream(long purpose, long index) {
        return (purpose << 48) + index;
    }

    /** Forgets the losses by time gathered so far, to begin another stretch. */
    public void resetLossByTime() {
        lossByTime.reset();
    }

    /**
     * The model with the weights to sample with: the average once it has begun, the training weights before.
     *
     * @param arena where a frozen copy of them goes, at least {@link #samplingBytes} free
     */
    public TextToImage sampler(TensorArena arena) {
        Parameters denoiser = Parameters.frozen(arena);
        Parameters text = Parameters.frozen(arena);
        TextToImage sampler = ModelFolder.build(device, description, pictures.codec(), denoiser, text, false);
        Map<String, Tensor> denoiserWeights = sampledWeights(denoiserParameters);
        denoiser.all().forEach(p -> p.value().copyFrom(denoiserWeights.get(p.name())));
        Map<String, Tensor> textWeights = sampledWeights(textParameters);
        text.all().forEach(p -> p.value().copyFrom(textWeights.get(p.name())));
        return sampler;
    }

    /** Bytes of the weights of {@link #sampler}. */
    public long samplingBytes() {
        return memory.sampler();
    }

    private Map<String, Tensor> sampledWeights(Parameters parameters) {
        Map<Parameter, Tensor> averages = average.byParameter();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (Parameter parameter : parameters.all()) {
            boolean averaged = average.isActive() && averages.containsKey(parameter); // a buffer is not
            weights.put(parameter.name(), averaged ? averages.get(parameter) : parameter.value());
        }
        return weights;
    }

    /** Writes the model to sample with, without what resuming needs. */
    public void exportModel(Path folder, DType dtype) {
        ModelFolder.write(
                folder, description, sampledWeights(denoiserParameters), sampledWeights(textParameters), dtype);
    }

    /**
     * Writes a checkpoint into a run's folder, whole or not at all, and deletes all but the newest two. After a step that
     * failed it is of the state before that step.
     *
     * @return its folder, which is also a model to sample with
     * @throws mezzotint.io.FileWriteException where the file system refuses; older checkpoints are then as they were
     * @throws NonFiniteStateException when a weight or a moment is no number; older checkpoints are then as they were
     */
    public Path saveCheckpoint(Path run) {
        return TrainingRuns.save(run, taken, KEPT_CHECKPOINTS, folder -> {
            state.write(folder);
            exportModel(folder.resolve("model"), DType.F32);
            var counters =
                    new Checkpoint.Counters(taken, optimizer.steps(), skipped, average.isActive(), lossByTime.state());
            new Checkpoint(new TrainingConfigFile().write(config), counters, reached).write(folder);
        });
    }

    private void restore(Path folder, Checkpoint saved) {
        state.restore(folder);
        Checkpoint.Counters counters = saved.counters();
        taken = counters.step();
        skipped = counters.skipped();
        optimizer.resumeAt(counters.optimizerSteps());
        average.resume(counters.averageActive());
        lossByTime.resume(counters.losses());
    }

    /** Ends the data thread and frees the memory. */
    @Override
    public void close() {
        loader.close();
        gradients.close();
        activations.close();
        weights.close();
        networks.close();
        pictures.close();
    }
}
