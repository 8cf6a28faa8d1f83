package mezzotint.kernel.cpu;

/** The gradient of a convolution's weights: products over the pixels of what taps see with the gradients of results. */
final class CorrelationWeights {
    private static final int SUMS_SLOT = 3;
    private static final int ROWS_SLOT = 4;
    private static final long BLOCK_BYTES = 8L << 20;
    private static final int PIXELS_PER_CHUNK = 16;

    private final CpuResources resources;
    private final CpuMatmul matmul;

    CorrelationWeights(CpuResources resources, CpuMatmul matmul) {
        this.resources = resources;
        this.matmul = matmul;
    }

    /**
     * Adds to the gradient (O, C, kh, kw) of {@code pass}'s weights.
     *
     * @param pass the forward; its target holds the gradients of the results, float32
     */
    void add(Correlation pass, long gradWeight) {
        int depth = pass.depth();
        int results = pass.results();
        long pixels = pass.pixels();
        if (pixels == 0 || depth == 0 || results == 0) {
            return;
        }
        var strips = new CorrelationStrips(pass, 1);
        long sums = resources.scratch().shared(SUMS_SLOT, 4L * depth * results);
        int block = (int) Math.min(pixels, Math.max(PIXELS_PER_CHUNK, BLOCK_BYTES / (4L * depth)));
        long rows = resources.scratch().shared(ROWS_SLOT, 4L * depth * block);
        for (long first = 0; first < pixels; first += block) {
            int count = (int) Math.min(block, pixels - first);
            long from = first;
            resources.threads().forEach((count + PIXELS_PER_CHUNK - 1) / PIXELS_PER_CHUNK, (worker, chunk) -> {
                int end = Math.min(count, (chunk + 1) * PIXELS_PER_CHUNK);
                for (int k = chunk * PIXELS_PER_CHUNK; k < end; k++) {
                    strips.gatherPixel(from + k, rows + 4L * depth * k);
                }
            });
            long gradients = pass.target().address() + 4 * first * pass.target().pitch();
            Operand left = Operand.of(rows, depth, depth, false, mezzotint.tensor.DType.F32);
            Operand right = Operand.of(gradients, pass.target().pitch(), results, false, mezzotint.tensor.DType.F32);
            matmul.multiply(sums, left, right, first > 0, count);
        }
        scatter(pass, sums, gradWeight);
    }

    private void scatter(Correlation pass, long sums, long gradWeight) {
        int taps = pass.tapRows() * pass.tapColumns();
        int channels = pass.channels();
        int results = pass.results();
        CpuMemory.check(gradWeight, 4L * pass.depth() * results);
        resources.threads().forEach(results, (worker, o) -> {
            for (int c = 0; c < channels; c++) {
                for (int tap = 0; tap < taps; tap++) {
                    long at = ((long) o * channels + c) * taps + tap;
                    Floats.add(gradWeight, at, Floats.get(sums, ((long) tap * channels + c) * results + o));
                }
            }
        });
    }
}
