package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;

/** All families on one launcher. */
final class CudaKernels implements Kernels {
    private final CudaLauncher launcher;

    CudaKernels(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Matmul matmul() {
        throw new UnsupportedOperationException("matmul " + launcher);
    }

    @Override
    public Attention attention() {
        throw new UnsupportedOperationException("attention");
    }

    @Override
    public AdaLayerNorm adaLayerNorm() {
        throw new UnsupportedOperationException("adaLayerNorm");
    }

    @Override
    public RmsNorm rmsNorm() {
        throw new UnsupportedOperationException("rmsNorm");
    }

    @Override
    public Rope rope() {
        throw new UnsupportedOperationException("rope");
    }

    @Override
    public QkNorm qkNorm() {
        throw new UnsupportedOperationException("qkNorm");
    }

    @Override
    public Geglu geglu() {
        throw new UnsupportedOperationException("geglu");
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
