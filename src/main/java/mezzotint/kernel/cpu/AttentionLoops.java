package mezzotint.kernel.cpu;

/**
 * The loops of {@link CpuAttention} between its products; all arguments of type long are addresses, or bytes between rows.
 *
 * <p>Scores lie with a key a row and a query a column, so that one lane is one query: maxima and sums run down the columns
 * without any step across lanes. Numbers of queries are multiples of {@link VectorWidth#floats}, the spare columns being
 * finite.
 */
sealed interface AttentionLoops permits PlainAttentionLoops, AttentionLoops256, AttentionLoops512 {

    /** The loops of {@code width}; the vector classes load only when asked for. */
    static AttentionLoops of(VectorWidth width) {
        return switch (width) {
            case PLAIN -> new PlainAttentionLoops();
            case BITS_256 -> new AttentionLoops256();
            case BITS_512 -> new AttentionLoops512();
        };
    }

    /**
     * Turns a block of scores s into e^(scale·s − max), with the maximum so far of every query.
     *
     * @param maxima a number a query; replaced by the maximum so far
     * @param sums a number a query; replaced by the sum so far, relative to the new maximum
     * @param factors a number a query; set to e^(old maximum − new maximum), not with {@code first}
     * @param first whether this is the first block of keys, before which maxima and sums are undefined
     */
    void softmax(
            long scores,
            long rowBytes,
            int keys,
            int queries,
            float scale,
            long maxima,
            long sums,
            long factors,
            boolean first);

    /**
     * <pre>scores = e^(scale·scores − logSumExp),    gradScores = scale · scores ⊙ (gradScores − delta)</pre>
     *
     * @param logSumExp a number a query
     * @param deltas Σ out · gradOut of every query
     */
    void probabilities(
            long scores,
            long gradScores,
            long rowBytes,
            int keys,
            int queries,
            float scale,
            long logSumExp,
            long deltas);

    /** <pre>y = x</pre> over {@code d} floats, then zeros up to {@code padded} floats. */
    void copy(long y, long x, int d, int padded);

    /** <pre>y = factor · x</pre> over {@code d} floats; y may be x. */
    void scale(long y, long x, float factor, int d);

    /** <pre>y += x</pre> over {@code d} floats. */
    void add(long y, long x, int d);

    /** <pre>Σ x · y</pre> over {@code d} floats. */
    float dot(long x, long y, int d);
}
