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
    private static final long MUON_SQUARES =
            3 * 6 + 2; // three of the modulation's matrix, 6D × D, and two Gram matrices
    private static final int WIDEST_TEACHER = 1536;

    /** @param ratio pixels along a side of a cell that is denoised */
    static TrainingMemory of(TrainingConfig config, ModelDescription description, int ratio) {
        PrxConfig network = description.config();
        long textWeights = textElements(config);
        long elements = network.parameterCount() + textWeights;
        long image = config.data().imageSize();
        long cells = (image / ratio) * (image / ratio);
        long tokens = cells / ((long) network.patchSize() * network.patchSize());
        long text = config.text().maxTokens();
        long d = network.hiddenSize();
        long m = network.mlpWidth();
        long block = tokens * (14 * d + 3 * m) + text * 5 * d + 16 * d;
        long around = tokens * (4 * d + 3L * network.patchWidth())
                + 8 * network.inChannels() * cells
                + text * (d + 2L * network.contextDim());
        long encoder = text * config.text().width() * (config.text().layers() * 30L + 10);
        long fused = network.extensions().sprint().isPresent() ? 8 * tokens * d : 0;
        long conditioned = network.extensions().resolutionTokens() ? 2 * network.depth() * text * d : 0;
        long technique = projected(config.technique(), tokens, d) + fused + conditioned + 4 * tokens * d;
        long perSample = network.depth() * block + around + encoder + technique;
        long step = (long) (config.run().batchSize() * perSample * 4 * MARGIN) + SLACK;
        long update = config.optimizer().kind().equals("muon") ? MUON_SQUARES * d * d * 4 + SLACK : 0;
        return new TrainingMemory(elements * 4 * 5 + SLACK, Math.max(step, update), step, elements * 4 + SLACK);
    }

    /** Floats of a picture's projected tokens, from above: teachers are up to 1536 wide. */
    private static long projected(TechniqueSettings technique, long tokens, long width) {
        return technique.repa().weight() == 0 ? 0 : tokens * (8 * width + 8L * WIDEST_TEACHER);
    }

    /**
     * With room for frozen networks and what is learned beside them.
     *
     * @param width D of the denoiser
     */
    TrainingMemory with(FrozenNetworks networks, long width) {
        long learned = networks.teacher()
                .map(teacher -> projectorElements(width, teacher.width()) * 4 * 4)
                .orElse(0L);
        long added = networks.activationBytes();
        return new TrainingMemory(
                weights + learned, activations + added, gradients + added + networks.scratchBytes(), sampler);
    }

    /** Of any projector, from above: square matrices, a convolution, and those of the MLP. */
    private static long projectorElements(long width, long teacher) {
        return 4 * width * width + 9 * width * teacher + 2 * teacher * teacher + 8 * (width + teacher);
    }

    /** From above: blocks of twelve square matrices, and tables of bytes and byte pairs. */
    private static long textElements(TrainingConfig config) {
        long width = config.text().width();
        return config.text().layers() * 16L * width * width + 100_000L * width;
    }
}
