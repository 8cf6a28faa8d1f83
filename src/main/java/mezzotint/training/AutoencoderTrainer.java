package mezzotint.training;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.data.BadPicture;
import mezzotint.data.Batch;
import mezzotint.data.BatchLoader;
import mezzotint.data.BatchOptions;
import mezzotint.data.CaptionedImage;
import mezzotint.data.OnBadPicture;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.latent.AutoencoderKl;
import mezzotint.latent.AutoencoderTraining;
import mezzotint.latent.CodecFolder;
import mezzotint.latent.LatentStatistics;
import mezzotint.nn.Parameters;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Trains a small autoencoder on pictures, measures the scale of its latents and saves it as diffusers does, for runs that
 * denoise latents.
 *
 * <p>All random numbers of a step are functions of the seed and the step's index.
 */
public final class AutoencoderTrainer implements AutoCloseable {
    private static final double CLIP = 1;
    private static final long NOISE = 7L << 48; // streams of their own, beside those of a denoiser's training
    private static final long FLOATS_PER_PIXEL = 3000; // of activations at the full size and all coarser ones
    private static final long SLACK = 64L << 20;

    private final Device device;
    private final AutoencoderConfig config;
    private final AutoencoderTraining objective;
    private final TensorArena weights;
    private final TensorArena activations;
    private final TensorArena gradients;
    private final Parameters parameters;
    private final AutoencoderKl codec;
    private final AdamW optimizer;
    private final LearningRate rate;
    private final BatchLoader loader;
    private final LatentStatistics statistics = new LatentStatistics();

    /**
     * What a step has to say.
     *
     * @param step 1 for the first
     * @param reconstruction mean absolute difference of a colour, in [0, 2]
     * @param divergence mean divergence of a latent number from a standard normal
     */
    public record Report(long step, double reconstruction, double divergence) {}

    /**
     * @param images the pictures, in a fixed order
     * @param badPictures told of each picture left out
     */
    public AutoencoderTrainer(
            Device device, AutoencoderConfig config, List<CaptionedImage> images, Consumer<BadPicture> badPictures) {
        this.device = device;
        this.config = config;
        this.objective = new AutoencoderTraining(AutoencoderTraining.DEFAULT.distance(), config.divergenceWeight());
        long step = FLOATS_PER_PIXEL * config.imageSize() * config.imageSize() * config.batchSize() * Float.BYTES;
        weights = device.arena(SLACK);
        activations = device.arena(step + SLACK);
        gradients = device.arena(step + SLACK);
        parameters = new Parameters(weights, new PhiloxRandom(config.seed()));
        codec = new AutoencoderKl(
                AutoencoderKl.Config.small(config.ratio(), config.channels(), config.imageSize()), parameters);
        optimizer =
                new AdamW(device.kernels(), weights, parameters.trainable(), new AdamW.Constants(0.9, 0.99, 1e-8, 0));
        rate = new LearningRate.CosineWithWarmup(
                config.learningRate(), config.steps() / 20, config.steps(), config.learningRate() / 100);
        loader = BatchLoader.open(
                images,
                BatchOptions.of(config.batchSize(), config.imageSize(), config.seed())
                        .withOnBadPicture(OnBadPicture.SKIP_AND_REPORT),
                badPictures);
    }

    /** Whether all steps have been taken. */
    public boolean isFinished() {
        return optimizer.steps() >= config.steps();
    }

    /** Number of trained weights. */
    public long elements() {
        return parameters.elements();
    }

    /**
     * Takes one step.
     *
     * @throws NonFiniteLossException when the loss or the gradient is no number; the weights are then as before
     */
    public Report step() {
        long index = optimizer.steps();
        Batch batch = loader.next();
        parameters.zeroGradients();
        double loss;
        double reconstruction;
        double divergence;
        try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor pictures = pictures(tape, batch);
            Tensor noise = tape.allocate(codec.latentShape(pictures.shape()), DType.F32);
            device.kernels().flowMatch().normal(noise, config.seed(), NOISE + index, 0);
            AutoencoderTraining.Losses losses = objective.losses(tape, codec, pictures, noise);
            tape.backward(losses.total());
            loss = losses.total().item();
            reconstruction = losses.reconstruction().item();
            divergence = losses.divergence().item();
        }
        List<Tensor> all = parameters.trainable().stream()
                .map(parameter -> parameter.gradient().orElseThrow())
                .toList();
        double norm = GradientClipping.norm(device.kernels(), activations, all);
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new NonFiniteLossException(index + 1, loss, norm, 0);
        }
        optimizer.update(rate.at(index), new GradientClipping(CLIP).factor(norm));
        return new Report(index + 1, reconstruction, divergence);
    }

    private Tensor pictures(Tape tape, Batch batch) {
        return tape.constant(batch.pixels(), batch.size(), 3, config.imageSize(), config.imageSize());
    }

    /**
     * Measures latents on {@code batches} further batches and writes the autoencoder with the scale that gives them mean 0 and
     * deviation 1.
     *
     * @param folder to write or replace
     * @return mean absolute difference of a colour between those pictures and what comes back, in [0, 2]
     * @throws mezzotint.io.FileWriteException where the file system refuses
     */
    public double save(Path folder, int batches) {
        double difference = 0;
        long count = 0;
        for (int i = 0; i < batches; i++) {
            Batch batch = loader.next();
            try (Tape tape = Tape.inference(device.kernels(), activations)) {
                Tensor latents = codec.encode(tape, pictures(tape, batch));
                statistics.add(latents);
                float[] back = codec.decode(tape, latents).toFloats();
                for (int k = 0; k < back.length; k++) {
                    difference += Math.abs(back[k] - batch.pixels()[k]);
                }
                count += back.length;
            }
        }
        write(folder);
        return difference / count;
    }

    private void write(Path folder) {
        try (TensorArena arena = device.arena(parameters.elements() * Float.BYTES + SLACK)) {
            Parameters frozen = Parameters.frozen(arena);
            AutoencoderKl scaled = new AutoencoderKl(codec.config().withScale(statistics.scale()), frozen);
            for (Parameter parameter : frozen.all()) {
                parameter.value().copyFrom(parameters.get(parameter.name()).value());
            }
            CodecFolder.write(folder, scaled, DType.F32);
        }
    }

    /** Ends the data thread and frees the memory. */
    @Override
    public void close() {
        loader.close();
        gradients.close();
        activations.close();
        weights.close();
    }
}
