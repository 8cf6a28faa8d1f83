package mezzotint.kernel;

import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * A device's kernels, but float32 operands of matrix products are rounded to bfloat16 first: mixed precision as PyTorch's
 * autocast has it, where tensors, sums, gradients and the optimizer's masters stay float32.
 *
 * <p>On a GPU the products then run on tensor cores. On a CPU it shows what bfloat16 does to a run, not how fast it is.
 * Attention's inner products, convolutions, and products whose result is one row or column, weighted sums among them, are
 * not rounded.
 *
 * @param of the device's kernels
 * @param scratch room for a product's two operands, two bytes an element; left as it was
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al. 2017, Mixed precision training</a>
 */
public record BFloat16Products(Kernels of, TensorArena scratch) implements Kernels {

    @Override
    public Matmul matmul() {
        return new Rounded(of.matmul(), of.pointwise(), scratch);
    }

    private record Rounded(Matmul matmul, Pointwise pointwise, TensorArena scratch) implements Matmul {
        @Override
        public void multiply(
                Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean accumulate) {
            if (c.shape().dim(0) == 1 || c.shape().dim(-1) == 1) {
                matmul.multiply(c, a, b, bias, transposeA, transposeB, accumulate);
                return;
            }
            long mark = scratch.mark();
            matmul.multiply(c, rounded(a), rounded(b), bias, transposeA, transposeB, accumulate);
            scratch.release(mark);
        }

        private Tensor rounded(Tensor x) {
            if (x.dtype() != DType.F32) {
                return x;
            }
            Tensor narrow = scratch.allocate(x.shape(), DType.BF16);
            pointwise.cast(narrow, x);
            return narrow;
        }

        @Override
        public void columnSums(Tensor sums, Tensor x) {
            matmul.columnSums(sums, x);
        }
    }

    @Override
    public Attention attention() {
        return of.attention();
    }

    @Override
    public AdaLayerNorm adaLayerNorm() {
        return of.adaLayerNorm();
    }

    @Override
    public RmsNorm rmsNorm() {
        return of.rmsNorm();
    }

    @Override
    public Rope rope() {
        return of.rope();
    }

    @Override
    public QkNorm qkNorm() {
        return of.qkNorm();
    }

    @Override
    public Geglu geglu() {
        return of.geglu();
    }

    @Override
    public Pointwise pointwise() {
        return of.pointwise();
    }

    @Override
    public Tokens tokens() {
        return of.tokens();
    }

    @Override
    public FlowMatch flowMatch() {
        return of.flowMatch();
    }

    @Override
    public CosineSimilarity cosineSimilarity() {
        return of.cosineSimilarity();
    }

    @Override
    public Update update() {
        return of.update();
    }

    @Override
    public Muon muon() {
        return of.muon();
    }

    @Override
    public Convolution convolution() {
        return of.convolution();
    }

    @Override
    public GroupNorm groupNorm() {
        return of.groupNorm();
    }

    @Override
    public LayerNorm layerNorm() {
        return of.layerNorm();
    }

    @Override
    public Softmax softmax() {
        return of.softmax();
    }

    @Override
    public Activation activation() {
        return of.activation();
    }

    @Override
    public Pooling pooling() {
        return of.pooling();
    }

    @Override
    public Resample resample() {
        return of.resample();
    }

    @Override
    public Layout layout() {
        return of.layout();
    }
}
