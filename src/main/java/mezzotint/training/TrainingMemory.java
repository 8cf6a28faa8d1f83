package mezzotint.training;

import mezzotint.prx.PrxConfig;
import mezzotint.sampling.ModelDescription;

/**
 * Sizes of a run's arenas in bytes, from above: untouched pages cost nothing on a CPU.
 *
 * @param weights values, gradients, moments and averages
 * @param activations of a step
 * @param gradients of a step's activations
 * @param sampler weights of a frozen copy
 */
record TrainingMemory(long weights, long activations, long gradients, long sampler) {
    private static final long SLACK = 128L << 20;
    private static final double MARGIN = 1.5;

    static TrainingMemory of(TrainingConfig config, ModelDescription description) {
        PrxConfig network = description.config();
        long textWeights = textElements(config);
        long elements = network.parameterCount() + textWeights;
        long image = config.data().imageSize();
        long tokens = (image / network.patchSize()) * (image / network.patchSize());
        long text = config.text().maxTokens();
        long d = network.hiddenSize();
        long m = network.mlpWidth();
        long block = tokens * (14 * d + 3 * m) + text * 5 * d + 16 * d;
        long around = tokens * (4 * d + 3L * network.patchWidth())
                + 8 * 3 * image * image
                + text * (d + 2L * network.contextDim());
        long encoder = text * config.text().width() * (config.text().layers() * 30L + 10);
        long perSample = network.depth() * block + around + encoder;
        long step = (long) (config.run().batchSize() * perSample * 4 * MARGIN) + SLACK;
        return new TrainingMemory(elements * 4 * 5 + SLACK, step, step, elements * 4 + SLACK);
    }

    /** From above: blocks of twelve square matrices, and tables of bytes and byte pairs. */
    private static long textElements(TrainingConfig config) {
        long width = config.text().width();
        return config.text().layers() * 16L * width * width + 100_000L * width;
    }
}
