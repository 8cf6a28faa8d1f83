package mezzotint.sampling;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.latent.CodecFolder;
import mezzotint.latent.IdentityCodec;
import mezzotint.latent.ImageCodec;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.PrxDenoiser;
import mezzotint.tensor.Shape;
import mezzotint.tensor.TensorArena;
import mezzotint.text.PromptStates;

/** The networks of a published folder, each loaded when it is asked for first. */
final class PublishedParts implements AutoCloseable {
    private static final long PADDING = 64; // bytes that a tensor's length is rounded up to

    private final Device device;
    private final PublishedFolder folder;
    private final PublishedPipeline.Options options;
    private Optional<Loaded<PrxDenoiser>> denoiser = Optional.empty();
    private Optional<Loaded<ImageCodec>> codec = Optional.empty();

    private record Loaded<T>(TensorArena arena, T network) {}

    PublishedParts(Device device, PublishedFolder folder, PublishedPipeline.Options options) {
        this.device = device;
        this.folder = folder;
        this.options = options;
    }

    PrxDenoiser denoiser() {
        if (denoiser.isEmpty()) {
            try (WeightsFolder files = WeightsFolder.open(folder.transformerFolder())) {
                NamedTensors stored = rounded(new StoredTensors(files.weights()));
                long bytes = stored.names().stream()
                        .mapToLong(name -> stored.shape(name).elements() * Float.BYTES + PADDING)
                        .sum();
                TensorArena arena = device.arena(bytes);
                Parameters parameters = Parameters.frozen(arena);
                PrxDenoiser network = new PrxDenoiser(folder.transformer(), parameters);
                parameters.load(stored);
                denoiser = Optional.of(new Loaded<>(arena, network));
            }
        }
        return denoiser.get().network();
    }

    ImageCodec codec() {
        if (codec.isEmpty()) {
            codec = Optional.of(folder.autoencoderFolder().map(this::loadCodec).orElseGet(() -> {
                return new Loaded<>(device.arena(1), new IdentityCodec());
            }));
        }
        return codec.get().network();
    }

    private Loaded<ImageCodec> loadCodec(java.nio.file.Path path) {
        try (CodecFolder files = CodecFolder.open(path)) {
            TensorArena arena = device.arena(files.weightBytes());
            return new Loaded<>(arena, files.load(arena));
        }
    }

    /** Pixels along a side of a cell of the denoised tensor. */
    int ratio() {
        return codec().ratio();
    }

    /** Token states of texts; the tower is let go afterwards. */
    List<PromptStates> encode(List<String> texts) {
        throw new UnsupportedOperationException("not built yet: text tower of " + folder.path() + " for " + texts);
    }

    /** Weights as they are after loading in the pipeline's precision. */
    private NamedTensors rounded(NamedTensors stored) {
        Precision precision = options.precision();
        return precision == Precision.FLOAT32
                ? stored
                : new NamedTensors() {
                    @Override
                    public Set<String> names() {
                        return stored.names();
                    }

                    @Override
                    public Shape shape(String name) {
                        return stored.shape(name);
                    }

                    @Override
                    public float[] values(String name) {
                        return precision.round(stored.values(name));
                    }

                    @Override
                    public String toString() {
                        return stored.toString();
                    }
                };
    }

    @Override
    public void close() {
        denoiser.ifPresent(loaded -> loaded.arena().close());
        codec.ifPresent(loaded -> loaded.arena().close());
        denoiser = Optional.empty();
        codec = Optional.empty();
    }
}
