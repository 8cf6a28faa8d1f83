package mezzotint.kernel.cpu;

/** Loops over rows of d channels, each with factors of its own; all arguments of type long are addresses. */
interface ChannelLoops {

    /** The loops of this width. */
    static ChannelLoops of(CpuResources resources) {
        return resources.vectors() == VectorWidth.PLAIN ? new PlainChannels() : new VectorChannels();
    }

    /** <pre>y = scale ⊙ x + shift</pre> 0 stands for a scale of ones or a shift of zeros. */
    void scaleShift(long y, long x, long scale, long shift, int rows, int d);

    /** <pre>y = factors₁ ⊙ (x − factors₀) + factors₂</pre> factors (3, d). */
    void normalise(long y, long x, long factors, int rows, int d);

    /** <pre>y += factors₁ ⊙ (x − factors₀) + factors₂ + factors₃ ⊙ a</pre> factors (4, d). */
    void addGradient(long y, long a, long x, long factors, int rows, int d);

    /** <pre>sums₀ = Σ a, sums₁ = Σ a·b</pre> over the rows; sums (2, d) of float64, overwritten. */
    void sums(long sums, long a, long b, int rows, int d);
}
