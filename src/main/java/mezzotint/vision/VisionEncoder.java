package mezzotint.vision;

import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.image.PicturePreparation;
import mezzotint.tensor.Tensor;

/**
 * A frozen network that looks at pictures: tokens for a teacher or a perceptual loss, one vector for a score.
 *
 * <p>Nothing in it is trained. On a recording tape gradients flow to the pixels if they are {@linkplain Tape#watch watched} or
 * computed; pixels that need none cost nothing there. On an inference tape every layer's activations are forgotten at once.
 */
public interface VisionEncoder {
    /** D: width of a token. */
    int width();

    /** E: width of {@link VisionFeatures#pooled}. */
    int pooledWidth();

    /** Pixels from one token to the next. */
    int patch();

    /** Pixels a side has for {@code tokens} tokens along it; {@code tokens · patch} of a transformer. */
    int sideFor(int tokens);

    /** Side in pixels of the square pictures it was trained on. */
    int trainedSide();

    /** What its pictures are normalised with. */
    ImageNormalization normalization();

    /** How pictures are brought to {@link #trainedSide} before it, where scores are to agree with published ones. */
    PicturePreparation preparation();

    /**
     * What it sees.
     *
     * @param normalized (B, 3, H, W), {@link #normalization} applied
     * @throws mezzotint.tensor.ShapeMismatchException where the picture does not suit the network
     */
    VisionFeatures features(Tape tape, Tensor normalized);

    /**
     * What it sees, normalisation included.
     *
     * @param pixels (B, 3, H, W), red, green and blue in [0, 1]
     * @throws mezzotint.tensor.ShapeMismatchException where the picture does not suit the network
     */
    default VisionFeatures encode(Tape tape, Tensor pixels) {
        return features(tape, new PixelNormalization(normalization()).apply(tape, pixels));
    }
}
