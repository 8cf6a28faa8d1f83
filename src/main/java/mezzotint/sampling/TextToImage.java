package mezzotint.sampling;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxText;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.text.TextEncoder;
import mezzotint.text.TextTokens;

/**
 * A text-to-image model in pixel space: draws pictures for prompts.
 *
 * <p>Not safe for several threads.
 */
public final class TextToImage {
    /** Random stream of the initial noise, so that a seed shared with training does not share its numbers. */
    private static final long NOISE_STREAM = 0x53414d50L;

    private static final long ENCODER_TENSORS = 300; // of (T, width): a small encoder's activations
    private static final double MARGIN = 1.5;
    private static final long SLACK_BYTES = 64L << 20;

    private final Device device;
    private final PrxDenoiser denoiser;
    private final TextEncoder textEncoder;
    private final Prediction prediction;
    private final float noiseScale;

    /**
     * @param denoiser of pixels, with the weights to draw with
     * @param textEncoder whose width is the denoiser's context width
     * @param prediction what the denoiser was trained to predict
     * @param noiseScale standard deviation of the noise at t = 1
     */
    public TextToImage(
            Device device, PrxDenoiser denoiser, TextEncoder textEncoder, Prediction prediction, float noiseScale) {
        this.device = device;
        this.denoiser = denoiser;
        this.textEncoder = textEncoder;
        this.prediction = prediction;
        this.noiseScale = noiseScale;
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

    /** Standard deviation of the noise at t = 1. */
    public float noiseScale() {
        return noiseScale;
    }

    /**
     * Draws the pictures of a request.
     *
     * @param scratch for activations; left as it was
     * @param listener called after every step
     * @return one picture per prompt
     */
    public List<RgbImage> draw(SamplingRequest request, TensorArena scratch, Consumer<SamplingStep> listener) {
        int count = request.prompts().size();
        long mark = scratch.mark();
        try {
            Tensor sample = scratch.allocate(count, denoiser.config().inChannels(), request.height(), request.width());
            for (int i = 0; i < count; i++) {
                Tensor own = sample.rows(i, i + 1);
                device.kernels().flowMatch().normal(own, request.seeds().get(i), NOISE_STREAM, 0);
                device.kernels().pointwise().scale(own, own, noiseScale);
            }
            Tape promptTape = Tape.inference(device.kernels(), scratch); // closed by releasing the mark
            EulerSampler.Network network = network(promptTape, request);
            EulerSampler sampler = new EulerSampler(TimeGrid.nativeGrid(request.steps(), request.shift()), prediction);
            sampler.sample(device.kernels(), scratch, sample, network, listener);
            return pictures(sample);
        } finally {
            scratch.release(mark);
        }
    }

    /** Bytes of scratch that {@link #draw} needs for a request, from above: untouched pages cost nothing on a CPU. */
    public long scratchBytes(SamplingRequest request) {
        PrxConfig config = denoiser.config();
        long prompts = request.prompts().size() * (request.guidance() instanceof Guidance.None ? 1L : 2L);
        long pixels = (long) request.height() * request.width();
        long tokens = Math.ceilDiv(pixels, (long) config.patchSize() * config.patchSize());
        long text = textEncoder.maxTokens();
        long d = config.hiddenSize();
        long block = tokens * (14 * d + 3L * config.mlpWidth()) + 16 * d;
        long around = tokens * (4 * d + 3L * config.patchWidth()) + 12L * config.inChannels() * pixels;
        long perPrompt = text * (d * (6L * config.depth() + 6) + ENCODER_TENSORS * textEncoder.width());
        return (long) (prompts * (block + around + perPrompt) * 4 * MARGIN) + SLACK_BYTES;
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

    private EulerSampler.Network network(Tape promptTape, SamplingRequest request) {
        int count = request.prompts().size();
        return switch (request.guidance()) {
            case Guidance.None() -> {
                PrxText text = text(promptTape, request.prompts());
                yield (tape, noised, time) -> denoiser.forward(tape, noised, times(tape, time, count), text);
            }
            case Guidance.ClassifierFree(float scale) -> {
                List<String> pairs = new ArrayList<>(Collections.nCopies(count, request.negativePrompt()));
                pairs.addAll(request.prompts());
                PrxText text = text(promptTape, pairs);
                yield (tape, noised, time) -> guided(tape, noised, time, text, scale);
            }
        };
    }

    private Tensor guided(Tape tape, Tensor noised, float time, PrxText text, float scale) {
        int count = noised.shape().size(0);
        long[] dims = noised.shape().dims();
        dims[0] = 2L * count;
        Tensor doubled = tape.allocate(dims);
        doubled.rows(0, count).copyFrom(noised);
        doubled.rows(count, 2L * count).copyFrom(noised);
        Tensor both = denoiser.forward(tape, doubled, times(tape, time, 2 * count), text);
        Tensor unconditional = both.rows(0, count);
        Tensor conditional = both.rows(count, 2L * count);
        return tape.add(tape.scale(unconditional, 1 - scale), tape.scale(conditional, scale));
    }

    private PrxText text(Tape tape, List<String> prompts) {
        TextTokens tokens = textEncoder.encode(tape, prompts);
        return denoiser.text(tape, tokens.embeddings(), tokens.mask());
    }

    private static Tensor times(Tape tape, float time, int count) {
        float[] times = new float[count];
        java.util.Arrays.fill(times, time);
        return tape.constant(times, count);
    }
}
