package mezzotint.sampling;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.image.AspectBins;
import mezzotint.image.ImageSize;
import mezzotint.image.PlanarImage;
import mezzotint.image.RgbImage;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.latent.ImageCodec;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.StoredDenoiser.Residency;
import mezzotint.sampling.PipelineIndex.Pipeline;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStates;
import mezzotint.text.PublishedTextEncoder;
import mezzotint.text.TextTokens;
import mezzotint.text.TokenBatch;

/**
 * A published PRX model: a folder of diffusers, whose pictures it draws.
 *
 * <pre>
 * try (Device device = …; PublishedPipeline prx = PublishedPipeline.open(device, folder)) {
 *     RgbImage lion = prx.draw(prx.request("a lion in the golden savanna at sunset")).getFirst();
 *     PngFile.write(Path.of("lion.png"), lion, Map.of());
 * }
 * </pre>
 *
 * <p>Unless the request says otherwise noise, times and rounding are those of diffusers on a CPU, so that a seed gives its
 * picture. Networks are loaded when they are needed, and the text tower is let go before the denoiser is asked. Not safe for
 * several threads.
 */
public final class PublishedPipeline implements AutoCloseable {
    /** Steps and guidance that the published models are recommended with. */
    private static final int STEPS = 28;

    private static final float GUIDANCE = 5f;

    /**
     * How a folder is run.
     *
     * @param precision of everything between the networks, and of their weights
     * @param cleanPrompts whether prompts of a latent pipeline are cleaned thoroughly, as in training; others never are
     * @param maxTokens to which prompts are padded or cut; empty for the folder's own number
     * @param promptCache folder where token states are kept for the next time; empty for nowhere
     */
    public record Options(
            Precision precision, boolean cleanPrompts, OptionalInt maxTokens, Optional<Path> promptCache) {
        /** As diffusers does when nothing is said, in float32. */
        public static final Options DEFAULT =
                new Options(Precision.FLOAT32, true, OptionalInt.empty(), Optional.empty());

        /** With another precision. */
        public Options withPrecision(Precision other) {
            return new Options(other, cleanPrompts, maxTokens, promptCache);
        }

        /** With a folder for token states. */
        public Options withPromptCache(Path other) {
            return new Options(precision, cleanPrompts, maxTokens, Optional.of(other));
        }
    }

    private final Device device;
    private final PublishedFolder folder;
    private final Options options;
    private final PublishedParts parts;
    private final KnownPrompts known;
    private boolean frugal;

    private PublishedPipeline(Device device, PublishedFolder folder, Options options) {
        this.device = device;
        this.folder = folder;
        this.options = options;
        this.parts = new PublishedParts(device, folder, options);
        this.known = new KnownPrompts(parts::encode);
    }

    /** Opens a folder in float32; see {@link PublishedFolder#open} for what may be wrong with it. */
    public static PublishedPipeline open(Device device, Path folder) {
        return open(device, PublishedFolder.open(folder), Options.DEFAULT);
    }

    /** Opens a folder that has been read. */
    public static PublishedPipeline open(Device device, PublishedFolder folder, Options options) {
        return new PublishedPipeline(device, folder, options);
    }

    /** What it was opened from. */
    public PublishedFolder folder() {
        return folder;
    }

    /** What its network's output means. */
    public Prediction prediction() {
        return folder.index().pipeline() == Pipeline.PIXEL ? Prediction.CLEAN_IMAGE : Prediction.VELOCITY;
    }

    /** Both sides of its pictures, unless they are drawn in a bin, are multiples of this many pixels. */
    public int sizeUnit() {
        return parts.ratio() * folder.transformer().patchSize();
    }

    /**
     * A request with the model's own settings: its size, 28 steps on the grid of diffusers, guidance of 5, noise of PyTorch with
     * seed 0.
     *
     * @param prompts a picture each
     */
    public SamplingRequest request(String... prompts) {
        int side = folder.index().defaultSampleSize();
        TimeGrid grid = TimeGrid.diffusersGrid(STEPS, folder.scheduler().shift());
        return new SamplingRequest(
                List.of(prompts).stream().map(Prompt::of).toList(),
                List.of(Prompt.of("")),
                Collections.nCopies(prompts.length, 0L),
                new Canvas(side, side, AspectBins.ofBase(side).isPresent()),
                SamplingSettings.of(grid, Guidance.of(GUIDANCE)).withNoise(new InitialNoise.TorchPerPicture()));
    }

    /** Draws the pictures of a request. */
    public List<RgbImage> draw(SamplingRequest request) {
        return draw(request, SamplingListener.NONE).rounded();
    }

