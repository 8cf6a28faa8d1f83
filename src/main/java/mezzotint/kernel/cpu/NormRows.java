package mezzotint.kernel.cpu;

/**
 * Loops over one row of d floats for {@link CpuRmsNorm}, {@link CpuQkNorm} and {@link CpuRope}; all arguments of type long are
 * addresses.
 *
 * <p>A rotation comes as two rows made by {@link #expandRotation}: R·x = cos ⊙ x + sin ⊙ swap(x), where swap exchanges the two
 * of each pair, and its transpose has −sin.
 */
sealed interface NormRows permits PlainNormRows, NormRows256, NormRows512 {

    /** The loops for rows of {@code d} floats: vectors where they divide the row, plain loops for other rows. */
    static NormRows of(VectorWidth vectors, int d) {
        if (d % vectors.floats() != 0) {
            return new PlainNormRows();
        }
        return switch (vectors) {
            case PLAIN -> new PlainNormRows();
            case BITS_256 -> new NormRows256();
            case BITS_512 -> new NormRows512();
        };
    }

    /** <pre>1/√(mean(x²) + eps)</pre> */
    float reciprocalRms(long x, int d, float eps);

    /**
     * The same of {@code rows} rows that lie {@code rowBytes} apart.
     *
     * @param rstd where the first row's goes; the others {@code rstdBytes} apart
     */
    default void reciprocalRms(long rstd, long rstdBytes, long x, long rowBytes, int rows, int d, float eps) {
        for (int row = 0; row < rows; row++) {
            Floats.set(rstd + row * rstdBytes, 0, reciprocalRms(x + row * rowBytes, d, eps));
        }
    }

    /** <pre>y = scale ⊙ x · rstd</pre> */
    void scale(long y, long x, float rstd, long scale, int d);

    /** <pre>y = R·(scale ⊙ x · rstd)</pre> */
    void scaleAndRotate(long y, long x, float rstd, long scale, long cos, long sin, int d);

    /**
     * The same of {@code rows} rows: those of y and of the rotation follow one another, those of x lie {@code rowBytes} apart
     * and their rstd {@code rstdBytes}.
     */
    default void scaleAndRotate(
            long y, long x, long rowBytes, long rstd, long rstdBytes, long scale, long cos, long sin, int rows, int d) {
        for (int row = 0; row < rows; row++) {
            long at = 4L * d * row;
            scaleAndRotate(
                    y + at, x + row * rowBytes, Floats.get(rstd + row * rstdBytes, 0), scale, cos + at, sin + at, d);
        }
    }

    /** <pre>y = R·x</pre> */
    void rotate(long y, long x, long cos, long sin, int d);

    /** <pre>y = Rᵀ·x</pre> */
    void rotateBack(long y, long x, long cos, long sin, int d);

    /** <pre>y += Rᵀ·x</pre> */
    void addRotatedBack(long y, long x, long cos, long sin, int d);

    /** <pre>y += x</pre> */
    void add(long y, long x, int d);

    /** Adds the gradients of {@link #scale} with rstd as a function of x; address 0 stands for a gradient not wanted. */
    void addGradients(long gradX, long gradScale, long gradY, long x, float rstd, long scale, int d);

    /** Spreads a table row (c₀, s₀, c₁, s₁ …) to (c₀, c₀, c₁, c₁ …) and (−s₀, s₀, −s₁, s₁ …). */
    void expandRotation(long cos, long sin, long table, int d);
}
