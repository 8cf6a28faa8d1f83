package mezzotint.sampling;

import java.util.Arrays;
import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Follows the velocity from noise to a picture.
 *
 * <pre>
 * Euler:  x ← x − (σ_i − σ_i+1) · v(x, σ_i)
 * Heun:   x' = the Euler step,  x ← x − (σ_i − σ_i+1) · (v(x, σ_i) + v(x', σ_i+1)) / 2
 * </pre>
 *
 * @param grid the times
 * @param prediction what the network's output means
 * @param solver how a step is taken
 */
public record FlowSampler(TimeGrid grid, Prediction prediction, Solver solver) {

    /** The denoiser with its prompts given and guidance applied. */
    @FunctionalInterface
    public interface Network {
        /** Output (B, C, height, width) for {@code noised} of that shape at one time for all. */
        Tensor output(Tape tape, Tensor noised, float time);
    }

    /** What is done to x after every step: a known region put back, numbers rounded. */
    @FunctionalInterface
    public interface Constraint {
        /** None. */
        Constraint NONE = (tape, sample, sigma) -> {};

        /** Changes {@code sample} (B, …), which has come to the share {@code sigma} of noise. */
        void apply(Tape tape, Tensor sample, float sigma);
    }

    /**
     * One Euler step from {@code time}, which need not be on the grid: the nearest grid time decides the length, the given time
     * the conversion.
     *
     * @param sample x at {@code time}, (B, …), overwritten by the result
     * @param output the network's output at {@code time}, (B, …)
     */
    public void step(Tape tape, Tensor sample, Tensor output, float time) {
        move(tape, sample, velocity(tape, sample, output, time), grid.length(grid.stepAt(time)));
    }

    /**
     * All steps; {@code sample} is the noise at first and the picture at the end.
     *
     * @param scratch where the network's activations go; freed after every step
     * @param constraint on x after every step
     * @param listener called after every step
     * @throws SamplingCancelledException when the listener wants no more; {@code sample} is as the last whole step left it
     */
    public void sample(
            Kernels kernels,
            TensorArena scratch,
            Tensor sample,
            Network network,
            Constraint constraint,
            SamplingListener listener) {
        for (int i = 0; i < grid.steps(); i++) {
            try (Tape tape = Tape.inference(kernels, scratch)) {
                Tensor before = tape.detach(sample);
                Tensor output = ask(network, listener, tape, before, i, i);
                Tensor clean = prediction.toCleanImage(tape, before, output, times(before, grid.time(i)));
                Tensor next = tape.detach(before);
                Tensor velocity = velocity(tape, before, output, grid.time(i));
                move(tape, next, velocity, grid.length(i));
                if (solver == Solver.HEUN && grid.sigma(i + 1) > 0) {
                    Tensor second = ask(network, listener, tape, next, i + 1, i);
                    Tensor there = velocity(tape, next, second, grid.time(i + 1));
                    next.copyFrom(before);
                    move(tape, next, tape.scale(tape.add(velocity, there), 0.5f), grid.length(i));
                }
                constraint.apply(tape, next, grid.sigma(i + 1));
                sample.copyFrom(next);
                listener.step(new SamplingStep(i, grid.steps(), grid.time(i), before, clean, next));
            }
        }
    }

    private Tensor ask(Network network, SamplingListener listener, Tape tape, Tensor x, int at, int done) {
        if (listener.isCancelled()) {
            throw new SamplingCancelledException(done, grid.steps());
        }
        return network.output(tape, x, grid.time(at));
    }

    private Tensor velocity(Tape tape, Tensor x, Tensor output, float time) {
        return prediction.toVelocity(tape, x, output, times(x, time));
    }

    private static void move(Tape tape, Tensor x, Tensor velocity, float length) {
        tape.kernels()
                .flowMatch()
                .combine(
                        x,
                        x,
                        velocity,
                        FlowPath.coefficients(
                                tape, new float[x.shape().size(0)], t -> new FlowPath.Coefficients(1, -length, 1)));
    }

    private static float[] times(Tensor x, float time) {
        float[] times = new float[x.shape().size(0)];
        Arrays.fill(times, time);
        return times;
    }
}
