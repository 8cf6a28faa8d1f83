package mezzotint.sampling;

/** How strongly the prompt is followed. */
public sealed interface Guidance {
    /** The conditional output alone. */
    record None() implements Guidance {}

    /**
     * <pre>out = u + scale · (c − u)</pre>
     *
     * u is the output for the negative prompt, c for the prompt.
     *
     * @param scale 1 is the same as no guidance; 3.5 to 7 is usual
     * @see <a href="https://arxiv.org/abs/2207.12598">Ho and Salimans 2022, eq. 6, with scale = 1 + w</a>
     */
    record ClassifierFree(float scale) implements Guidance {
        /** @throws IllegalArgumentException when the scale is not a finite number */
        public ClassifierFree {
            if (!Float.isFinite(scale)) {
                throw new IllegalArgumentException("guidance: expected a finite scale, got " + scale);
            }
        }
    }

    /** Guidance of that scale; none for 1. */
    static Guidance of(float scale) {
        return scale == 1 ? new None() : new ClassifierFree(scale);
    }
}