    /**
     * Draws the pictures of a request.
     *
     * @param listener told of every step, in the space that is denoised
     * @throws SamplingRequestException when the model cannot draw them
     * @throws SamplingCancelledException when the listener wants no more
     */
    public DrawnPictures draw(SamplingRequest request, SamplingListener listener) {
        check(request);
        ImageSize size = drawnSize(request.canvas());
        Optional<StartPicture> start = StartPicture.of(request.settings(), size.height(), size.width());
        int steps = request.settings().grid().steps();
        if (start.isPresent() && start.get().firstStep() == steps) {
            return untouched(start.get(), request);
        }
        boolean alone = !request.settings().guidance().asksNegativePrompts();
        List<PromptStates> states = states(alone ? request.prompts() : request.pairs());
        DrawnPictures drawn = sample(request, size, start, states, listener);
        return start.map(drawn::withKept).orElse(drawn);
    }

    /** The size at which a picture is drawn, before it is brought to the canvas. */
    public ImageSize drawnSize(Canvas canvas) {
        ImageSize wanted = new ImageSize(canvas.height(), canvas.width());
        if (!canvas.bins()) {
            return wanted;
        }
        int base = folder.index().defaultSampleSize();
        return AspectBins.ofBase(base)
                .orElseThrow(() -> new SamplingRequestException(
                        "there are size bins for models of 256, 512 and 1024 pixels, this one is of %d; ask for a size"
                                + " of multiples of %d, without bins",
                        base, sizeUnit()))
                .nearest(wanted);
    }

    /**
     * Checks a request, as {@link #draw} does before it reads any weight.
     *
     * @throws SamplingRequestException when the model cannot draw it
     */
    public void check(SamplingRequest request) {
        ImageSize size = drawnSize(request.canvas());
        if (size.height() % sizeUnit() != 0 || size.width() % sizeUnit() != 0) {
            throw new SamplingRequestException(
                    "this model draws sizes divisible by %d, got %s; ask for one, or for the nearest bin",
                    sizeUnit(), size);
        }
        if (request.settings().guidance() instanceof Guidance.ClassifierFree(float scale, Guidance.Interval any)
                && scale < 1) {
            throw new SamplingRequestException("guidance: expected a scale of at least 1, got %s", scale);
        }
        if (request.canvas().bins() && request.settings().start() instanceof Start.Picture) {
            throw new SamplingRequestException(
                    "a path that starts with a picture has no size bins; ask for a size divisible by %d, without bins",
                    sizeUnit());
        }
    }

    private static DrawnPictures untouched(StartPicture start, SamplingRequest request) {
        ImageSize size = new ImageSize(start.picture().height(), start.picture().width());
        byte[] rgb = start.picture().toBytes();
        float[] values = new float[rgb.length * request.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (rgb[i % rgb.length] & 0xff) / 255f;
        }
        return new DrawnPictures(size, values);
    }

    /** Token states of prompts; words are cleaned, encoded and remembered. */
    public List<PromptStates> states(List<Prompt> prompts) {
        return known.states(prompts);
    }

    /** Words as the text tower is given them: cleaned, cut to tokens, padded. */
    public TokenBatch tokens(List<String> prompts) {
        try (PublishedTextEncoder encoder = parts.textEncoder()) {
            return encoder.tokens(prompts);
        }
    }

    private DrawnPictures sample(
            SamplingRequest request,
            ImageSize size,
            Optional<StartPicture> start,
            List<PromptStates> states,
            SamplingListener listener) {
        Shape cells = cells(request, size);
        Optional<SamplingRun.Beginning> beginning = start.map(this::beginning);
        float[] path = path(request, cells, beginning, states, listener);
        if (frugal) {
            parts.releaseDenoiser();
        }
        DrawnPictures drawn = decode(path, cells, request.canvas());
        if (frugal) {
            parts.releaseCodec();
        }
        return drawn;
    }

    private Shape cells(SamplingRequest request, ImageSize size) {
        int ratio = parts.ratio();
        return Shape.of(
                request.count(), folder.transformer().inChannels(), size.height() / ratio, size.width() / ratio);
    }

    /** The end of the path, of the shape of {@code cells}. */
    private float[] path(
            SamplingRequest request,
            Shape cells,
            Optional<SamplingRun.Beginning> beginning,
            List<PromptStates> states,
            SamplingListener listener) {
        List<PromptStates> real =
                states.stream().map(PromptStates::withoutMasked).toList();
        int tokens = real.stream().mapToInt(PromptStates::tokens).max().orElseThrow();
        PrxDenoiser denoiser = parts.denoiser();
        Precision precision = options.precision();
        try (TensorArena scratch = device.arena(memory(request, cells, tokens).denoising())) {
            Tensor sample = scratch.allocate(cells, DType.F32);
            Tape promptTape = Tape.inference(device.kernels(), scratch); // freed with the arena
            TextTokens text = PromptStates.padded(promptTape, real);
            var network = new GuidedDenoiser(
                    denoiser,
                    denoiser.text(promptTape, text.embeddings(), text.mask()),
                    request.settings().guidance(),
                    precision,
                    listener);
            new SamplingRun(
                            device.kernels(),
                            scratch,
                            prediction(),
                            folder.index().noiseScale(),
                            precision)
                    .draw(sample, request.settings(), request.seeds(), beginning, network, listener);
            return sample.toFloats();
        }
    }

