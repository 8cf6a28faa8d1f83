package mezzotint.sampling;

import java.util.ArrayList;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.latent.IdentityCodec;
import mezzotint.latent.ImageCodec;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxText;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.text.TextEncoder;
import mezzotint.text.TextTokens;

/**
 * A text-to-image model, in pixel space or on a codec's latents: draws pictures for prompts.
 *
 * <p>Not safe for several threads.
 */
public final class TextToImage {
    private static final long ENCODER_TENSORS = 450; // of (T, width): a small encoder's activations, from above

    private final Device device;
    private final PrxDenoiser denoiser;
    private final TextEncoder textEncoder;
    private final Prediction prediction;
    private final float noiseScale;
    private final ImageCodec codec;

    /**
     * A model of pixels.
     *
     * @param denoiser with the weights to draw with
     * @param textEncoder whose width is the denoiser's context width
     * @param prediction what the denoiser was trained to predict
     * @param noiseScale standard deviation of the noise at t = 1
     */
    public TextToImage(
            Device device, PrxDenoiser denoiser, TextEncoder textEncoder, Prediction prediction, float noiseScale) {
        this(device, denoiser, textEncoder, prediction, noiseScale, new IdentityCodec());
    }

    /**
     * A model of what a codec makes of pictures.
     *
     * @param codec whose weights outlive the model
     * @see #TextToImage(Device, PrxDenoiser, TextEncoder, Prediction, float)
     */
    public TextToImage(
            Device device,
            PrxDenoiser denoiser,
            TextEncoder textEncoder,
            Prediction prediction,
            float noiseScale,
            ImageCodec codec) {
        this.device = device;
        this.denoiser = denoiser;
        this.textEncoder = textEncoder;
        this.prediction = prediction;
        this.noiseScale = noiseScale;
        this.codec = codec;
    }

    /** The network. */
    public PrxDenoiser denoiser() {
        return denoiser;
    }

    /** What turns prompts into token states. */
    public TextEncoder textEncoder() {
        return textEncoder;
    }

    /** What the network's output means. */
    public Prediction prediction() {
        return prediction;
    }

    /** From pictures to what is denoised, and back. */
    public ImageCodec codec() {
        return codec;
    }

    /** Standard deviation of the noise at t = 1. */
    public float noiseScale() {
        return noiseScale;
    }

    /**
     * Draws the pictures of a request; size bins are none of this model's.
     *
     * @param scratch for activations; left as it was
     * @param listener told of every step
     * @return one picture per prompt
     * @throws SamplingCancelledException when the listener wants no more
     */
    public List<RgbImage> draw(SamplingRequest request, TensorArena scratch, SamplingListener listener) {
        long mark = scratch.mark();
        try {
            Canvas canvas = request.canvas();
            SamplingSettings settings = request.settings();
            Tensor sample = scratch.allocate(
                    codec.latentShape(Shape.of(request.count(), 3, canvas.height(), canvas.width())), DType.F32);
            Tape promptTape = Tape.inference(device.kernels(), scratch); // closed by releasing the mark
            boolean alone = !settings.guidance().asksNegativePrompts();
            TextTokens tokens = TextTokens.of(promptTape, textEncoder, alone ? request.prompts() : request.pairs());
            PrxText text = denoiser.text(promptTape, tokens.embeddings(), tokens.mask());
            new SamplingRun(device.kernels(), scratch, prediction, noiseScale, Precision.FLOAT32)
                    .draw(
                            sample,
                            settings,
                            request.seeds(),
                            StartPicture.of(request).map(start -> beginning(promptTape, start, canvas)),
                            new GuidedDenoiser(denoiser, text, settings.guidance(), Precision.FLOAT32, listener),
                            listener);
            return pictures(codec.decode(promptTape, codec.scale().unscaled(promptTape, sample)));
        } finally {
            scratch.release(mark);
        }
    }

    private SamplingRun.Beginning beginning(Tape tape, StartPicture start, Canvas canvas) {
        Tensor pixels = tape.constant(start.pixels(), 1, 3, canvas.height(), canvas.width());
        Tensor latents = codec.scale().scaled(tape, codec.encode(tape, pixels));
        return new SamplingRun.Beginning(latents.toFloats(), start.drawnCells(codec.ratio()), start.firstStep());
    }

    /** Bytes of scratch that {@link #draw} needs for a request, from above: untouched pages cost nothing on a CPU. */
    public long scratchBytes(SamplingRequest request) {
        Canvas canvas = request.canvas();
        long rows = request.count() * (request.settings().guidance().asksNegativePrompts() ? 2L : 1L);
        long cells = (long) canvas.height() * canvas.width() / ((long) codec.ratio() * codec.ratio());
        Shape pictures = Shape.of(request.count(), 3, canvas.height(), canvas.width());
        long text = textEncoder.maxTokens();
        return SamplingRun.scratchBytes(denoiser.config(), rows, cells, text)
                + codec.decodeBytes(pictures)
                + codec.encodeBytes(Shape.of(1, 3, canvas.height(), canvas.width()))
                + rows * text * ENCODER_TENSORS * textEncoder.width() * Float.BYTES;
    }

    /** Pictures of a sample (B, 3, height, width) in [−1, 1]; values outside are clamped. */
    public static List<RgbImage> pictures(Tensor sample) {
        List<RgbImage> pictures = new ArrayList<>();
        int height = sample.shape().size(2);
        int width = sample.shape().size(3);
        for (int i = 0; i < sample.shape().dim(0); i++) {
            pictures.add(RgbImage.fromSignedFloats(sample.rows(i, i + 1).toFloats(), width, height));
        }
        return pictures;
    }
}
