package mezzotint.sampling;

import java.util.Arrays;
import mezzotint.flow.TimeShift;

/**
 * The times at which a network is asked on the way from noise (1) to the picture (0): PRX's own, or those of diffusers.
 *
 * <p>They differ: diffusers shifts twice and asks a last time close to 0, at 0.0089 for a shift of 3.
 *
 * @see <a href="https://github.com/Photoroom/PRX">Photoroom, PRX: the native scheduler</a>
 */
public final class TimeGrid {
    /** Training times of a diffusers scheduler: its timesteps run from this to 0. */
    public static final int TRAINING_TIMES = 1000;

    private final float[] sigmas;
    private final float[] times;

    private TimeGrid(float[] sigmas, float[] times) {
        this.sigmas = sigmas;
        this.times = times;
    }

    /**
     * PRX's grid: n equal steps from 1 to 0, shifted.
     *
     * @throws IllegalArgumentException when {@code steps} is not positive
     */
    public static TimeGrid nativeGrid(int steps, TimeShift shift) {
        requireSteps(steps);
        float[] sigmas = new float[steps + 1];
        for (int i = 0; i <= steps; i++) {
            sigmas[i] = shift.of((float) (1.0 - i / (double) steps));
        }
        return new TimeGrid(sigmas, sigmas);
    }

    /**
     * The grid of diffusers' {@code FlowMatchEulerDiscreteScheduler}, to the last bit.
     *
     * <pre>σ_i = shift(τ_i),   τ from 1 to shift(1/1000) in n equally spaced numbers,   σ_n = 0</pre>
     *
     * Computed in float64 and rounded to float32, as there.
     *
     * @throws IllegalArgumentException when {@code steps} is not positive
     */
    public static TimeGrid diffusersGrid(int steps, TimeShift shift) {
        requireSteps(steps);
        double first = TRAINING_TIMES;
        double factor = written(shift);
        double last = (double) shifted(1f / TRAINING_TIMES, factor) * TRAINING_TIMES;
        float[] sigmas = new float[steps + 1];
        for (int i = 0; i < steps; i++) {
            double timestep = i == 0 ? first : i == steps - 1 ? last : first + i * ((last - first) / (steps - 1));
            sigmas[i] = (float) shifted(timestep / TRAINING_TIMES, factor);
        }
        return ofSigmas(sigmas);
    }

    /**
     * The grid that diffusers makes of timesteps of the caller's, in float32: each is shifted, and 0 is put behind.
     *
     * @param timesteps in (0, 1000], falling
     * @throws IllegalArgumentException when there are none, or they do not fall, or leave their range
     */
    public static TimeGrid ofTimesteps(float[] timesteps, TimeShift shift) {
        requireSteps(timesteps.length);
        float[] sigmas = new float[timesteps.length + 1];
        float before = Math.nextUp((float) TRAINING_TIMES);
        for (int i = 0; i < timesteps.length; i++) {
            if (!(timesteps[i] > 0 && timesteps[i] < before)) {
                throw new IllegalArgumentException(
                        "timesteps: expected falling numbers from %d to above 0, got %s at place %d of %s"
                                .formatted(TRAINING_TIMES, timesteps[i], i, Arrays.toString(timesteps)));
            }
            before = timesteps[i];
            sigmas[i] = shifted(timesteps[i] / TRAINING_TIMES, written(shift));
        }
        return ofSigmas(sigmas);
    }

    /** The factor as it stands in a file, 0.7 and not 0.7 rounded to float32: Python computes with that. */
    private static double written(TimeShift shift) {
        return Double.parseDouble(Float.toString(shift.factor()));
    }

    private static double shifted(double t, double factor) {
        return factor * t / (1 + (factor - 1) * t);
    }

    /** In float32, factors rounded to it, as PyTorch and NumPy do it with a Python number and an array of float32. */
    private static float shifted(float t, double factor) {
        return (float) factor * t / (1 + (float) (factor - 1) * t);
    }

    /** diffusers hands the network σ · 1000 / 1000, which may be another float32 number than σ. */
    private static TimeGrid ofSigmas(float[] sigmas) {
        float[] times = new float[sigmas.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = sigmas[i] * TRAINING_TIMES / TRAINING_TIMES;
        }
        return new TimeGrid(sigmas, times);
    }

    private static void requireSteps(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("time grid: expected at least 1 step, got " + steps);
        }
    }

    /**
     * The last part of this grid, for a path that starts at a noised picture.
     *
     * @param first step to start with, from 0 to {@link #steps}; with the latter no step is left
     */
    public TimeGrid from(int first) {
        return new TimeGrid(
                Arrays.copyOfRange(sigmas, first, sigmas.length), Arrays.copyOfRange(times, first, times.length));
    }

    /** Number of steps. */
    public int steps() {
        return sigmas.length - 1;
    }

    /** Time of boundary {@code index} as the network is told it, 0 at {@link #steps}. */
    public float time(int index) {
        return times[index];
    }

    /** Share of noise at boundary {@code index}, 0 at {@link #steps}: what steps are measured by. */
    public float sigma(int index) {
        return sigmas[index];
    }

    /** The step that starts at {@code time}, or else at the time nearest to it. */
    public int stepAt(float time) {
        int best = 0;
        for (int i = 0; i < steps(); i++) {
            if (Math.abs(times[i] - time) < Math.abs(times[best] - time)) {
                best = i;
            }
        }
        return best;
    }

    /** Length of step {@code index}, positive. */
    public float length(int index) {
        return sigmas[index] - sigmas[index + 1];
    }
}
