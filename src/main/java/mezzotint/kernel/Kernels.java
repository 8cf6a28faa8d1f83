package mezzotint.kernel;

import mezzotint.tensor.Tensor;

/**
 * Every numeric operation a device offers, one nested interface per family; those that only training and sampling use are
 * declared in {@link TrainingKernels}, those of the networks around the denoiser in {@link EncoderKernels}.
 *
 * <p>Legend: B batch · L image tokens · T text tokens · S = T + L keys · D width · H heads · d = D/H · M MLP width · P patch ·
 * C colours · N rows.
 *
 * <p>The contract, for all families:
 *
 * <ul>
 *   <li>Outputs come first, inputs next, scalars last. Outputs never overlap inputs unless a method says so.
 *   <li>Kernels allocate nothing, check no shapes and return nothing; {@code Tape} has checked.
 *   <li>A forward overwrites its outputs. A backward <em>adds</em> into its gradients, which come first; a null gradient is
 *       not wanted and is skipped.
 *   <li>Tensors are float32 unless said otherwise; sums are taken in float32 or better.
 *   <li>The same inputs give the same bits, on any number of threads: reductions are cut into pieces whose size does not
 *       depend on the threads, and no atomics are used.
 *   <li>Tolerance, unless said otherwise: relative L2 of 1e-5 against the same formula in float64.
 * </ul>
 */
public interface Kernels extends TrainingKernels, EncoderKernels {

    /** See {@link Matmul}. */
    Matmul matmul();

    /** See {@link Attention}. */
    Attention attention();

    /** See {@link AdaLayerNorm}. */
    AdaLayerNorm adaLayerNorm();

    /** See {@link RmsNorm}. */
    RmsNorm rmsNorm();

    /** See {@link Rope}. */
    Rope rope();

    /** See {@link QkNorm}. */
    QkNorm qkNorm();

    /** See {@link Geglu}. */
    Geglu geglu();

    /** See {@link Pointwise}. */
    Pointwise pointwise();

    /** See {@link Tokens}. */
    Tokens tokens();

    /** Matrix products, row-major. */
    interface Matmul {
        /**
         * <pre>c = op(a) · op(b) + bias            (accumulate: c += …)</pre>
         *
         * @param c (M, N)
         * @param a (M, K), or (K, M) when {@code transposeA}; F32 or BF16, widened where it is read
         * @param b (K, N), or (N, K) when {@code transposeB}; F32 or BF16, on the CPU also F16, widened where it is read
         * @param bias (N), added to every row, or null
         */
        void multiply(
                Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean accumulate);

        /** <pre>sums_j += Σ_i x_ij</pre> the gradient of a bias: x (M, N), sums (N). */
        void columnSums(Tensor sums, Tensor x);
    }

    /**
     * Softmax attention; image tokens ask, text and image tokens answer.
     *
     * <pre>
     * P = softmax([Q·Ktᵀ | Q·Kᵀ]·scale + mask)      (L × S per head)
     * O = P · [Vt ; V]
     * </pre>
     *
     * A masked text token has P = 0; image keys are never masked. Without text, T = 0 and the text tensors are null.
     *
     * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017, eq. 1</a>
     * @see <a href="https://arxiv.org/abs/2205.14135">Dao et al. 2022, algorithm 1 and appendix B.4 (backward)</a>
     */
    interface Attention {
        /**
         * @param out (B, L, H·d), heads side by side
         * @param logSumExp (B, H, L), natural logarithm of the softmax denominators, of scaled scores
         */
        void forward(Tensor out, Tensor logSumExp, AttentionInputs in);

        /**
         * Adds the gradients of {@link #forward}.
         *
         * @param gradients one per tensor of {@code in} and of its shape; mask and scale are not looked at
         */
        void backward(AttentionInputs gradients, Tensor gradOut, Tensor out, Tensor logSumExp, AttentionInputs in);

        /** {@link #backward} for the first to add to the gradients: what they hold is undefined and is overwritten. */
        default void firstBackward(
                AttentionInputs gradients, Tensor gradOut, Tensor out, Tensor logSumExp, AttentionInputs in) {
            UnwrittenGradients.zero(
                    gradients.query(),
                    gradients.textKeys(),
                    gradients.textValues(),
                    gradients.keys(),
                    gradients.values());
            backward(gradients, gradOut, out, logSumExp, in);
        }
    }

