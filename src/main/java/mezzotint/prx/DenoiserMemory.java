package mezzotint.prx;

/**
 * Bytes that a denoiser takes of an arena on a tape that does not record, tensor by tensor as {@link PrxDenoiser} makes them.
 *
 * @param config of the denoiser
 */
public record DenoiserMemory(PrxConfig config) {
    private static final long ALIGNMENT = 64;
    private static final int TIME_WIDTH = 256;
    private static final int PANEL_DEPTH = 384;

    /**
     * Keys and values of prompts, kept for all steps, and what computing them takes.
     *
     * @param batch prompts, those of guidance counted too
     * @param tokens of the longest prompt
     */
    public long textBytes(int batch, int tokens) {
        long d = config.hiddenSize();
        long rows = (long) batch * tokens;
        long kept = tensor(rows * d) + 2L * config.depth() * tensor(rows * d);
        long between = tensor(2 * rows * d) + 2 * tensor(rows * d) + tensor(rows * config.heads());
        return kept + (config.depth() == 0 ? 0 : between);
    }

    /**
     * One forward pass, of its inputs only the copies that it makes itself.
     *
     * @param batch pictures, those of guidance counted too
     * @param height of the tensor being denoised, in cells
     * @param width of the tensor being denoised, in cells
     */
    public long forwardBytes(int batch, int height, int width) {
        long tokens = (long) (height / config.patchSize()) * (width / config.patchSize());
        long rows = batch * tokens;
        long d = config.hiddenSize();
        long stream = tensor(rows * d);
        long outside = embeddingBytes(rows) + conditioningBytes(batch) + tensor(tokens * config.headWidth());
        long last = tensor(2L * batch * d)
                + 2 * tensor(batch * d)
                + stream
                + 2 * tensor(rows)
                + tensor(rows * config.patchWidth())
                + tensor((long) batch * config.inChannels() * height * width);
        return outside + Math.max(config.depth() == 0 ? 0 : blockBytes(batch, rows, stream), last);
    }

    /** Panels of the widest matrix, as products of the CPU copy them: a block of its depth, and a quarter to spare. */
    public long panelBytes() {
        long widest = Math.max(3L * config.hiddenSize(), Math.max(config.mlpWidth(), config.patchWidth()));
        return widest * PANEL_DEPTH * Float.BYTES * 5 / 4;
    }

    private long embeddingBytes(long rows) {
        long inner = config.bottleneck().isEmpty()
                ? 0
                : tensor(rows * config.bottleneck().getAsInt());
        return tensor(rows * config.patchWidth()) + inner + tensor(rows * config.hiddenSize());
    }

    private long conditioningBytes(int batch) {
        long vector = tensor((long) batch * config.hiddenSize());
        long time = tensor((long) batch * TIME_WIDTH) + 3 * vector;
        long resolution = tensor(2) + tensor(TIME_WIDTH) + tensor((long) batch * TIME_WIDTH) + 4 * vector;
        return time + (config.resolutionEmbeds() ? resolution : 0) + vector;
    }

    private long blockBytes(int batch, long rows, long stream) {
        long modulation = tensor(6L * batch * config.hiddenSize()) + 6 * tensor((long) batch * config.hiddenSize());
        long norm = stream + 2 * tensor(rows);
        long perHead = tensor(rows * config.heads());
        long attention = norm
                + tensor(3 * rows * config.hiddenSize())
                + 3 * stream
                + 2 * perHead // queries, keys, values
                + stream
                + perHead
                + 2 * stream; // output, projected, added
        long mlp = stream + norm + 3 * tensor(rows * config.mlpWidth()) + 2 * stream;
        return modulation + Math.max(attention, mlp);
    }

    /** A float32 tensor, padded as arenas do. */
    private static long tensor(long elements) {
        return (elements * Float.BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
