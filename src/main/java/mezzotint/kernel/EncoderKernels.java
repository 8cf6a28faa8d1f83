package mezzotint.kernel;

import mezzotint.tensor.Tensor;

/**
 * The part of {@link Kernels} that the networks around the denoiser need, text encoders, vision encoders and autoencoders, one
 * nested interface per family.
 *
 * <p>Legend and contract are those of {@link Kernels}, through which all of it is reached. Pictures lie channels last,
 * (B, height, width, C), so that a pixel's channels are a token's width.
 */
public interface EncoderKernels {

    /** See {@link Convolution}. */
    Convolution convolution();

    /** See {@link GroupNorm}. */
    GroupNorm groupNorm();

    /** See {@link LayerNorm}. */
    LayerNorm layerNorm();

    /** See {@link Softmax}. */
    Softmax softmax();

    /** See {@link Activation}. */
    Activation activation();

    /** See {@link Pooling}. */
    Pooling pooling();

    /** See {@link Resample}. */
    Resample resample();

    /** See {@link Layout}. */
    Layout layout();

    /**
     * Cross-correlation, which the field calls convolution.
     *
     * <pre>y[b, i, j, o] = bias_o + Σ_{c, u, v} weight[o, c, u, v] · x[b, stride·i + u − top, stride·j + v − left, group(o)·C/groups + c]</pre>
     *
     * x is zero outside the picture.
     */
    interface Convolution {
        /**
         * @param y (B, h, w, O), sides as {@link ConvolutionGeometry#outputHeight} says
         * @param x (B, height, width, C)
         * @param weight (O, C/groups, kernel height, kernel width), the order checkpoints have; F32 or BF16, widened where it
         *     is read
         * @param bias (O), or null
         */
        void forward(Tensor y, Tensor x, Tensor weight, Tensor bias, ConvolutionGeometry geometry);

        /** Adds the gradients of {@link #forward}; that of the bias is {@link Kernels.Matmul#columnSums}. */
        void backward(
                Tensor gradX, Tensor gradWeight, Tensor gradY, Tensor x, Tensor weight, ConvolutionGeometry geometry);
    }

    /**
     * <pre>y = scale_c · (x − mean) · rstd + shift_c,    mean and variance (biased) over all pixels of a group's channels</pre>
     *
     * @see <a href="https://arxiv.org/abs/1803.08494">Wu and He 2018, eq. 1 and 2</a>
     */
    interface GroupNorm {
        /**
         * @param y (B, N, C), N pixels
         * @param mean (B, G), like rstd: G groups of C/G channels side by side
         * @param x (B, N, C)
         * @param scale (C), like shift
         * @param eps added to the variance
         */
        void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor scale, Tensor shift, float eps);

