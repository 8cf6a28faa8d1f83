package mezzotint.sampling;

import java.util.List;
import java.util.Optional;
import mezzotint.flow.Prediction;
import mezzotint.kernel.Kernels;
import mezzotint.prx.PrxConfig;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Takes a request's samples from their noise to the end of the path, in the space that the network denoises.
 *
 * @param kernels of the device
 * @param scratch for activations
 * @param prediction what the network's output means
 * @param noiseScale standard deviation of the noise at t = 1
 * @param precision that samples are rounded to
 */
record SamplingRun(
        Kernels kernels, TensorArena scratch, Prediction prediction, float noiseScale, Precision precision) {

    private static final double MARGIN = 1.5;
    private static final long SLACK_BYTES = 64L << 20;

    /**
     * A picture that a path begins with, as the network sees it.
     *
     * @param clean x₀, (C, height, width)
     * @param drawn (height, width), 1 = drawn, 0 = kept; empty to draw all
     * @param firstStep of the grid
     */
    record Beginning(float[] clean, Optional<float[]> drawn, int firstStep) {}

    /**
     * Fills {@code sample} (B, C, height, width) with the end of the path.
     *
     * @param seeds B of them
     * @param beginning empty for noise alone
     */
    void draw(
            Tensor sample,
            SamplingSettings settings,
            List<Long> seeds,
            Optional<Beginning> beginning,
            FlowSampler.Network network,
            SamplingListener listener) {
        new NoiseSource(kernels, noiseScale, precision).fill(sample, settings.noise(), seeds);
        TimeGrid grid = settings.grid();
        FlowSampler.Constraint constraint = (tape, x, sigma) -> precision.round(x);
        if (beginning.isPresent()) {
            Beginning start = beginning.get();
            float[] noise = sample.toFloats();
            grid = grid.from(start.firstStep());
            sample.set(noised(start.clean(), noise, grid.sigma(0)));
            if (start.drawn().isPresent()) {
                KeptRegion kept =
                        new KeptRegion(start.clean(), noise, start.drawn().get());
                constraint = (tape, x, sigma) -> {
                    kept.apply(tape, x, sigma);
                    precision.round(x);
                };
            }
        }
        new FlowSampler(grid, prediction, settings.solver())
                .sample(kernels, scratch, sample, network, constraint, listener);
    }

    private static float[] noised(float[] clean, float[] noise, float sigma) {
        float[] x = new float[noise.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = KeptRegion.noised(clean[i % clean.length], noise[i], sigma);
        }
        return x;
    }

    /**
     * Bytes of scratch from above: untouched pages cost nothing on a CPU.
     *
     * @param config of the denoiser
     * @param rows of the largest batch: twice the pictures with guidance
     * @param cells of the denoised tensor, height times width
     * @param textTokens of the longest prompt
     */
    static long scratchBytes(PrxConfig config, long rows, long cells, long textTokens) {
        long tokens = Math.ceilDiv(cells, (long) config.patchSize() * config.patchSize());
        long d = config.hiddenSize();
        long block = tokens * (14 * d + 3L * config.mlpWidth()) + 16 * d;
        long around = tokens * (4 * d + 3L * config.patchWidth()) + 16L * config.inChannels() * cells;
        long text = textTokens * (d * (6L * config.depth() + 6) + config.contextDim());
        return (long) (rows * (block + around + text) * Float.BYTES * MARGIN) + SLACK_BYTES;
    }
}
