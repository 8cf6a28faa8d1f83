package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;

/** All families over one set of resources. */
record CpuKernels(
        Matmul matmul,
        Attention attention,
        AdaLayerNorm adaLayerNorm,
        RmsNorm rmsNorm,
        Rope rope,
        QkNorm qkNorm,
        Geglu geglu,
        Pointwise pointwise,
        Tokens tokens,
        FlowMatch flowMatch,
        CosineSimilarity cosineSimilarity,
        Update update,
        Muon muon,
        Convolution convolution,
        GroupNorm groupNorm,
        LayerNorm layerNorm,
        Softmax softmax,
        Activation activation,
        Pooling pooling,
        Resample resample,
        Layout layout)
        implements Kernels {

    /** Java's own families around the given products. */
    static CpuKernels of(CpuResources resources, Matmul matmul) {
        return new CpuKernels(
                matmul,
                new CpuAttention(resources),
                new CpuAdaLayerNorm(resources),
                new CpuRmsNorm(resources),
                new CpuRope(resources),
                new CpuQkNorm(resources),
                new CpuGeglu(resources),
                new CpuPointwise(resources),
                new CpuTokens(resources),
                new CpuFlowMatch(resources),
                new CpuCosineSimilarity(resources),
                new CpuUpdate(resources),
                new CpuMuon(resources),
                new CpuConvolution(resources, matmul),
                new CpuGroupNorm(resources),
                new CpuLayerNorm(resources),
                new CpuSoftmax(resources),
                new CpuActivation(resources),
                new CpuPooling(resources),
                new CpuResample(resources),
                new CpuLayout(resources));
    }
}
