package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;

/** All families on one launcher. */
final class CudaKernels implements Kernels {
    private final CudaLauncher launcher;
    private final Matmul matmul;

    CudaKernels(CudaLauncher launcher) {
        this.launcher = launcher;
        this.matmul = new CudaMatmul(launcher);
    }

    @Override
    public Matmul matmul() {
        return matmul;
    }

    @Override
    public Attention attention() {
        return new CudaAttention(launcher);
    }

    @Override
    public AdaLayerNorm adaLayerNorm() {
        return new CudaAdaLayerNorm(launcher);
    }

    @Override
    public RmsNorm rmsNorm() {
        return new CudaRmsNorm(launcher);
    }

    @Override
    public Rope rope() {
        return new CudaRope(launcher);
    }

    @Override
    public QkNorm qkNorm() {
        return new CudaQkNorm(launcher);
    }

    @Override
    public Geglu geglu() {
        return new CudaGeglu(launcher);
    }

    @Override
    public Pointwise pointwise() {
        return new CudaPointwise(launcher);
    }

    @Override
    public Tokens tokens() {
        return new CudaTokens(launcher);
    }

    @Override
    public FlowMatch flowMatch() {
        return new CudaFlowMatch(launcher);
    }

    @Override
    public CosineSimilarity cosineSimilarity() {
        return new CudaCosineSimilarity(launcher);
    }

    @Override
    public Muon muon() {
        return new CudaMuon(launcher);
    }

    @Override
    public Update update() {
        return new CudaUpdate(launcher);
    }
}
