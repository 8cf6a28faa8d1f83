package mezzotint.training.technique;

import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.Tensor;

/**
 * A perceptual distance between the predicted clean picture and the true one, for x-prediction.
 *
 * <pre>weight · Σ_b [t_b &lt; threshold] distance(x̂₀, x₀)_b / max(1, Σ_b [t_b &lt; threshold]),    x₀ = x_t − max(t, 0.05) · v</pre>
 *
 * @param name such as {@code lpips}
 * @param weight factor in the loss; in PRX 0.1 for LPIPS, 0.01 for P-DINO
 * @param threshold only pictures with t below it count; 1 for all
 * @param transform done to both pictures before
 * @param distance what looks
 */
public record PerceptualTerm(
        String name, float weight, float threshold, PictureTransform transform, PerceptualDistance distance)
        implements LossTerm {
    private static final long CROP = 4L << 48;

    @Override
    public Optional<Tensor> value(Tape tape, TrainedStep step) {
        Tensor clean = tape.combine(
                step.noised(),
                step.target(),
                FlowPath.coefficients(
                        tape, step.times(), t -> new FlowPath.Coefficients(1, -Math.max(t, Prediction.CLAMP), 1)));
        PhiloxRandom random = step.around().random();
        Tensor predicted = transform.apply(tape, step.output(), random.withStream(CROP + random.stream()));
        Tensor compared = transform.apply(tape, clean, random.withStream(CROP + random.stream()));
        Tensor perPicture = distance.between(tape, predicted, compared);
        return Optional.of(Means.belowTime(tape, perPicture, step.times(), threshold));
    }
}
