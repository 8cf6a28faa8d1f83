package mezzotint.sampling;

import java.util.Optional;
import mezzotint.image.RgbImage;

/** What a path begins with. */
public sealed interface Start {
    /** Noise alone: a new picture. */
    record Noise() implements Start {}

    /**
     * A picture under some noise, to be drawn anew from there.
     *
     * <pre>x_σ = (1 − σ)·x₀ + σ·ε,   σ the boundary of the grid with strength·n steps behind it</pre>
     *
     * With a mask the region to keep is put back, noised as far as the path has come, after every step.
     *
     * @param picture of any size; resized to that of the request
     * @param strength share of the steps that are taken, 0 (the picture comes back) to 1 (nothing of it is left)
     * @param mask of any size; black is kept, white is drawn; empty to draw all
     * @see <a href="https://arxiv.org/abs/2108.01073">Meng et al. 2022, algorithm 1 and 2</a>
     * @see <a href="https://arxiv.org/abs/2201.09865">Lugmayr et al. 2022, eq. 8</a>
     */
    record Picture(RgbImage picture, float strength, Optional<RgbImage> mask) implements Start {
        /** @throws IllegalArgumentException when the strength is not within [0, 1] */
        public Picture {
            if (!(strength >= 0 && strength <= 1)) {
                throw new IllegalArgumentException("strength: expected 0 to 1, got " + strength);
            }
        }

        /** The first step taken on a grid of {@code steps}: {@code steps} when none is. */
        int firstStep(int steps) {
            return steps - (int) Math.min(steps, (double) steps * strength);
        }
    }
}
