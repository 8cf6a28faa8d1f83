package mezzotint.nn;

/** What a parameter's elements are before training. */
public sealed interface Initialization {
    /** All elements equal {@code value}. */
    record Constant(float value) implements Initialization {}

    /**
     * Uniform in [−bound, bound).
     *
     * @param bound &gt; 0
     */
    record Uniform(double bound) implements Initialization {}

    /**
     * Normal around 0.
     *
     * @param standardDeviation &gt; 0
     */
    record Normal(double standardDeviation) implements Initialization {}

    /** All zero. */
    static Initialization zeros() {
        return new Constant(0f);
    }

    /** All one. */
    static Initialization ones() {
        return new Constant(1f);
    }

    /** PyTorch's default for a linear layer with {@code fanIn} inputs, weight and bias alike: uniform in ±1/√fanIn. */
    static Initialization linear(long fanIn) {
        return new Uniform(1 / Math.sqrt(fanIn));
    }
}
