package mezzotint.training;

import java.util.Map;
import mezzotint.tensor.Tensor;

/** Changes parameters by their gradients. */
public sealed interface Optimizer permits AdamW, Muon {
    /**
     * One step.
     *
     * @param learningRate rate of this step, ≥ 0
     * @param gradientScale factor on every gradient, from clipping
     */
    void update(double learningRate, double gradientScale);

    /** Number of steps taken. */
    long steps();

    /** Continues after {@code steps} steps, for a resumed run. */
    void resumeAt(long steps);

    /** Its tensors by name, to be saved and restored. */
    Map<String, Tensor> state();
}
