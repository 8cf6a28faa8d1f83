package mezzotint.sampling;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import mezzotint.data.EmojiFetch;
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
import mezzotint.prx.StoredDenoiser;
import mezzotint.prx.StoredDenoiser.Residency;
import mezzotint.sampling.PipelineIndex.Pipeline;
import mezzotint.tensor.DType;
import mezzotint.tensor.TensorArena;
import mezzotint.text.CachedTextEncoder;
import mezzotint.text.PromptStates;
import mezzotint.text.PublishedTextEncoder;
import mezzotint.text.TextTower;
import mezzotint.text.cleaning.PromptCleaner;

/** The networks of a published folder, each loaded when it is asked for first, and let go when it is in the way. */
final class PublishedParts implements AutoCloseable {
    private final Device device;
    private final PublishedFolder folder;
    private final PublishedPipeline.Options options;
    private Optional<Loaded<PrxDenoiser>> denoiser = Optional.empty();
    private Optional<Loaded<ImageCodec>> codec = Optional.empty();
    private OptionalInt ratio = OptionalInt.empty();
    private Residency residency = Residency.RESIDENT;
    private long textWeights = Long.MAX_VALUE;

    /** A network, and how what it lies in is let go. */
    private record Loaded<T>(T network, Runnable release) {}

    PublishedParts(Device device, PublishedFolder folder, PublishedPipeline.Options options) {
        this.device = device;
        this.folder = folder;
        this.options = options;
    }

    /**
     * How much may be in memory from now on.
     *
     * @param blocks of the denoiser
     * @param textBytes of the text tower's weights
     */
    void restrict(Residency blocks, long textBytes) {
        restrict(blocks);
        textWeights = textBytes;
    }

    /** The same for the denoiser alone. */
    void restrict(Residency blocks) {
        releaseDenoiser();
        residency = blocks;
    }

    /** What encoding prompts takes. */
    MemoryPlan.Phase textPhase() {
        try (PublishedTextEncoder encoder = textEncoder()) {
            long weights = encoder.weightBytes();
            return new MemoryPlan.Phase("text tower", weights, encoder.memoryBytes() - weights);
        }
    }

    PrxDenoiser denoiser() {
        if (denoiser.isEmpty()) {
            boolean asStored = options.precision() == Precision.FLOAT32;
            denoiser = Optional.of(asStored ? stored() : rounded());
        }
        return denoiser.get().network();
    }

    private Loaded<PrxDenoiser> stored() {
        StoredDenoiser files = StoredDenoiser.open(device, folder.transformerFolder(), residency);
        return new Loaded<>(files.denoiser(), files::close);
    }

    /** Rounded matrices of a file in float32 lie nowhere: they are copied. */
    private Loaded<PrxDenoiser> rounded() {
        WeightsFolder files = WeightsFolder.open(folder.transformerFolder());
        NamedTensors source =
                new RoundedTensors(new CheckpointNames(new StoredTensors(files.weights())), options.precision());
        TensorArena arena = device.arena(Math.max(1, Parameters.copiedBytes(device, source)));
        Parameters parameters = Parameters.mapped(device, arena);
        PrxDenoiser network = new PrxDenoiser(folder.transformer(), parameters);
        parameters.load(source);
        return new Loaded<>(network, () -> {
            arena.close();
            files.close();
        });
    }

    ImageCodec codec() {
        if (codec.isEmpty()) {
            codec = Optional.of(folder.autoencoderFolder()
                    .map(this::loadCodec)
                    .orElseGet(() -> new Loaded<>(new IdentityCodec(), () -> {})));
        }
        return codec.get().network();
    }

    private Loaded<ImageCodec> loadCodec(Path path) {
        CodecFolder files = CodecFolder.open(path);
        TensorArena arena = device.arena(files.weightBytes());
        ImageCodec network = files.load(Parameters.mapped(device, arena));
        return new Loaded<>(network, () -> {
            arena.close();
            files.close();
        });
    }

    /** Bytes of the autoencoder's weights. */
    long codecBytes() {
        return withCodecFolder(CodecFolder::weightBytes).orElse(0L);
    }

    /** Pixels along a side of a cell of the denoised tensor; no weights are read for it. */
    int ratio() {
        if (ratio.isEmpty()) {
            ratio = OptionalInt.of(withCodecFolder(CodecFolder::ratio).orElse(1));
        }
        return ratio.getAsInt();
    }

    private <T> Optional<T> withCodecFolder(Function<CodecFolder, T> question) {
        return folder.autoencoderFolder().map(path -> {
            try (CodecFolder files = CodecFolder.open(path)) {
                return question.apply(files);
            }
        });
    }

    /** Cleaner, tokenizer and network; the caller closes it, and with it lets the network's memory go. */
    PublishedTextEncoder textEncoder() {
        boolean full = folder.index().pipeline() == Pipeline.LATENT && options.cleanPrompts();
        boolean asStored = options.precision() == Precision.FLOAT32;
        OptionalInt length =
                options.maxTokens().isPresent() ? options.maxTokens() : OptionalInt.of(folder.promptMaxTokens());
        return PublishedTextEncoder.open(
                device,
                folder.textEncoderFolder(),
                folder.tokenizerFolder(),
                new PublishedTextEncoder.Setup(
                        full ? PromptCleaner.FULL : PromptCleaner.BASIC,
                        length,
                        EmojiFetch.userCache().resolve("djl"),
                        new TextTower.Options(
                                textWeights, asStored ? Optional.empty() : Optional.of(DType.BF16), false)));
    }

    /** States of the real tokens of texts, or one masked token of zeros; the tower is let go afterwards. */
    List<PromptStates> encode(List<String> texts) {
        try (PublishedTextEncoder encoder = textEncoder()) {
            List<float[]> all = options.promptCache().isPresent()
                    ? new CachedTextEncoder(encoder, options.promptCache().get()).states(texts)
                    : encoder.states(texts);
            List<PromptStates> states = new ArrayList<>();
            for (float[] real : all) {
                states.add(
                        real.length == 0
                                ? new PromptStates(new float[encoder.width()], encoder.width(), new boolean[1])
                                : PromptStates.unmasked(options.precision().round(real), encoder.width()));
            }
            return states;
        }
    }

    void releaseDenoiser() {
        denoiser.ifPresent(loaded -> loaded.release().run());
        denoiser = Optional.empty();
    }

    void releaseCodec() {
        codec.ifPresent(loaded -> loaded.release().run());
        codec = Optional.empty();
    }

    @Override
    public void close() {
        releaseDenoiser();
        releaseCodec();
    }
}
