package mezzotint.latent;

import java.util.Arrays;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * From an autoencoder's latents to the unit variance that a denoiser wants.
 *
 * <pre>scaled = factor · (z − shift)</pre>
 *
 * @param factor scaling factor, finite and above 0
 * @param shift finite
 * @see <a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2022, appendix G, where factor is 1/σ and shift 0</a>
 */
public record LatentScale(float factor, float shift) {
    /** Latents as they are. */
    public static final LatentScale NONE = new LatentScale(1f, 0f);

    /** @throws InvalidCodecConfigException when a number is out of its range */
    public LatentScale {
        if (!(factor > 0) || Float.isInfinite(factor)) {
            throw new InvalidCodecConfigException("scaling_factor", "a finite number above 0", factor);
        }
        if (!Float.isFinite(shift)) {
            throw new InvalidCodecConfigException("shift_factor", "a finite number", shift);
        }
    }

    /** Latents of the autoencoder, any shape → what the denoiser sees. */
    public Tensor scaled(Tape tape, Tensor latents) {
        return times(tape, plus(tape, latents, -shift), factor);
    }

    /** What the denoiser makes, any shape → latents of the autoencoder. */
    public Tensor unscaled(Tape tape, Tensor scaled) {
        return plus(tape, times(tape, scaled, 1 / factor), shift);
    }

    private static Tensor times(Tape tape, Tensor x, float by) {
        return by == 1 ? x : tape.scale(x, by);
    }

    static Tensor plus(Tape tape, Tensor x, float by) {
        if (by == 0) {
            return x;
        }
        float[] same = new float[Math.toIntExact(x.shape().elements())];
        Arrays.fill(same, by);
        return tape.add(x, tape.constant(same, x.shape().dims()));
    }
}
