package mezzotint.sampling;

import java.util.Locale;

/** How the path dx/dt = v(x, t) is followed over a step. */
public enum Solver {
    /** First order: one question a step. */
    EULER,
    /**
     * Second order: the velocities at both ends of a step are averaged, two questions a step but for the last, whose end is
     * clean.
     *
     * @see <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022, algorithm 1 without noise</a>
     */
    HEUN;

    /** {@code euler} or {@code heun}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
