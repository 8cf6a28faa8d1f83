package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;

/** The CPU's families over resources of a test's choice: vector width and threads. */
public final class CpuTestKernels implements Kernels {
    private final CpuResources resources;

    /** Fresh resources that live as long as the JVM. */
    public CpuTestKernels(VectorWidth vectors, int threads) {
        resources = new CpuResources(new CpuThreads(threads), new CpuScratch(threads), vectors);
    }

    @Override
    public Matmul matmul() {
        return new CpuMatmul(resources);
    }

    @Override
    public Attention attention() {
        return new CpuAttention(resources);
    }

    @Override
    public AdaLayerNorm adaLayerNorm() {
        return new CpuAdaLayerNorm(resources);
    }

    @Override
    public RmsNorm rmsNorm() {
        return new CpuRmsNorm(resources);
    }

    @Override
    public Rope rope() {
        return new CpuRope(resources);
    }

    @Override
    public QkNorm qkNorm() {
        return new CpuQkNorm(resources);
    }

    @Override
    public Geglu geglu() {
        return new CpuGeglu(resources);
    }

    @Override
    public Pointwise pointwise() {
        return new CpuPointwise(resources);
    }

    @Override
    public Tokens tokens() {
        return new CpuTokens(resources);
    }

    @Override
    public FlowMatch flowMatch() {
        return new CpuFlowMatch(resources);
    }

    @Override
    public CosineSimilarity cosineSimilarity() {
        return new CpuCosineSimilarity(resources);
    }

    @Override
    public Muon muon() {
        return new CpuMuon(resources);
    }

    @Override
    public Update update() {
        return new CpuUpdate(resources);
    }

    @Override
    public Convolution convolution() {
        return new CpuConvolution(resources, new CpuMatmul(resources));
    }

    @Override
    public GroupNorm groupNorm() {
        return new CpuGroupNorm(resources);
    }

    @Override
    public LayerNorm layerNorm() {
        return new CpuLayerNorm(resources);
    }

    @Override
    public Softmax softmax() {
        return new CpuSoftmax(resources);
    }

    @Override
    public Activation activation() {
        return new CpuActivation(resources);
    }

    @Override
    public Pooling pooling() {
        return new CpuPooling(resources);
    }

    @Override
    public Resample resample() {
        return new CpuResample(resources);
    }

    @Override
    public Layout layout() {
        return new CpuLayout(resources);
    }
}