    private PipelineMemory memory(SamplingRequest request, Shape cells, int tokens) {
        boolean alone = request.settings().guidance() instanceof Guidance.None;
        int batch = alone ? request.count() : 2 * request.count();
        return new PipelineMemory(
                folder.transformer(), batch, cells, tokens, request.settings().solver());
    }

    private SamplingRun.Beginning beginning(StartPicture start) {
        ImageCodec codec = parts.codec();
        Shape shape = Shape.of(1, 3, start.picture().height(), start.picture().width());
        try (TensorArena scratch = device.arena(PipelineMemory.encoding(codec, shape));
                Tape tape = Tape.inference(device.kernels(), scratch)) {
            Tensor latents = codec.encode(tape, tape.constant(start.pixels(), shape.dims()));
            float[] clean = codec.scale().scaled(tape, latents).toFloats();
            return new SamplingRun.Beginning(
                    options.precision().round(clean), start.drawnCells(codec.ratio()), start.firstStep());
        }
    }

    /** Pictures of what is denoised, (B, C, height, width), such as a step's x̂₀, at the size it has. */
    public DrawnPictures pictures(Tensor sample) {
        Shape pictures = parts.codec().pictureShape(sample.shape());
        return decode(sample.toFloats(), sample.shape(), Canvas.exactly(pictures.size(2), pictures.size(3)));
    }

    private DrawnPictures decode(float[] path, Shape cells, Canvas canvas) {
        ImageCodec codec = parts.codec();
        Shape pictures = codec.pictureShape(cells);
        try (TensorArena scratch = device.arena(PipelineMemory.decoding(codec, pictures));
                Tape tape = Tape.inference(device.kernels(), scratch)) {
            Tensor latents = codec.scale().unscaled(tape, tape.constant(path, cells.dims()));
            float[] planes =
                    options.precision().round(codec.decode(tape, latents).toFloats());
            PlanarImage drawn = new PlanarImage(3 * pictures.size(0), pictures.size(2), pictures.size(3), planes);
            PlanarImage fitted = canvas.bins() ? drawn.resizedAndCropped(canvas.height(), canvas.width()) : drawn;
            return DrawnPictures.ofSigned(
                    new ImageSize(fitted.height(), fitted.width()), fitted.values(), options.precision());
        }
    }

    /**
     * Counts what drawing a request will take, and keeps to it from now on: every network is let go before the next is loaded,
     * and the denoiser's blocks are streamed from the file if they do not fit.
     *
     * @param limit bytes that the process may use
     * @param baseline bytes that the process holds without the model
     * @throws InsufficientMemoryException when it does not fit
     */
    public MemoryPlan plan(SamplingRequest request, long limit, long baseline) {
        Shape cells = cells(request, drawnSize(request.canvas()));
        ImageCodec codec = parts.codec();
        Shape pictures = codec.pictureShape(cells);
        long decoding = PipelineMemory.decoding(codec, pictures);
        parts.releaseCodec();
        parts.restrict(Residency.RESIDENT, Long.MAX_VALUE);
        MemoryPlan.Phase tower = parts.textPhase();
        if (baseline + tower.bytes() > limit) {
            parts.restrict(Residency.RESIDENT, 0); // a layer at a time
            tower = parts.textPhase();
        }
        long[] denoiser;
        try (WeightsFolder files = WeightsFolder.open(folder.transformerFolder())) {
            denoiser = PipelineMemory.weights(files, folder.transformer().depth());
        }
        long denoising = memory(request, cells, longest(request)).denoising();
        MemoryPlan plan = MemoryPlan.of(
                OptionalLong.of(limit),
                baseline,
                List.of(tower),
                new MemoryPlan.Denoising(denoiser[0], denoiser[1], denoising),
                List.of(new MemoryPlan.Phase("autoencoder", parts.codecBytes(), decoding)));
        parts.restrict(plan.residency());
        frugal = true;
        return plan;
    }

    /** Real tokens of the longest prompt. */
    private int longest(SamplingRequest request) {
        List<String> words = new ArrayList<>();
        int longest = 1;
        for (Prompt prompt : request.pairs()) {
            switch (prompt) {
                case Prompt.Words(String text) -> words.add(text);
                case Prompt.Embedded(PromptStates states) -> longest = Math.max(longest, states.realTokens());
            }
        }
        for (boolean[] mask :
                words.isEmpty() ? List.<boolean[]>of() : tokens(words).masks()) {
            int real = 0;
            for (boolean token : mask) {
                real += token ? 1 : 0;
            }
            longest = Math.max(longest, real);
        }
        return longest;
    }

    /** Frees weights and files. */
    @Override
    public void close() {
        parts.close();
    }
}
