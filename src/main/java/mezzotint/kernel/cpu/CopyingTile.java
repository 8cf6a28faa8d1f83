package mezzotint.kernel.cpu;

/** A tile that packs the next strip while it computes: copying hardly costs where multiply-adds leave loads and stores idle. */
interface CopyingTile extends TileKernel {
    /**
     * {@link #multiplyPacked}, and target[stripWidth · k + i] = source[k, i] for all k below {@code depth} and i below
     * {@link #stripWidth}.
     *
     * @param source address of source[0, 0]; source[k, …] lies at {@code source + k·sourceRowBytes}, contiguous
     * @param target another array than {@code strip}
     */
    void multiplyCopying(
            int depth,
            float[] strip,
            long b,
            long bRowBytes,
            long addend,
            long addendRowBytes,
            long c,
            long cRowBytes,
            long source,
            long sourceRowBytes,
            float[] target);
}