    /**
     * Layer normalisation without learned scale, modulated by the sample's conditioning.
     *
     * <pre>y = (1 + scale_b) · (x − mean) · rstd + shift_b,    rstd = 1/√(var + eps), var over D, biased</pre>
     *
     * @see <a href="https://arxiv.org/abs/2212.09748">Peebles and Xie 2022, §3.2, adaLN-Zero</a>
     */
    interface AdaLayerNorm {
        /**
         * @param y (B, L, D)
         * @param mean (B, L), like rstd
         * @param x (B, L, D)
         * @param shift (B, D), like scale
         * @param eps added to the variance, 1e-6 in PRX
         */
        void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor shift, Tensor scale, float eps);

        /** Adds the gradients of {@link #forward}. */
        void backward(
                Tensor gradX,
                Tensor gradShift,
                Tensor gradScale,
                Tensor gradY,
                Tensor x,
                Tensor mean,
                Tensor rstd,
                Tensor scale);
    }

    /**
     * <pre>y = scale · x · rstd,    rstd = 1/√(mean(x²) + eps), mean over the last axis</pre>
     *
     * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich 2019, eq. 4</a>
     */
    interface RmsNorm {
        /**
         * @param y (N, D)
         * @param rstd (N)
         * @param x (N, D)
         * @param scale (D)
         * @param eps added to the mean square, 1e-6 in PRX
         */
        void forward(Tensor y, Tensor rstd, Tensor x, Tensor scale, float eps);

        /** Adds the gradients of {@link #forward}. */
        void backward(Tensor gradX, Tensor gradScale, Tensor gradY, Tensor x, Tensor rstd, Tensor scale);
    }

    /**
     * Rotation of consecutive pairs.
     *
     * <pre>
     * y_2k   = cos_k · x_2k − sin_k · x_2k+1
     * y_2k+1 = sin_k · x_2k + cos_k · x_2k+1
     * </pre>
     *
     * @see <a href="https://arxiv.org/abs/2104.09864">Su et al. 2021, eq. 34</a>
     */
    interface Rope {
        /**
         * @param y (B, H, L, d), like x
         * @param table (1, L, d/2, 2) or (B, L, d/2, 2): cos and sin of every pair's angle
         */
        void forward(Tensor y, Tensor x, Tensor table);

        /** Adds the gradient of {@link #forward}. */
        void backward(Tensor gradX, Tensor gradY, Tensor table);
    }

    /**
     * One of query, key or value out of a fused projection, in head layout: {@code heads = rope(rmsNorm(x))}, each optional.
     *
     * <pre>heads[b, h, l, :] = R_l · (scale ⊙ x[b, l, column + h·d …] · rstd[b, l, h])</pre>
     *
     * R is {@link Rope}, rstd is {@link RmsNorm}'s over d.
     */
    interface QkNorm {
        /**
         * @param heads (B, H, L, d)
         * @param rstd (B, L, H); null exactly when scale is
         * @param x (B, L, X), X ≥ column + H·d
         * @param scale (d), or null for no normalisation
         * @param table as in {@link Rope#forward}, or null for no rotation
         * @param column first column of x that belongs to these heads
         * @param eps added to the mean square, 1e-6 in PRX
         */
        void forward(Tensor heads, Tensor rstd, Tensor x, Tensor scale, Tensor table, int column, float eps);

        /** Adds the gradients of {@link #forward}; gradX is (B, L, X) and only the heads' columns change. */
        void backward(
                Tensor gradX,
                Tensor gradScale,
                Tensor gradHeads,
                Tensor x,
                Tensor rstd,
                Tensor scale,
                Tensor table,
                int column);
    }

    /**
     * <pre>y = gelu(gate) ⊙ up,    gelu(x) = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))</pre>
     *
     * @see <a href="https://arxiv.org/abs/2002.05202">Shazeer 2020, GEGLU, eq. 6</a>
     */
    interface Geglu {
        /** All (N, M). */
        void forward(Tensor y, Tensor gate, Tensor up);

        /** Adds the gradients of {@link #forward}. */
        void backward(Tensor gradGate, Tensor gradUp, Tensor gradY, Tensor gate, Tensor up);

        /** {@link #backward} for the first to add to the gradients: what they hold is undefined and is overwritten. */
        default void firstBackward(Tensor gradGate, Tensor gradUp, Tensor gradY, Tensor gate, Tensor up) {
            UnwrittenGradients.zero(gradGate, gradUp);
            backward(gradGate, gradUp, gradY, gate, up);
        }
    }

    /** Elementwise operations; tensors of one shape unless said otherwise. */
    interface Pointwise {
        /** <pre>y = x · σ(x)</pre> */
        void silu(Tensor y, Tensor x);

        /** Adds the gradient of {@link #silu}. */
        void siluBackward(Tensor gradX, Tensor gradY, Tensor x);

        /** <pre>y = ½ x (1 + erf(x/√2))</pre> the exact GELU of BERT and the vision encoders. */
        void gelu(Tensor y, Tensor x);

        /** Adds the gradient of {@link #gelu}. */
        void geluBackward(Tensor gradX, Tensor gradY, Tensor x);

        /** <pre>y = a + b</pre> y may be a or b. */
        void add(Tensor y, Tensor a, Tensor b);

        /** <pre>y += factor · x</pre> */
        void addScaled(Tensor y, Tensor x, float factor);

        /** <pre>y = factor · x</pre> y may be x. */
        void scale(Tensor y, Tensor x, float factor);

        /** <pre>y = value</pre> */
        void fill(Tensor y, float value);

        /** Converts between F32 and BF16, rounding to nearest even; the shapes agree, the types differ or not. */
        void cast(Tensor y, Tensor x);

        /**
         * <pre>y = x + gate_b ⊙ branch</pre>
         *
         * @param y (B, L, D), like x and branch
         * @param gate (B, D)
         */
        void gatedResidual(Tensor y, Tensor x, Tensor gate, Tensor branch);

        /** Adds the gradients of {@link #gatedResidual}. */
        void gatedResidualBackward(
                Tensor gradX, Tensor gradGate, Tensor gradBranch, Tensor gradY, Tensor gate, Tensor branch);

        /**
         * {@link #gatedResidualBackward} for the first to add to the gradients of x and the branch: what these hold is undefined
         * and is overwritten. The gate's is added to.
         */
        default void firstGatedResidualBackward(
                Tensor gradX, Tensor gradGate, Tensor gradBranch, Tensor gradY, Tensor gate, Tensor branch) {
            UnwrittenGradients.zero(gradX, gradBranch);
            gatedResidualBackward(gradX, gradGate, gradBranch, gradY, gate, branch);
        }

        /**
         * Sinusoidal embedding, cosines first; a zero column ends an odd width.
         *
         * <pre>y_i = cos(factor·x·f_i), y_(half+i) = sin(factor·x·f_i),  f_i = maxPeriod^(−i/half), half = ⌊width/2⌋</pre>
         *
         * Frequencies and angles are float32, as upstream computes them.
         *
         * @param y (N, width)
         * @param x (N)
         */
        void sinusoid(Tensor y, Tensor x, float factor, float maxPeriod);
    }

    /** Movements of tokens; nothing is computed but sums of gradients. */
    interface Tokens {
        /**
         * Cuts a picture into tokens, patches row by row, inside a token colour, row, column.
         *
         * @param tokens (B, L, C·P²), L = (height/P)·(width/P)
         * @param image (B, C, height, width), height and width multiples of P
         * @param accumulate add to the tokens instead of overwriting them
         */
        void patchify(Tensor tokens, Tensor image, int patch, boolean accumulate);

        /** The inverse of {@link #patchify}, and with {@code accumulate} its backward. */
        void unpatchify(Tensor image, Tensor tokens, int patch, boolean accumulate);

        /**
         * <pre>y[n, :] = x[n, column … column + width(y))</pre>
         *
         * @param y (N, W)
         * @param x (N, X), X ≥ column + W
         */
        void sliceColumns(Tensor y, Tensor x, int column);

        /** <pre>x[n, column + j] += y[n, j]</pre> the backward of {@link #sliceColumns}. */
        void addColumns(Tensor x, Tensor y, int column);

        /**
         * <pre>y[b, 0…A) = a[b], y[b, A…A+E) = e[b]</pre> along the token axis.
         *
         * @param y (B, A+E, D)
         * @param a (B, A, D)
         * @param e (B, E, D)
         */
        void concatenate(Tensor y, Tensor a, Tensor e);

        /** Adds the gradients of {@link #concatenate}. */
        void concatenateBackward(Tensor gradA, Tensor gradE, Tensor gradY);

        /**
         * <pre>y[b, r, :] = x[b, index[b, r], :]</pre>
         *
         * @param y (B, R, D)
         * @param x (B, L, D)
         * @param index (B, R) of I32 in [0, L)
         */
        void gather(Tensor y, Tensor x, Tensor index);

        /**
         * <pre>x[b, index[b, r], :] += y[b, r, :]</pre> the backward of {@link #gather}.
         *
         * @param index (B, R) of I32; no value twice within a sample
         */
        void scatterAdd(Tensor x, Tensor y, Tensor index);

        /**
         * Row look-up in a table shared by the batch.
         *
         * @param y (N, D)
         * @param table (V, D)
         * @param index (N) of I32 in [0, V)
         */
        void embed(Tensor y, Tensor table, Tensor index);

        /** <pre>gradTable[index[n], :] += gradY[n, :]</pre> in the order of n, so that bits repeat. */
        void embedBackward(Tensor gradTable, Tensor gradY, Tensor index);
    }
}
