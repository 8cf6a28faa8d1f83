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
        throw absent("matmul");
    }

    @Override
    public Attention attention() {
        throw absent("attention");
    }

    @Override
    public AdaLayerNorm adaLayerNorm() {
        throw absent("adaLayerNorm");
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
        throw absent("geglu");
    }

    @Override
    public Pointwise pointwise() {
        throw absent("pointwise");
    }

    @Override
    public Tokens tokens() {
        throw absent("tokens");
    }

    @Override
    public FlowMatch flowMatch() {
        throw absent("flowMatch");
    }

    @Override
    public Update update() {
        throw absent("update");
    }

    private UnsupportedOperationException absent(String family) {
        return new UnsupportedOperationException(family + " is not there for " + resources.vectors());
    }
}
