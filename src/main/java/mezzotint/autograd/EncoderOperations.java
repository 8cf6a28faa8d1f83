package mezzotint.autograd;

import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.tensor.Tensor;

/**
 * Operations of the networks around the denoiser: text encoders, vision encoders, autoencoders; got from {@link Tape#encoders}.
 *
 * <p>Pictures lie channels last, (B, height, width, C). Optional parameters and masks are null where they are absent.
 */
public final class EncoderOperations {
    private final Tape tape;

    EncoderOperations(Tape tape) {
        this.tape = tape;
    }

    /** See {@link EncoderKernels.Convolution}: x (B, height, width, C), weight (O, C/groups, kh, kw) → (B, h, w, O). */
    public Tensor convolution(Tensor x, Parameter weight, Parameter bias, ConvolutionGeometry geometry) {
        return PictureOperations.convolution(tape, x, weight, bias, geometry);
    }

    /** See {@link EncoderKernels.GroupNorm}: x (B, …, C), scale and shift (C) → the same shape. */
    public Tensor groupNorm(Tensor x, int groups, Parameter scale, Parameter shift, float eps) {
        return EncoderNormOperations.groupNorm(tape, x, groups, scale, shift, eps);
    }

    /** See {@link EncoderKernels.LayerNorm}: x (…, D), scale and shift (D) → the same shape. */
    public Tensor layerNorm(Tensor x, Parameter scale, Parameter shift, float eps) {
        return EncoderNormOperations.layerNorm(tape, x, scale, shift, eps);
    }

    /** See {@link EncoderKernels.Softmax}: x (B, H, L, S), mask (B, L, S) of BOOL or null → the shape of x. */
    public Tensor softmax(Tensor x, Tensor mask, float scale) {
        return MaskedAttention.softmax(tape, x, mask, scale);
    }

    /**
     * Attention with any mask, and with fewer heads of keys than of queries: head h asks keys of head h·K/H.
     *
     * @param query (B, H, L, d)
     * @param keys (B, K, S, d), H a multiple of K; values alike
     * @param mask (B, L, S) of BOOL, true = may be seen, or null; a query that sees nothing gets zeros
     * @return (B, L, H·d)
     * @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al. 2023, grouped queries</a>
     */
    public Tensor attention(Tensor query, Tensor keys, Tensor values, Tensor mask, float scale) {
        return MaskedAttention.attention(tape, query, keys, values, mask, scale);
    }

    /** A product for every sample: a (B, M, K) or transposed (B, K, M), b (B, K, N) or transposed (B, N, K) → (B, M, N). */
    public Tensor products(Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
        return ProductOperations.products(tape, a, b, transposeA, transposeB);
    }

    /** <pre>y = max(x, 0)</pre> */
    public Tensor relu(Tensor x) {
        return ActivationOperations.relu(tape, x);
    }

    /** The GELU with tanh. */
    public Tensor geluTanh(Tensor x) {
        return ActivationOperations.geluTanh(tape, x);
    }

    /** <pre>y = x · σ(1.702 x)</pre> */
    public Tensor quickGelu(Tensor x) {
        return ActivationOperations.quickGelu(tape, x);
    }

    /** <pre>y = a · b</pre> of one shape. */
    public Tensor multiply(Tensor a, Tensor b) {
        return ActivationOperations.multiply(tape, a, b);
    }

    /** <pre>y_nd = scale_d · x_nd + shift_d</pre> x (…, D); scale or shift may be null. */
    public Tensor scaleShift(Tensor x, Parameter scale, Parameter shift) {
        return ActivationOperations.scaleShift(tape, x, scale, shift);
    }

    /** See {@link EncoderKernels.Activation#divideByLast}: (…, D+1) → (…, D). */
    public Tensor divideByLast(Tensor x, float eps) {
        return ActivationOperations.divideByLast(tape, x, eps);
    }

    /** See {@link EncoderKernels.Pooling#max}: (B, height, width, C) → (B, h, w, C). */
    public Tensor maxPool(Tensor x, PoolingGeometry geometry) {
        return PictureOperations.maxPool(tape, x, geometry);
    }

    /** See {@link EncoderKernels.Pooling#average}: (B, height, width, C) → (B, h, w, C). */
    public Tensor averagePool(Tensor x, PoolingGeometry geometry, boolean countPadding) {
        return PictureOperations.averagePool(tape, x, geometry, countPadding);
    }

    /** See {@link EncoderKernels.Resample}: (B, height, width, C) → (B, h, w, C). */
    public Tensor resample(Tensor x, EncoderKernels.Resample.Taps rows, EncoderKernels.Resample.Taps columns) {
        return PictureOperations.resample(tape, x, rows, columns);
    }

    /** Exchanges axes: axis i of the result is axis {@code order[i]} of x. */
    public Tensor permute(Tensor x, int... order) {
        return LayoutOperations.permute(tape, x, order);
    }

    /** Tensors (…, D_i) that agree but for the last axis, side by side → (…, Σ D_i). */
    public Tensor concatenateLast(Tensor... parts) {
        return LayoutOperations.concatenateLast(tape, parts);
    }

    /** Columns {@code from} (inclusive) to {@code to} (exclusive) of the last axis. */
    public Tensor sliceLast(Tensor x, long from, long to) {
        return LayoutOperations.sliceLast(tape, x, from, to);
    }
}
