package mezzotint.training.technique;

import mezzotint.tensor.Tensor;

/**
 * A training step as a term of the loss sees it; pictures are (B, C, height, width).
 *
 * @param clean x₀, in [−1, 1]
 * @param noised x_t
 * @param output the network's
 * @param predicted velocity
 * @param target velocity aimed at
 * @param times t per picture
 * @param around the rest
 */
public record TrainedStep(
        Tensor clean,
        Tensor noised,
        Tensor output,
        Tensor predicted,
        Tensor target,
        float[] times,
        StepSurroundings around) {
    /** Rows of tokens. */
    public int rows() {
        return clean.shape().size(2) / around.patch();
    }

    /** Columns of tokens. */
    public int columns() {
        return clean.shape().size(3) / around.patch();
    }
}
