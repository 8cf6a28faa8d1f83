package mezzotint.kernel.cuda;

import java.util.Optional;
import mezzotint.kernel.Kernels;

/** All families on one launcher. */
record CudaKernels(
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

    /** The hand-written kernels, with products by cuBLAS where it is given. */
    static CudaKernels of(CudaLauncher launcher, Optional<Cublas> cublas) {
        CudaMatmul own = new CudaMatmul(launcher);
        CudaPointwise pointwise = new CudaPointwise(launcher);
        Matmul matmul = cublas.<Matmul>map(library -> new CublasMatmul(launcher, library, own, pointwise::cast))
                .orElse(own);
        return new CudaKernels(
                matmul,
                new CudaAttention(launcher),
                new CudaAdaLayerNorm(launcher),
                new CudaRmsNorm(launcher),
                new CudaRope(launcher),
                new CudaQkNorm(launcher),
                new CudaGeglu(launcher),
                pointwise,
                new CudaTokens(launcher),
                new CudaFlowMatch(launcher),
                new CudaCosineSimilarity(launcher),
                new CudaUpdate(launcher),
                new CudaMuon(launcher),
                new CudaConvolution(launcher, matmul),
                new CudaGroupNorm(launcher),
                new CudaLayerNorm(launcher),
                new CudaSoftmax(launcher),
                new CudaActivation(launcher),
                new CudaPooling(launcher),
                new CudaResample(launcher),
                new CudaLayout(launcher));
    }
}
