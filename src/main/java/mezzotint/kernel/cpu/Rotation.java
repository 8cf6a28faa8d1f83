package mezzotint.kernel.cpu;

import mezzotint.tensor.Tensor;

/**
 * The rotations of a run of tokens of one sample, spread for {@link NormRows} into a worker's scratch memory.
 *
 * @param cos address of the first token's row of d floats; the others follow
 * @param sin as {@code cos}
 */
record Rotation(long cos, long sin) {
    /** Of kernels that do not rotate. */
    static final Rotation NONE = new Rotation(0, 0);

    private static final int SLOT = 1;

    boolean isNone() {
        return cos == 0;
    }

    /**
     * Spreads the rows of tokens [from, to).
     *
     * @param table (1, L, d/2, 2) or (B, L, d/2, 2)
     */
    static Rotation expand(CpuScratch scratch, int worker, NormRows rows, Tensor table, int sample, int from, int to) {
        int d = 2 * table.shape().size(2);
        long bytes = 4L * d * (to - from);
        long cos = scratch.worker(worker, SLOT, 2 * bytes);
        long sin = cos + bytes;
        int tableSample = table.shape().size(0) == 1 ? 0 : sample;
        long source =
                table.address() + 4L * d * ((long) tableSample * table.shape().size(1) + from);
        CpuMemory.check(source, bytes);
        rows.expandRotation(cos, sin, source, d * (to - from));
        return new Rotation(cos, sin);
    }
}
