package mezzotint.flow;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * The straight path x_t = (1 − t)·x₀ + t·ε, whose velocity is ε − x₀.
 *
 * <p>t = 1 is pure noise, as in PRX's code; Lipman et al. run t the other way.
 *
 * @see <a href="https://arxiv.org/abs/2209.03003">Liu et al. 2022, eq. 1</a>
 */
public final class FlowPath {
    private FlowPath() {}

    /** x_t of clean pictures (B, …) and noise (B, …) at one time per sample. */
    public static Tensor noised(Tape tape, Tensor clean, Tensor noise, float[] times) {
        return tape.combine(clean, noise, coefficients(tape, times, t -> new Coefficients(1 - t, t, 1)));
    }

    /** The velocity ε − x₀. */
    public static Tensor velocity(Tape tape, Tensor clean, Tensor noise) {
        int batch = clean.shape().size(0);
        return tape.combine(clean, noise, coefficients(tape, new float[batch], t -> new Coefficients(-1, 1, 1)));
    }

    /**
     * Factors of {@code (α·x + β·z)·γ}.
     *
     * @param alpha on x
     * @param beta on z
     * @param gamma on the sum
     */
    public record Coefficients(float alpha, float beta, float gamma) {}

    /** Coefficients as a function of time. */
    @FunctionalInterface
    public interface AtTime {
        /** @param t in [0, 1] */
        Coefficients at(float t);
    }

    /** One row (α, β, γ) per time, (B, 3), for {@link Tape#combine}. */
    public static Tensor coefficients(Tape tape, float[] times, AtTime function) {
        float[] rows = new float[3 * times.length];
        for (int b = 0; b < times.length; b++) {
            Coefficients c = function.at(times[b]);
            rows[3 * b] = c.alpha();
            rows[3 * b + 1] = c.beta();
            rows[3 * b + 2] = c.gamma();
        }
        return tape.constant(rows, times.length, 3);
    }
}
