package mezzotint.training;

import static mezzotint.training.InvalidTrainingConfigException.require;

import java.util.List;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.flow.TimestepDistribution;
import mezzotint.prx.PrxConfig;
import mezzotint.text.ByteTextEncoder;

/**
 * Everything that decides a training run; the same configuration, data and machine kind give the same weights.
 *
 * @param model the network
 * @param text what turns captions into token states
 * @param data pictures and captions
 * @param flow objective and times
 * @param optimizer AdamW and clipping
 * @param schedule learning rate over the run
 * @param average the weights to sample with
 * @param run length, batch and seed
 * @param nonFinite what to do about a loss or gradient that is no number
 * @param technique what is added to the plain recipe
 */
public record TrainingConfig(
        Model model,
        Text text,
        Data data,
        Flow flow,
        OptimizerSettings optimizer,
        Schedule schedule,
        Average average,
        Run run,
        NonFiniteSteps nonFinite,
        TechniqueSettings technique) {

    /**
     * @param preset a name of {@link PrxConfig#PRESETS}
     * @param recompute compute activations inside blocks again in the backward pass, to save memory
     * @param precision {@code float32}; {@code bf16_products} with both operands of each product rounded to bfloat16 and all
     *     else float32; or {@code bf16_weights} with the denoiser's weights themselves rounded after every step, so that there
     *     are no float32 masters
     * @param patchSize side of a patch in pixels or, with a codec, in its cells; 0 for the preset's
     * @param codec {@code pixels}, or the folder of an autoencoder whose latents are denoised instead
     */
    public record Model(String preset, boolean recompute, String precision, int patchSize, String codec) {
        /** What {@link #codec} says where nothing comes between the denoiser and the pixels. */
        public static final String PIXELS = "pixels";

        /** Products rounded to bfloat16. */
        static final String BF16_PRODUCTS = "bf16_products";

        /** Weights rounded to bfloat16. */
        static final String BF16_WEIGHTS = "bf16_weights";

        public Model {
            List<String> precisions = List.of("float32", BF16_PRODUCTS, BF16_WEIGHTS);
            require(precisions.contains(precision), "model.precision", "one of " + precisions, precision);
            require(patchSize >= 0, "model.patch_size", "at least 0", patchSize);
            require(!codec.isBlank(), "model.codec", "pixels or the folder of an autoencoder", codec);
            require(
                    PrxConfig.PRESETS.containsKey(preset),
                    "model.preset",
                    "one of " + PrxConfig.PRESETS.keySet().stream().sorted().toList(),
                    preset);
        }

        /** Whether pixels are denoised. */
        public boolean inPixels() {
            return codec.equals(PIXELS);
        }
    }

    /**
     * @param encoder {@code bytes}, trained with the denoiser, or {@code bert-multi}, frozen
     * @param width of a token state of the byte encoder
     * @param layers of the byte encoder
     * @param heads of the byte encoder
     * @param maxTokens longest prompt in tokens
     */
    public record Text(String encoder, int width, int layers, int heads, int maxTokens) {
        public Text {
            require(
                    encoder.equals("bytes") || encoder.equals("bert-multi"),
                    "text.encoder",
                    "bytes or bert-multi",
                    encoder);
            require(maxTokens > 1, "text.max_tokens", "at least 2", maxTokens);
        }

        /** Sizes of the byte encoder, with the usual n-grams. */
        public ByteTextEncoder.Config byteEncoder() {
            ByteTextEncoder.Config usual = ByteTextEncoder.Config.DEFAULT;
            return new ByteTextEncoder.Config(
                    width, layers, heads, maxTokens, usual.longestNgram(), usual.hashBuckets());
        }
    }

    /**
     * @param source {@code starter}, {@code emoji} (after {@code mezzotint data fetch}), or a folder of pictures
     * @param languages to draw captions from; empty for all
     * @param imageSize side in pixels
     * @param mirror whether half the pictures are mirrored
     * @param skipBadPictures report pictures that cannot be decoded and go on without them
     */
    public record Data(String source, List<String> languages, int imageSize, boolean mirror, boolean skipBadPictures) {
        public Data {
            languages = languages == null ? List.of() : List.copyOf(languages);
            require(imageSize > 0, "data.image_size", "at least 1", imageSize);
        }
    }

    /**
     * @param prediction {@code x}, {@code v} or {@code eps}
     * @param timesteps {@code logit_normal} or {@code uniform}
     * @param shift of the times, above 0; also of the sampling grid
     * @param noiseScale standard deviation of the noise
     * @param captionDropout share of captions replaced by the empty prompt
     */
    public record Flow(String prediction, String timesteps, float shift, float noiseScale, float captionDropout) {
        public Flow {
            require(List.of("x", "v", "eps").contains(prediction), "flow.prediction", "x, v or eps", prediction);
            require(
                    List.of("logit_normal", "uniform").contains(timesteps),
                    "flow.timesteps",
                    "logit_normal or uniform",
                    timesteps);
            require(shift > 0, "flow.shift", "above 0", shift);
            require(noiseScale > 0, "flow.noise_scale", "above 0", noiseScale);
            require(captionDropout >= 0 && captionDropout <= 1, "flow.caption_dropout", "in [0, 1]", captionDropout);
        }

        /** As the objective wants it. */
        public Prediction predicted() {
            return Prediction.named(prediction);
        }

        /** How times are drawn. */
        public TimestepDistribution distribution() {
            TimeShift by = new TimeShift(shift);
            TimestepDistribution.Range range = TimestepDistribution.Range.DEFAULT;
            return timesteps.equals("uniform")
                    ? new TimestepDistribution.Uniform(by, range)
                    : new TimestepDistribution.LogitNormal(by, range);
        }
    }

    /**
     * @param decay {@code constant} or {@code cosine}, down to a hundredth
     * @param warmup steps
     */
    public record Schedule(String decay, long warmup) {
        public Schedule {
            require(List.of("constant", "cosine").contains(decay), "schedule.decay", "constant or cosine", decay);
            require(warmup >= 0, "schedule.warmup", "at least 0", warmup);
        }

        /** The learning rate of a run of {@code steps} steps. */
        public LearningRate rate(double base, long steps) {
            return decay.equals("cosine")
                    ? new LearningRate.CosineWithWarmup(base, warmup, steps, base / 100)
                    : new LearningRate.MultiStepWithWarmup(base, warmup, List.of(), 1);
        }
    }

    /**
     * @param smoothing in [0, 1]
     * @param start such as {@code 0ba}
     * @param interval such as {@code 10ba}
     */
    public record Average(double smoothing, String start, String interval) {
        /** As {@link WeightAverage} wants it. */
        public WeightAverage.Schedule schedule() {
            return new WeightAverage.Schedule(
                    smoothing, WeightAverage.Moment.parse(start), WeightAverage.Moment.parse(interval));
        }
    }

    /**
     * @param steps of the optimizer
     * @param batchSize B
     * @param seed of weights, order, captions, times and noise
     * @param checkpointEvery steps between two checkpoints; 0 for one at the end
     * @param previewEvery steps between two preview sheets; 0 for none
     */
    public record Run(long steps, int batchSize, long seed, long checkpointEvery, long previewEvery) {
        public Run {
            require(steps >= 0, "run.steps", "at least 0", steps);
            require(batchSize > 0, "run.batch_size", "at least 1", batchSize);
            require(checkpointEvery >= 0, "run.checkpoint_every", "at least 0", checkpointEvery);
            require(previewEvery >= 0, "run.preview_every", "at least 0", previewEvery);
        }
    }

    /** The quickstart: the starter set on two CPU cores in about ten minutes. */
    public static final TrainingConfig QUICKSTART = new TrainingConfig(
            new Model("cpu_tiny", false, "float32", 0, Model.PIXELS),
            new Text("bytes", 128, 2, 4, 32),
            new Data("starter", List.of(), 64, false, false),
            new Flow("x", "logit_normal", 6f, 1f, 0.1f),
            new OptimizerSettings("adamw", 2.5e-3, 0.9, 0.95, 1e-8, 0, 0.2, OptimizerSettings.MuonSettings.PRX),
            new Schedule("cosine", 50),
            new Average(0.995, "0ba", "1ba"),
            new Run(3000, 32, 1, 1000, 500),
            NonFiniteSteps.STOP,
            TechniqueSettings.NONE);

    /** @throws InvalidTrainingConfigException when settings do not fit together */
    public TrainingConfig {
        PrxConfig network = PrxConfig.PRESETS.get(model.preset);
        int patch = model.patchSize == 0 ? network.patchSize() : model.patchSize;
        require(
                !model.inPixels() || data.imageSize % patch == 0,
                "data.image_size",
                "a multiple of the patch size " + patch,
                data.imageSize);
        require(
                model.inPixels()
                        || (technique.lpips().weight() == 0
                                && technique.perceptualDino().weight() == 0),
                "technique.lpips and technique.perceptual_dino",
                "weight 0 beside a codec: they look at predicted pixels",
                model.codec);
        require(
                model.inPixels()
                        || technique.repa().weight() == 0
                        || !technique.repa().features().isEmpty(),
                "technique.repa.features",
                "a file of features beside a codec: a teacher looks at pixels, of which the step has none",
                technique.repa().teacher());
        optimizer.constants();
        optimizer.muonConstants();
        technique.check(network.depth(), flow.prediction);
        average.schedule();
    }

    /** The same with another length, batch or seed. */
    public TrainingConfig withRun(Run other) {
        return new TrainingConfig(model, text, data, flow, optimizer, schedule, average, other, nonFinite, technique);
    }

    /** The same on other data. */
    public TrainingConfig withData(Data other) {
        return new TrainingConfig(model, text, other, flow, optimizer, schedule, average, run, nonFinite, technique);
    }

    /** The same with other techniques. */
    public TrainingConfig withTechnique(TechniqueSettings other) {
        return new TrainingConfig(model, text, data, flow, optimizer, schedule, average, run, nonFinite, other);
    }

    /**
     * The denoiser that is trained: the preset with what techniques add.
     *
     * @param textWidth of a token state
     * @param channels of what is denoised: 3, or those of the codec's latents
     */
    public PrxConfig network(int textWidth, int channels) {
        PrxConfig named = PrxConfig.PRESETS.get(model.preset);
        int patch = model.patchSize == 0 ? named.patchSize() : model.patchSize;
        boolean asNamed = patch == named.patchSize() && channels == named.inChannels();
        return extended((asNamed ? named : named.withCells(channels, patch)).withContextDim(textWidth));
    }

    /** A denoiser with what techniques add. */
    PrxConfig extended(PrxConfig plain) {
        PrxConfig extended = plain.withExtensions(technique.extensions(plain.depth()));
        return technique.resolution().equals("vec") ? extended.withResolutionEmbeds(true) : extended;
    }
}
