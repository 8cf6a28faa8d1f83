package mezzotint.flow;

/** How training times are drawn, one per sample. */
public sealed interface TimestepDistribution {
    /** The factor on noise over data. */
    TimeShift shift();

    /** The times drawn before a shift that pushes them out of range. */
    Range range();

    /**
     * Half-open interval of times.
     *
     * @param from inclusive, in [0, 1]
     * @param to exclusive, in [from, 1]
     */
    record Range(float from, float to) {
        /** PRX's default, [0.001, 1). */
        public static final Range DEFAULT = new Range(0.001f, 1f);

        /** @throws IllegalArgumentException when it is not within [0, 1] */
        public Range {
            if (!(from >= 0 && from < to && to <= 1)) {
                throw new IllegalArgumentException(
                        "times: expected a range within [0, 1], got [%s, %s)".formatted(from, to));
            }
        }

        float at(float uniform) {
            return from + uniform * (to - from);
        }
    }

    /**
     * t = shift(σ(z)), z standard normal, kept when in range; one time in ten is then replaced by an unshifted uniform one.
     *
     * @see <a href="https://arxiv.org/abs/2403.03206">Esser et al. 2024, eq. 19, logit-normal with m = 0, s = 1</a>
     */
    record LogitNormal(TimeShift shift, Range range) implements TimestepDistribution {}

    /** t = shift(uniform in range), which may leave the range a little. */
    record Uniform(TimeShift shift, Range range) implements TimestepDistribution {}

    /** Candidates per wanted time in a round of rejection. */
    int CANDIDATES = 10;

    /** Share of logit-normal times that are replaced by uniform ones. */
    float UNIFORM_SHARE = 0.1f;

    /**
     * Draws {@code size} times.
     *
     * @return {@code size} times in [0, 1]
     */
    default float[] sample(int size, Draws draws) {
        return switch (this) {
            case LogitNormal ignored -> logitNormal(size, draws);
            case Uniform ignored -> {
                float[] times = draws.uniforms(size);
                for (int i = 0; i < size; i++) {
                    times[i] = shift().of(range().at(times[i]));
                }
                yield times;
            }
        };
    }

    private float[] logitNormal(int size, Draws draws) {
        float[] times = new float[size];
        int filled = 0;
        while (filled < size) {
            for (float z : draws.normals(CANDIDATES * size)) {
                float t = shift().of((float) (1 / (1 + Math.exp(-z))));
                if (t >= range().from() && t < range().to() && filled < size) {
                    times[filled++] = t;
                }
            }
        }
        float[] replacements = draws.uniforms(size);
        float[] lottery = draws.uniforms(size);
        for (int i = 0; i < size; i++) {
            if (lottery[i] < UNIFORM_SHARE) {
                times[i] = range().at(replacements[i]);
            }
        }
        return times;
    }
}