        /** Adds the gradients of {@link #forward}. */
        void backward(
                Tensor gradX,
                Tensor gradScale,
                Tensor gradShift,
                Tensor gradY,
                Tensor x,
                Tensor mean,
                Tensor rstd,
                Tensor scale);
    }

    /**
     * <pre>y = scale · (x − mean) · rstd + shift,    mean and variance (biased) over the last axis</pre>
     *
     * @see <a href="https://arxiv.org/abs/1607.06450">Ba et al. 2016, eq. 4</a>
     */
    interface LayerNorm {
        /**
         * @param y (N, D)
         * @param mean (N), like rstd
         * @param x (N, D)
         * @param scale (D), like shift
         * @param eps added to the variance
         */
        void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor scale, Tensor shift, float eps);

        /** Adds the gradients of {@link #forward}. */
        void backward(
                Tensor gradX,
                Tensor gradScale,
                Tensor gradShift,
                Tensor gradY,
                Tensor x,
                Tensor mean,
                Tensor rstd,
                Tensor scale);
    }

    /** <pre>y = softmax(scale · x)</pre> over the last axis, with keys left out by a mask. */
    interface Softmax {
        /**
         * @param y (B, H, L, S); a row whose keys are all masked is zero
         * @param x (B, H, L, S); y may be x
         * @param mask (B, L, S) of BOOL, true = may be seen, or null
         */
        void forward(Tensor y, Tensor x, Tensor mask, float scale);

        /** Adds the gradient of {@link #forward}: scale · y ⊙ (gradY − Σ_s gradY·y). */
        void backward(Tensor gradX, Tensor gradY, Tensor y, float scale);
    }

    /** Elementwise operations; tensors of one shape unless said otherwise. */
    interface Activation {
        /** <pre>y = max(x, 0)</pre> */
        void relu(Tensor y, Tensor x);

        /** Adds the gradient of {@link #relu}, 0 at 0. */
        void reluBackward(Tensor gradX, Tensor gradY, Tensor x);

        /** The GELU of {@link Kernels.Geglu}, by itself. */
        void geluTanh(Tensor y, Tensor x);

        /** Adds the gradient of {@link #geluTanh}. */
        void geluTanhBackward(Tensor gradX, Tensor gradY, Tensor x);

        /** <pre>y = x · σ(1.702 x)</pre> CLIP's GELU. */
        void quickGelu(Tensor y, Tensor x);

        /** Adds the gradient of {@link #quickGelu}. */
        void quickGeluBackward(Tensor gradX, Tensor gradY, Tensor x);

        /** <pre>y = a · b</pre> y may be a or b. */
        void multiply(Tensor y, Tensor a, Tensor b);

        /** Adds the gradients of {@link #multiply}. */
        void multiplyBackward(Tensor gradA, Tensor gradB, Tensor gradY, Tensor a, Tensor b);

        /**
         * <pre>y_nd = scale_d · x_nd + shift_d</pre>
         *
         * @param y (N, D), like x; y may be x
         * @param scale (D), or null for 1
         * @param shift (D), or null for 0
         */
        void scaleShift(Tensor y, Tensor x, Tensor scale, Tensor shift);

        /** Adds the gradients of {@link #scaleShift}; scale is null where it was. */
        void scaleShiftBackward(Tensor gradX, Tensor gradScale, Tensor gradShift, Tensor gradY, Tensor x, Tensor scale);

        /**
         * <pre>y_nd = x_nd / (x_nD + eps)</pre> the last column divides the others: linear attention's normaliser.
         *
         * @param y (N, D)
         * @param x (N, D+1)
         */
        void divideByLast(Tensor y, Tensor x, float eps);

        /** Adds the gradient of {@link #divideByLast}. */
        void divideByLastBackward(Tensor gradX, Tensor gradY, Tensor x, float eps);
    }

    /** Windows of a picture (B, height, width, C), channel by channel. */
    interface Pooling {
        /**
         * The largest in each window; padding never wins.
         *
         * @param y (B, h, w, C)
         * @param index (B, h, w, C) of I32, where it was found: row · width + column; the first of equals
         */
        void max(Tensor y, Tensor index, Tensor x, PoolingGeometry geometry);

        /** Adds the gradient of {@link #max}. */
        void maxBackward(Tensor gradX, Tensor gradY, Tensor index, PoolingGeometry geometry);

        /**
         * The mean of each window.
         *
         * @param countPadding whether zeros outside the picture count
         */
        void average(Tensor y, Tensor x, PoolingGeometry geometry, boolean countPadding);

        /** Adds the gradient of {@link #average}. */
        void averageBackward(Tensor gradX, Tensor gradY, PoolingGeometry geometry, boolean countPadding);
    }

    /**
     * Any separable resizing: nearest, bilinear, bicubic, antialiased or not.
     *
     * <pre>y[b, i, j, c] = Σ_u Σ_v rowWeights[i, u] · columnWeights[j, v] · x[b, rowStart_i + u, columnStart_j + v, c]</pre>
     */
    interface Resample {
        /**
         * @param y (B, h, w, C)
         * @param x (B, height, width, C)
         * @param rows for the h rows
         * @param columns for the w columns
         */
        void forward(Tensor y, Tensor x, Taps rows, Taps columns);

        /** Adds the gradient of {@link #forward}. */
        void backward(Tensor gradX, Tensor gradY, Taps rows, Taps columns);

        /**
         * What one axis is made of.
         *
         * @param start (n) of I32: first source index of each result; start + taps never passes the end
         * @param weights (n, taps), zeros where fewer are needed
         */
        record Taps(Tensor start, Tensor weights) {}
    }

    /** Movements of axes. */
    interface Layout {
        /**
         * Exchanges axes: axis i of y is axis {@code order[i]} of x.
         *
         * @param y as many elements as x
         * @param dims of x, at most 6; its own shape may be another view of them
         * @param order a permutation of the axes
         * @param accumulate add to y instead of overwriting it: with the inverse order, the backward
         */
        void permute(Tensor y, Tensor x, long[] dims, int[] order, boolean accumulate);
    }
}
