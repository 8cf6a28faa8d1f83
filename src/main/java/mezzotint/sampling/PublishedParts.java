package mezzotint.sampling;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.latent.CodecFolder;
import mezzotint.latent.IdentityCodec;
import mezzotint.latent.ImageCodec;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.CheckpointNames;
import mezzotint.prx.PrxDenoiser;
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

    private OptionalInt ratio = OptionalInt.empty();

    /** Files that can be closed without a checked exception. */
    @FunctionalInterface
    private interface Files {
        void close();
    }

    /** A network, what its weights lie in, and the files that some of them are mapped from. */
    private record Loaded<T>(Files files, TensorArena arena, T network) {
        void close() {
            arena.close();
            files.close();
        }
    }

    PublishedParts(Device device, PublishedFolder folder, PublishedPipeline.Options options) {
        this.device = device;
        this.folder = folder;
        this.options = options;
    }

    PrxDenoiser denoiser() {
        if (denoiser.isEmpty()) {
            WeightsFolder files = WeightsFolder.open(folder.transformerFolder());
            NamedTensors stored = new CheckpointNames(rounded(new StoredTensors(files.weights())));
            TensorArena arena = device.arena(bytes(stored));
            Parameters parameters = Parameters.mapped(device, arena);
            PrxDenoiser network = new PrxDenoiser(folder.transformer(), parameters);
            denoiser = Optional.of(new Loaded<>(files::close, arena, network));
            parameters.load(stored);
        }
        return denoiser.get().network();
    }

    private static long bytes(NamedTensors stored) {
        return stored.names().stream()
                .mapToLong(name -> stored.shape(name).elements() * Float.BYTES + PADDING)
                .sum();
    }

    ImageCodec codec() {
        if (codec.isEmpty()) {
            codec = Optional.of(folder.autoencoderFolder().map(this::loadCodec).orElseGet(() -> {
                return new Loaded<>(() -> {}, device.arena(1), new IdentityCodec());
            }));
        }
        return codec.get().network();
    }

    private Loaded<ImageCodec> loadCodec(Path path) {
        CodecFolder files = CodecFolder.open(path);
        TensorArena arena = device.arena(files.weightBytes());
        return new Loaded<>(files::close, arena, files.load(Parameters.mapped(device, arena)));
    }

    /** Pixels along a side of a cell of the denoised tensor; no weights are read for it. */
    int ratio() {
        if (ratio.isEmpty()) {
            ratio = OptionalInt.of(folder.autoencoderFolder()
                    .map(path -> {
                        try (CodecFolder files = CodecFolder.open(path)) {
                            return files.ratio();
                        }
                    })
                    .orElse(1));
        }
        return ratio.getAsInt();
    }

    /** Token states of texts; the tower is let go afterwards. */
    List<PromptStates> encode(List<String> texts) {
        throw new UnsupportedOperationException("not built yet: text tower of " + folder.path() + " for " + texts);
    }

    private NamedTensors rounded(NamedTensors stored) {
        return options.precision() == Precision.FLOAT32 ? stored : new RoundedTensors(stored, options.precision());
    }

    @Override
    public void close() {
        denoiser.ifPresent(Loaded::close);
        codec.ifPresent(Loaded::close);
        denoiser = Optional.empty();
        codec = Optional.empty();
    }
}
