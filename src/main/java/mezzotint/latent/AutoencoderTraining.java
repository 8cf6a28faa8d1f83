package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * What an autoencoder is trained on: pictures come back as they were, and latents stay near a standard normal.
 *
 * <pre>loss = mean distance(decode(z), x) + divergenceWeight · mean KL(q(z|x) ‖ N(0, 1)),    z drawn from q(z|x)</pre>
 *
 * Means are over all numbers of pictures and latents; neither perceptual nor adversarial terms.
 *
 * @param distance of a pixel
 * @param divergenceWeight at least 0; 1e-6 of sums in the paper, here of means
 * @see <a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2022, §3.1 and appendix G</a>
 */
public record AutoencoderTraining(Distance distance, float divergenceWeight) {
    /** From a colour to the one that it should be. */
    public enum Distance {
        /** |a − b|. */
        ABSOLUTE,
        /** (a − b)². */
        SQUARED
    }

    /**
     * The loss and its parts, (1) each.
     *
     * @param total to be differentiated
     * @param reconstruction mean distance
     * @param divergence mean divergence, not weighted
     */
    public record Losses(Tensor total, Tensor reconstruction, Tensor divergence) {}

    /** Absolute distance and a divergence weight of 1e-4, which hardly holds the latents back. */
    public static final AutoencoderTraining DEFAULT = new AutoencoderTraining(Distance.ABSOLUTE, 1e-4f);

    /** @throws IllegalArgumentException when the weight is below 0 or not finite */
    public AutoencoderTraining {
        if (!(divergenceWeight >= 0) || Float.isInfinite(divergenceWeight)) {
            throw new IllegalArgumentException(
                    "autoencoder training: divergence weight expected a finite number of at least 0, got "
                            + divergenceWeight);
        }
    }

    /**
     * The losses of a batch.
     *
     * @param pictures (B, 3, height, width) in [−1, 1]
     * @param noise standard normal, (B, C, height/ratio, width/ratio)
     * @throws mezzotint.tensor.ShapeMismatchException when pictures or noise do not fit
     */
    public Losses losses(Tape tape, AutoencoderKl codec, Tensor pictures, Tensor noise) {
        GaussianPosterior posterior = codec.posterior(tape, pictures);
        Tensor back = codec.decode(tape, posterior.sample(tape, noise));
        Tensor reconstruction = distance(tape, tape.add(back, tape.scale(pictures, -1)));
        Tensor divergence = posterior.divergence(tape);
        Tensor total = tape.add(reconstruction, tape.scale(divergence, divergenceWeight));
        return new Losses(total, reconstruction, divergence);
    }

    private Tensor distance(Tape tape, Tensor difference) {
        Tensor size =
                switch (distance) {
                    case ABSOLUTE -> tape.add(
                            tape.encoders().relu(difference), tape.encoders().relu(tape.scale(difference, -1)));
                    case SQUARED -> tape.encoders().multiply(difference, difference);
                };
        return GaussianPosterior.mean(tape, size, 1);
    }
}
