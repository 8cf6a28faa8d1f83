package mezzotint.training;

/**
 * What a training step has to say.
 *
 * @param step 1 for the first
 * @param steps of the whole run
 * @param loss mean over the batch
 * @param lossByTime mean loss of t in [0, 0.3), [0.3, 0.6), [0.6, 1] since the last report that was asked for; NaN if none
 * @param gradientNorm before clipping
 * @param learningRate of this step
 * @param seconds this step took
 * @param pictures in the batch
 */
public record StepReport(
        long step,
        long steps,
        double loss,
        double[] lossByTime,
        double gradientNorm,
        double learningRate,
        double seconds,
        int pictures) {}
