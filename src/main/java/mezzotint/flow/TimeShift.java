package mezzotint.flow;

/**
 * <pre>shift(t) = s·t / (1 + (s − 1)·t)</pre>
 *
 * Moves times towards noise for s &gt; 1; 0 and 1 stay.
 *
 * @param factor s &gt; 0
 * @see <a href="https://arxiv.org/abs/2403.03206">Esser et al. 2024, eq. 23</a>
 */
public record TimeShift(float factor) {
    /** @throws IllegalArgumentException when the factor is not positive */
    public TimeShift {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("shift: expected a factor above 0, got " + factor);
        }
    }

    /** The shifted time. */
    public float of(float t) {
        return factor * t / (1 + (factor - 1) * t);
    }
}
