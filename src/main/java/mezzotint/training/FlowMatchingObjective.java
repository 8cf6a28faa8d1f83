package mezzotint.training;

import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * The flow-matching loss: mean over all elements of (predicted velocity − target velocity)².
 *
 * <p>With x-prediction that is |x̂ − x₀|² / max(t, 0.05)².
 *
 * @param prediction what the network's output means
 * @see <a href="https://arxiv.org/abs/2210.02747">Lipman et al. 2022, eq. 23</a>
 */
public record FlowMatchingObjective(Prediction prediction) {

    /** The denoiser, with its prompts already given. */
    @FunctionalInterface
    public interface Network {
        /** Output (B, C, height, width) for noised pictures of that shape at times (B). */
        Tensor output(Tape tape, Tensor noised, Tensor times);
    }

    /**
     * A loss and what it was made from.
     *
     * @param total mean over the batch, (1)
     * @param perSample (B)
     * @param noised x_t
     * @param prediction predicted velocity
     * @param target velocity aimed at; it is shrunk where a clamp acts
     */
    public record Loss(Tensor total, Tensor perSample, Tensor noised, Tensor prediction, Tensor target) {}

    /**
     * The loss of one batch.
     *
     * @param clean pictures x₀, (B, C, height, width), in [−1, 1]
     * @param noise ε, of the same shape, already scaled
     * @param times t per sample
     * @throws ShapeMismatchException when batch sizes differ
     */
    public Loss loss(Tape tape, Tensor clean, Tensor noise, float[] times, Network network) {
        if (clean.shape().dim(0) != times.length) {
            throw new ShapeMismatchException("loss: pictures %s, %d times", clean.shape(), times.length);
        }
        Tensor noised = FlowPath.noised(tape, clean, noise, times);
        Tensor output = network.output(tape, noised, tape.constant(times, times.length));
        Tensor predicted = prediction.toVelocity(tape, noised, output, times);
        Tensor target = prediction.toVelocity(tape, noised, prediction.target(tape, clean, noise), times);
        Tensor perSample = tape.meanSquare(predicted, target);
        float[] weights = new float[times.length];
        java.util.Arrays.fill(weights, 1f / times.length);
        Tensor total = tape.weightedSum(perSample, tape.constant(weights, times.length));
        return new Loss(total, perSample, noised, predicted, target);
    }
}
