package mezzotint.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.training.technique.LossTerm;
import mezzotint.training.technique.StepSurroundings;
import mezzotint.training.technique.TrainedStep;

/**
 * The flow-matching loss: mean over all elements of (predicted velocity − target velocity)², and what techniques add to it.
 *
 * <p>With x-prediction the mean is that of |x̂ − x₀|² / max(t, 0.05)².
 *
 * @param prediction what the network's output means
 * @param terms added in this order
 * @see <a href="https://arxiv.org/abs/2210.02747">Lipman et al. 2022, eq. 23</a>
 */
public record FlowMatchingObjective(Prediction prediction, List<LossTerm> terms) {
    /** Copies the list. */
    public FlowMatchingObjective {
        terms = List.copyOf(terms);
    }

    /** Nothing added. */
    public FlowMatchingObjective(Prediction prediction) {
        this(prediction, List.of());
    }

    /** The denoiser, with its prompts already given. */
    @FunctionalInterface
    public interface Network {
        /** Output (B, C, height, width) for noised pictures of that shape at times (B). */
        Tensor output(Tape tape, Tensor noised, Tensor times);
    }

    /**
     * A loss and what it was made from.
     *
     * @param total what is minimised, (1)
     * @param perSample squared error of each picture, (B)
     * @param noised x_t
     * @param prediction predicted velocity
     * @param target velocity aimed at; it is shrunk where a clamp acts
     * @param parts by their words in logs, (1) each: {@code mse}, then the terms' values without their weights
     */
    public record Loss(
            Tensor total,
            Tensor perSample,
            Tensor noised,
            Tensor prediction,
            Tensor target,
            Map<String, Tensor> parts) {}

    /**
     * The loss of one batch without what techniques add.
     *
     * @param clean pictures x₀, (B, C, height, width), in [−1, 1]
     * @param noise ε, of the same shape, already scaled
     * @param times t per sample
     * @throws ShapeMismatchException when batch sizes differ
     */
    public Loss loss(Tape tape, Tensor clean, Tensor noise, float[] times, Network network) {
        return new FlowMatchingObjective(prediction)
                .loss(tape, new Sample(clean, noise, times, Optional.empty()), network);
    }

    /**
     * A batch and its noise.
     *
     * @param clean pictures x₀, (B, C, height, width), in [−1, 1]
     * @param noise ε, of the same shape, already scaled
     * @param times t per sample
     * @param around what terms look at; needed where there are terms
     */
    public record Sample(Tensor clean, Tensor noise, float[] times, Optional<StepSurroundings> around) {}

    /**
     * The loss of one batch.
     *
     * @throws ShapeMismatchException when batch sizes differ
     * @throws mezzotint.training.technique.MissingFeaturesException when something that a term looks at is not there
     */
    public Loss loss(Tape tape, Sample sample, Network network) {
        Tensor clean = sample.clean;
        float[] times = sample.times;
        if (clean.shape().dim(0) != times.length) {
            throw new ShapeMismatchException("loss: pictures %s, %d times", clean.shape(), times.length);
        }
        Tensor noised = FlowPath.noised(tape, clean, sample.noise, times);
        Tensor output = network.output(tape, noised, tape.constant(times, times.length));
        Tensor predicted = prediction.toVelocity(tape, noised, output, times);
        Tensor target = prediction.toVelocity(tape, noised, prediction.target(tape, clean, sample.noise), times);
        Tensor perSample = tape.meanSquare(predicted, target);
        float[] weights = new float[times.length];
        Arrays.fill(weights, 1f / times.length);
        Tensor total = tape.weightedSum(perSample, tape.constant(weights, times.length));
        Map<String, Tensor> parts = new LinkedHashMap<>();
        parts.put("mse", total);
        for (LossTerm term : terms) {
            var step = new TrainedStep(clean, noised, output, predicted, target, times, sample.around.orElseThrow());
            Optional<Tensor> value = term.value(tape, step);
            if (value.isPresent()) {
                parts.put(term.name(), value.get());
                Tensor weighted = term.weight() == 1 ? value.get() : tape.scale(value.get(), term.weight());
                total = tape.add(total, weighted);
            }
        }
        return new Loss(total, perSample, noised, predicted, target, parts);
    }
}
