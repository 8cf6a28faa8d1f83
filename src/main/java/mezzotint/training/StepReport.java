package mezzotint.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a training step has to say.
 *
 * @param step 1 for the first
 * @param steps of the whole run
 * @param loss mean over the batch; no number if the step was left out
 * @param lossByTime mean loss of t in [0, 0.3), [0.3, 0.6), [0.6, 1] since the last report that was asked for; NaN if none
 * @param gradientNorm before clipping
 * @param learningRate of this step
 * @param seconds this step took
 * @param pictures in the batch
 * @param skipped steps of the run so far that were left out, this one perhaps among them: loss or gradient was no number
 * @param parts of the loss by their words: {@code mse}, then what techniques add, without their weights
 */
public record StepReport(
        long step,
        long steps,
        double loss,
        double[] lossByTime,
        double gradientNorm,
        double learningRate,
        double seconds,
        int pictures,
        long skipped,
        Map<String, Double> parts) {
    /** Copies the map. */
    public StepReport {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /** Whether the optimizer took this step: loss and gradient are numbers. */
    public boolean taken() {
        return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }
}
