package mezzotint.training;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.data.Batch;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.latent.CodecFolder;
import mezzotint.latent.IdentityCodec;
import mezzotint.latent.ImageCodec;
import mezzotint.latent.LatentScale;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * The clean side of the path, x₀: pixels as they are, or draws from an autoencoder's posterior, scaled.
 *
 * <p>A picture's posterior is worked out once and kept, unless pictures are mirrored: then it is worked out each time.
 */
final class CodedPictures implements AutoCloseable {
    private static final long SLACK = 1L << 20;

    private final Device device;
    private final ImageCodec codec;
    private final Optional<TensorArena> weights;
    private final Optional<TensorArena> scratch;
    private final boolean keeps;
    private final int side;
    private final Map<String, Posterior> kept = new HashMap<>();

    /** Mean and deviation of a picture's latents (C, h, w). */
    private record Posterior(float[] mean, float[] deviation) {}

    /**
     * Opens the codec of a configuration.
     *
     * @throws mezzotint.latent.InvalidCodecConfigException when its folder is none of an autoencoder
     * @throws mezzotint.io.FileReadException when there is no such folder
     */
    CodedPictures(Device device, TrainingConfig config, Optional<java.nio.file.Path> folder) {
        this.device = device;
        side = config.data().imageSize();
        keeps = !config.data().mirror();
        if (folder.isEmpty()) {
            codec = new IdentityCodec();
            weights = Optional.empty();
            scratch = Optional.empty();
            return;
        }
        try (CodecFolder files = CodecFolder.open(folder.get())) {
            weights = Optional.of(device.arena(Math.max(1, files.weightBytes())));
            codec = files.load(weights.get());
        }
        Shape one = Shape.of(1, 3, side, side);
        scratch = Optional.of(device.arena(2 * codec.encodeBytes(one) + 16L * one.elements() + SLACK));
    }

    ImageCodec codec() {
        return codec;
    }

    /** x₀ (B, C, h, w) of a batch; draws come from {@code random}. */
    Tensor clean(Tape tape, Batch batch, PhiloxRandom random) {
        Shape pictures = Shape.of(batch.size(), 3, side, side);
        if (scratch.isEmpty()) {
            return tape.constant(batch.pixels(), pictures.dims());
        }
        Shape latents = codec.latentShape(pictures);
        int size = Math.toIntExact(latents.elements() / batch.size());
        LatentScale scale = codec.scale();
        float[] values = new float[size * batch.size()];
        for (int b = 0; b < batch.size(); b++) {
            Posterior posterior = posterior(batch, b);
            for (int i = 0; i < size; i++) {
                float drawn = posterior.mean[i] + posterior.deviation[i] * (float) random.normal();
                values[b * size + i] = scale.factor() * (drawn - scale.shift());
            }
        }
        return tape.constant(values, latents.dims());
    }

    private Posterior posterior(Batch batch, int b) {
        String id = batch.ids().get(b);
        Posterior known = kept.get(id);
        if (known != null) {
            return known;
        }
        Posterior posterior = encode(batch, b);
        if (keeps) {
            kept.put(id, posterior);
        }
        return posterior;
    }

    private Posterior encode(Batch batch, int b) {
        int size = 3 * side * side;
        float[] pixels = java.util.Arrays.copyOfRange(batch.pixels(), b * size, (b + 1) * size);
        try (Tape tape = Tape.inference(device.kernels(), scratch.orElseThrow())) {
            Tensor picture = tape.constant(pixels, 1, 3, side, side);
            float[] mean = codec.encode(tape, picture).toFloats();
            float[] ones = new float[mean.length];
            java.util.Arrays.fill(ones, 1);
            Tensor one = tape.constant(ones, codec.latentShape(picture.shape()).dims());
            float[] deviation = codec.encode(tape, picture, one).toFloats(); // mean + deviation, of which it is left
            for (int i = 0; i < mean.length; i++) {
                deviation[i] -= mean[i];
            }
            return new Posterior(mean, deviation);
        }
    }

    /** Frees the autoencoder. */
    @Override
    public void close() {
        scratch.ifPresent(TensorArena::close);
        weights.ifPresent(TensorArena::close);
    }
}
