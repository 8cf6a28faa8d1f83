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
        return new CudaAttention(launcher);
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
        throw new UnsupportedOperationException("pointwise");
    }

    @Override
    public Tokens tokens() {
        throw new UnsupportedOperationException("tokens");
    }

    @Override
    public FlowMatch flowMatch() {
        throw new UnsupportedOperationException("flowMatch");
    }

    @Override
    public CosineSimilarity cosineSimilarity() {
        throw new UnsupportedOperationException("cosineSimilarity");
    }

    @Override
    public Muon muon() {
        throw new UnsupportedOperationException("muon");
    }

    @Override
    public Update update() {
        throw new UnsupportedOperationException("update");
    }
}
