package mezzotint.sampling;

import mezzotint.flow.TimeShift;

/**
 * PRX's own sampling times: n equal steps from 1 to 0, shifted.
 *
 * @see <a href="https://github.com/Photoroom/PRX">Photoroom, PRX: the native scheduler; the one of diffusers differs</a>
 */
public final class TimeGrid {
    private final float[] sigmas;

    private TimeGrid(float[] sigmas) {
        this.sigmas = sigmas;
    }

    /**
     * The grid of {@code steps} steps.
     *
     * @throws IllegalArgumentException when {@code steps} is not positive
     */
    public static TimeGrid nativeGrid(int steps, TimeShift shift) {
        if (steps < 1) {
            throw new IllegalArgumentException("time grid: expected at least 1 step, got " + steps);
        }
        float[] sigmas = new float[steps + 1];
        for (int i = 0; i <= steps; i++) {
            sigmas[i] = shift.of((float) (1.0 - i / (double) steps));
        }
        return new TimeGrid(sigmas);
    }

    /** Number of steps. */
    public int steps() {
        return sigmas.length - 1;
    }

    /** Time of boundary {@code index}, 1 at 0 and 0 at {@link #steps}. */
    public float time(int index) {
        return sigmas[index];
    }

    /** The step that starts at {@code time}, or else at the time nearest to it. */
    public int stepAt(float time) {
        int best = 0;
        for (int i = 0; i < steps(); i++) {
            if (Math.abs(sigmas[i] - time) < Math.abs(sigmas[best] - time)) {
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
