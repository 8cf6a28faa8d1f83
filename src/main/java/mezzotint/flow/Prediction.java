package mezzotint.flow;

import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath.Coefficients;
import mezzotint.tensor.Tensor;

/**
 * What the network's output means. Losses compare velocities, so outputs and targets are converted first.
 *
 * @see <a href="https://arxiv.org/abs/2511.13720">Li and He 2025 (JiT), table 1: x-, ε- and v-prediction</a>
 */
public sealed interface Prediction {
    /** Times nearer to an end than this are taken as this when a conversion divides by them. */
    float CLAMP = 0.05f;

    /** The output is the velocity ε − x₀. */
    record Velocity() implements Prediction {}

    /** The output is the clean picture x₀. */
    record CleanImage() implements Prediction {}

    /** The output is the noise ε. */
    record Noise() implements Prediction {}

    /** v-prediction. */
    Prediction VELOCITY = new Velocity();

    /** x-prediction. */
    Prediction CLEAN_IMAGE = new CleanImage();

    /** ε-prediction. */
    Prediction NOISE = new Noise();

    /**
     * Prediction of that name: {@code v}, {@code x} or {@code eps}.
     *
     * @throws IllegalArgumentException for another name
     */
    static Prediction named(String name) {
        return switch (name) {
            case "v" -> VELOCITY;
            case "x" -> CLEAN_IMAGE;
            case "eps" -> NOISE;
            default -> throw new IllegalArgumentException("prediction: expected v, x or eps, got " + name);
        };
    }

    /** {@code v}, {@code x} or {@code eps}. */
    default String symbol() {
        return switch (this) {
            case Velocity() -> "v";
            case CleanImage() -> "x";
            case Noise() -> "eps";
        };
    }

    /**
     * The velocity that an output at time t stands for, with x_t as x and the output as z.
     *
     * <pre>
     * v: out        x: (x_t − out)/max(t, 0.05)        ε: (out − x_t)/max(1 − t, 0.05)
     * </pre>
     */
    default Coefficients velocityAt(float t) {
        return switch (this) {
            case Velocity() -> new Coefficients(0, 1, 1);
            case CleanImage() -> new Coefficients(1, -1, 1 / Math.max(t, CLAMP));
            case Noise() -> new Coefficients(-1, 1, 1 / Math.max(1 - t, CLAMP));
        };
    }

    /**
     * The clean picture that an output at time t stands for, with x_t as x and the output as z.
     *
     * <pre>
     * v: x_t − t·out        x: out        ε: (x_t − t·out)/max(1 − t, 0.05)
     * </pre>
     */
    default Coefficients cleanImageAt(float t) {
        return switch (this) {
            case Velocity() -> new Coefficients(1, -t, 1);
            case CleanImage() -> new Coefficients(0, 1, 1);
            case Noise() -> new Coefficients(1, -t, 1 / Math.max(1 - t, CLAMP));
        };
    }

    /** {@link #velocityAt} of a batch: noised and output (B, …), one time per sample. */
    default Tensor toVelocity(Tape tape, Tensor noised, Tensor output, float[] times) {
        if (this instanceof Velocity) {
            return output;
        }
        return tape.combine(noised, output, FlowPath.coefficients(tape, times, this::velocityAt));
    }

    /** {@link #cleanImageAt} of a batch: noised and output (B, …), one time per sample. */
    default Tensor toCleanImage(Tape tape, Tensor noised, Tensor output, float[] times) {
        if (this instanceof CleanImage) {
            return output;
        }
        return tape.combine(noised, output, FlowPath.coefficients(tape, times, this::cleanImageAt));
    }

    /** What a perfect network would put out. */
    default Tensor target(Tape tape, Tensor clean, Tensor noise) {
        return switch (this) {
            case Velocity() -> FlowPath.velocity(tape, clean, noise);
            case CleanImage() -> clean;
            case Noise() -> noise;
        };
    }
}
