package mezzotint.sampling;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.image.AspectBins;
import mezzotint.image.ImageSize;
import mezzotint.image.PlanarImage;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.latent.ImageCodec;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.sampling.PipelineIndex.Pipeline;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStates;
import mezzotint.text.TextTokens;

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
    private static final long PICTURE_TENSORS = 4; // on the way between latents and pictures
    private static final long SLACK_BYTES = 1L << 20;

    /**
     * How a folder is run.
     *
     * @param precision of everything between the networks, and of their weights
     * @param cleanPrompts whether prompts of a latent pipeline are cleaned thoroughly, as in training; others never are
     * @param maxTokens to which prompts are padded or cut; empty for the folder's own number
     */
    public record Options(Precision precision, boolean cleanPrompts, OptionalInt maxTokens) {
        /** As diffusers does when nothing is said, in float32. */
        public static final Options DEFAULT = new Options(Precision.FLOAT32, true, OptionalInt.empty());

        /** With another precision. */
        public Options withPrecision(Precision other) {
            return new Options(other, cleanPrompts, maxTokens);
        }
    }

    private final Device device;
    private final PublishedFolder folder;
    private final Options options;
    private final PublishedParts parts;
    private final Map<String, PromptStates> known = new LinkedHashMap<>();

    private PublishedPipeline(Device device, PublishedFolder folder, Options options) {
        this.device = device;
        this.folder = folder;
        this.options = options;
        this.parts = new PublishedParts(device, folder, options);
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
        List<String> missing = prompts.stream()
                .flatMap(prompt -> prompt instanceof Prompt.Words(String text) ? java.util.stream.Stream.of(text) : null)
                .filter(text -> !known.containsKey(text))
                .distinct()
                .toList();
        if (!missing.isEmpty()) {
            List<PromptStates> states = parts.encode(missing);
            for (int i = 0; i < missing.size(); i++) {
                known.put(missing.get(i), states.get(i));
            }
        }
        return prompts.stream()
                .map(prompt -> switch (prompt) {
                    case Prompt.Words(String text) -> known.get(text);
                    case Prompt.Embedded(PromptStates states) -> states;
                })
                .toList();
    }

    private DrawnPictures sample(
            SamplingRequest request,
            ImageSize size,
            Optional<StartPicture> start,
            List<PromptStates> states,
            SamplingListener listener) {
        PrxConfig config = folder.transformer();
        int ratio = parts.ratio();
        Shape pictures = Shape.of(request.count(), 3, size.height(), size.width());
        PrxDenoiser denoiser = parts.denoiser();
        ImageCodec codec = parts.codec();
        try (TensorArena scratch = device.arena(scratchBytes(request, size, states))) {
            Tensor sample = scratch.allocate(
                    request.count(), config.inChannels(), size.height() / ratio, size.width() / ratio);
            SamplingRun run = new SamplingRun(
                    device.kernels(), scratch, prediction(), folder.index().noiseScale(), options.precision());
            try (Tape promptTape = Tape.inference(device.kernels(), scratch)) {
                TextTokens tokens = PromptStates.padded(
                        promptTape,
                        states.stream().map(PromptStates::withoutMasked).toList());
                Guidance guidance = request.settings().guidance();
                var text = denoiser.text(promptTape, tokens.embeddings(), tokens.mask());
                run.draw(
                        sample,
                        request.settings(),
                        request.seeds(),
                        start.map(picture -> beginning(picture, codec, scratch)),
                        new GuidedDenoiser(denoiser, text, guidance, options.precision(), listener),
                        listener);
            }
            return decode(codec, scratch, sample, pictures, request.canvas());
        }
    }

    private SamplingRun.Beginning beginning(StartPicture start, ImageCodec codec, TensorArena scratch) {
        try (Tape tape = Tape.inference(device.kernels(), scratch)) {
            int height = start.picture().height();
            int width = start.picture().width();
            Tensor latents = codec.encode(tape, tape.constant(start.pixels(), 1, 3, height, width));
            float[] clean = codec.scale().scaled(tape, latents).toFloats();
            return new SamplingRun.Beginning(
                    options.precision().round(clean), start.drawnCells(codec.ratio()), start.firstStep());
        }
    }

    /** Pictures of what is denoised, (B, C, height, width), such as a step's x̂₀, at the size it has. */
    public DrawnPictures pictures(Tensor sample) {
        Shape pictures = parts.codec().pictureShape(sample.shape());
        try (TensorArena scratch = device.arena(codecBytes(pictures))) {
            int height = pictures.size(2);
            return decode(parts.codec(), scratch, sample, pictures, Canvas.exactly(height, pictures.size(3)));
        }
    }

    private DrawnPictures decode(
            ImageCodec codec, TensorArena scratch, Tensor sample, Shape pictures, Canvas canvas) {
        try (Tape tape = Tape.inference(device.kernels(), scratch)) {
            float[] planes = codec.decode(tape, codec.scale().unscaled(tape, sample)).toFloats();
            options.precision().round(planes);
            PlanarImage drawn =
                    new PlanarImage(3 * pictures.size(0), pictures.size(2), pictures.size(3), planes);
            PlanarImage fitted =
                    canvas.bins() ? drawn.resizedAndCropped(canvas.height(), canvas.width()) : drawn;
            return DrawnPictures.ofSigned(
                    new ImageSize(fitted.height(), fitted.width()), fitted.values(), options.precision());
        }
    }

    private long scratchBytes(SamplingRequest request, ImageSize size, List<PromptStates> states) {
        int ratio = parts.ratio();
        int tokens = states.stream().mapToInt(PromptStates::tokens).max().orElseThrow();
        long cells = (long) size.height() * size.width() / ((long) ratio * ratio);
        Shape pictures = Shape.of(request.count(), 3, size.height(), size.width());
        return SamplingRun.scratchBytes(folder.transformer(), states.size(), cells, tokens)
                + codecBytes(pictures);
    }

    private long codecBytes(Shape pictures) {
        return parts.codec().decodeBytes(pictures)
                + parts.codec().encodeBytes(Shape.of(1, 3, pictures.dim(2), pictures.dim(3)))
                + PICTURE_TENSORS * Float.BYTES * pictures.elements()
                + SLACK_BYTES;
    }

    /** Frees weights and files. */
    @Override
    public void close() {
        parts.close();
    }
}
