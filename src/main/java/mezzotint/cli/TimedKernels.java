package mezzotint.cli;

import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** A device's kernels, those of products and attention timed; for a device whose kernels have finished when they return. */
final class TimedKernels implements Kernels {
    private final Kernels kernels;
    private long productNanos;
    private long attentionNanos;

    TimedKernels(Kernels kernels) {
        this.kernels = kernels;
    }

    /** Seconds in matrix products. */
    double productSeconds() {
        return productNanos * 1e-9;
    }

    /** Seconds in attention. */
    double attentionSeconds() {
        return attentionNanos * 1e-9;
    }

    @Override
    public Matmul matmul() {
        Matmul matmul = kernels.matmul();
        return new Matmul() {
            @Override
            public void multiply(
                    Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean add) {
                long start = System.nanoTime();
                matmul.multiply(c, a, b, bias, transposeA, transposeB, add);
                productNanos += System.nanoTime() - start;
            }

            @Override
            public void columnSums(Tensor sums, Tensor x) {
                matmul.columnSums(sums, x);
            }
        };
    }

    @Override
    public Attention attention() {
        Attention attention = kernels.attention();
        return new Attention() {
            @Override
            public void forward(Tensor out, Tensor logSumExp, AttentionInputs in) {
                long start = System.nanoTime();
                attention.forward(out, logSumExp, in);
                attentionNanos += System.nanoTime() - start;
            }

            @Override
            public void backward(
                    AttentionInputs gradients, Tensor gradOut, Tensor out, Tensor logSumExp, AttentionInputs in) {
                attention.backward(gradients, gradOut, out, logSumExp, in);
            }
        };
    }

    @Override
    public AdaLayerNorm adaLayerNorm() {
        return kernels.adaLayerNorm();
    }

    @Override
    public RmsNorm rmsNorm() {
        return kernels.rmsNorm();
    }

    @Override
    public Rope rope() {
        return kernels.rope();
    }

    @Override
    public QkNorm qkNorm() {
        return kernels.qkNorm();
    }

    @Override
    public Geglu geglu() {
        return kernels.geglu();
    }

    @Override
    public Pointwise pointwise() {
        return kernels.pointwise();
    }

    @Override
    public Tokens tokens() {
        return kernels.tokens();
    }

    @Override
    public FlowMatch flowMatch() {
        return kernels.flowMatch();
    }

    @Override
    public CosineSimilarity cosineSimilarity() {
        return kernels.cosineSimilarity();
    }

    @Override
    public Update update() {
        return kernels.update();
    }

    @Override
    public Muon muon() {
        return kernels.muon();
    }

    @Override
    public Convolution convolution() {
        return kernels.convolution();
    }

    @Override
    public GroupNorm groupNorm() {
        return kernels.groupNorm();
    }

    @Override
    public LayerNorm layerNorm() {
        return kernels.layerNorm();
    }

    @Override
    public Softmax softmax() {
        return kernels.softmax();
    }

    @Override
    public Activation activation() {
        return kernels.activation();
    }

    @Override
    public Pooling pooling() {
        return kernels.pooling();
    }

    @Override
    public Resample resample() {
        return kernels.resample();
    }

    @Override
    public Layout layout() {
        return kernels.layout();
    }
}
