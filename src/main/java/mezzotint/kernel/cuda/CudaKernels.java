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
