package mezzotint.sampling;

import java.util.function.Consumer;
import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Follows the velocity from noise to a picture in equal or shifted steps.
 *
 * <pre>x ← x − (σ_i − σ_i+1) · v(x, σ_i)</pre>
 *
 * @param grid the times
 * @param prediction what the network's output means
 */
public record EulerSampler(TimeGrid grid, Prediction prediction) {

    /** The denoiser with its prompts given and guidance applied. */
    @FunctionalInterface
    public interface Network {
        /** Output (B, C, height, width) for {@code noised} of that shape at one time for all. */
        Tensor output(Tape tape, Tensor noised, float time);
    }

    /**
     * One step from {@code time}, which need not be on the grid: the nearest grid time decides the length, the given time the
     * conversion.
     *
     * @param sample x at {@code time}, (B, …), overwritten by the result
     * @param output the network's output at {@code time}, (B, …)
     */
    public void step(Tape tape, Tensor sample, Tensor output, float time) {
        int batch = sample.shape().size(0);
        float[] times = new float[batch];
        java.util.Arrays.fill(times, time);
        Tensor velocity = prediction.toVelocity(tape, sample, output, times);
        float length = grid.length(grid.stepAt(time));
        tape.kernels()
                .flowMatch()
                .combine(
                        sample,
                        sample,
                        velocity,
                        FlowPath.coefficients(tape, times, t -> new FlowPath.Coefficients(1, -length, 1)));
    }

    /**
     * All steps; {@code sample} is the noise at first and the picture at the end.
     *
     * @param scratch where the network's activations go; freed after every step
     * @param listener called after every step
     */
    public void sample(
            Kernels kernels, TensorArena scratch, Tensor sample, Network network, Consumer<SamplingStep> listener) {
        for (int i = 0; i < grid.steps(); i++) {
            try (Tape tape = Tape.inference(kernels, scratch)) {
                float time = grid.time(i);
                Tensor output = network.output(tape, sample, time);
                Tensor before = tape.detach(sample);
                float[] times = new float[sample.shape().size(0)];
                java.util.Arrays.fill(times, time);
                Tensor clean = prediction.toCleanImage(tape, before, output, times);
                step(tape, sample, output, time);
                listener.accept(new SamplingStep(i, grid.steps(), time, before, clean));
            }
        }
    }
}
