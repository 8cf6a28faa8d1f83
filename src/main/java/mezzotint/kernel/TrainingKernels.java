package mezzotint.kernel;

import mezzotint.tensor.Tensor;

/**
 * The part of {@link Kernels} that works around the model: noising, losses and optimizers, one nested interface per family.
 *
 * <p>Legend and contract are those of {@link Kernels}, through which all of it is reached.
 */
public interface TrainingKernels {

    /** See {@link FlowMatch}. */
    FlowMatch flowMatch();

    /** See {@link CosineSimilarity}. */
    CosineSimilarity cosineSimilarity();

    /** See {@link Update}. */
    Update update();

    /** See {@link Muon}. */
    Muon muon();

    /**
     * Flow matching on the straight path x_t = (1 − t)·x₀ + t·ε.
     *
     * @see <a href="https://arxiv.org/abs/2210.02747">Lipman et al. 2022, eq. 22 (their t runs from noise to data)</a>
     */
    interface FlowMatch {
        /**
         * <pre>y_b = (α_b · x_b + β_b · z_b) · γ_b</pre>
         *
         * Noising (1 − t, t, 1), x- and ε-prediction to velocity and the Euler step are all of this form. y may be x or z.
         *
         * @param y (B, …), like x and z
         * @param coefficients (B, 3): α, β, γ
         */
        void combine(Tensor y, Tensor x, Tensor z, Tensor coefficients);

        /** Adds the gradients of {@link #combine}: α·γ·gradY into gradX, β·γ·gradY into gradZ. */
        void combineBackward(Tensor gradX, Tensor gradZ, Tensor gradY, Tensor coefficients);

        /**
         * <pre>loss_b = mean((prediction_b − target_b)²)</pre>
         *
         * Summed in float64.
         *
         * @param loss (B); prediction and target are (B, …)
         */
        void meanSquare(Tensor loss, Tensor prediction, Tensor target);

        /** Adds the gradient of {@link #meanSquare}; gradLoss is (B). */
        void meanSquareBackward(Tensor gradPrediction, Tensor gradLoss, Tensor prediction, Tensor target);

        /** Standard normal numbers: element i is {@link PhiloxRandom#normalAt normalAt(seed, stream, first + i)}. */
        void normal(Tensor y, long seed, long stream, long first);
    }

    /**
     * How far two vectors point the same way.
     *
     * <pre>s = x̂·ŷ,    x̂ = x / max(|x|, eps),    ŷ = y / max(|y|, eps)</pre>
     *
     * Each length is clamped by itself, as PyTorch 2 does it. Its older versions clamped the product of the two; the results
     * differ only where a length is below eps.
     *
     * <p>x, y and their gradients may be BF16 on CUDA, all four of one type.
     *
     * @see <a href="https://arxiv.org/abs/2410.06940">Yu et al. 2024, eq. 8, REPA: patch-wise similarity</a>
     */
    interface CosineSimilarity {
        /**
         * @param similarity (N), in [−1, 1] up to rounding
         * @param x (N, D), like y
         * @param eps smallest length that is divided by, 1e-8 in PRX
         */
        void forward(Tensor similarity, Tensor x, Tensor y, float eps);

        /**
         * Adds the gradients of {@link #forward}; gradSimilarity is (N).
         *
         * <pre>gradX += gradSimilarity · (ŷ − [|x| &gt; eps] s x̂) / max(|x|, eps),    y alike</pre>
         */
        void backward(Tensor gradX, Tensor gradY, Tensor gradSimilarity, Tensor x, Tensor y, float eps);
    }

    /** Optimizer steps, weight averages and norms. */
    interface Update {
        /**
         * One step of AdamW, in place.
         *
         * <pre>
         * g ← gradientScale · gradient
         * value ← value · (1 − lr·weightDecay)
         * m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
         * value ← value − lr/(1 − β₁^step) · m / (√v/√(1 − β₂^step) + eps)
         * </pre>
         *
         * @param value any shape; changed, and so are the moments
         * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter 2017, algorithm 2</a>
         */
        void adamW(Tensor value, Tensor firstMoment, Tensor secondMoment, Tensor gradient, AdamWStep step);

        /** <pre>average ← smoothing · average + (1 − smoothing) · value</pre> each factor rounded to float32 by itself. */
        void movingAverage(Tensor average, Tensor value, double smoothing);

        /** <pre>result_slot = Σ x²</pre> summed in float64; result is (n) of F64, and one element of it is written. */
        void sumOfSquares(Tensor result, int slot, Tensor x);
    }

    /**
     * The elementwise parts of Muon; its products are {@link Kernels.Matmul}'s.
     *
     * <pre>
     * m ← β m + (1 − β) g,    u = (1 − β) g + β m  (Nesterov)  or  m        momentum
     * X = u / (‖u‖ + eps)                                                   normalize
     * five times:  A = X·Xᵀ,   B = b A + c A·A,   X ← a X + B·X             combine, for B
     * p ← p (1 − lr·weightDecay) − lr·scale·X                               step
     * </pre>
     *
     * (a, b, c) = (3.4445, −4.7750, 2.0315). Of a matrix with more rows than columns, Xᵀ·X and X·B give the same with smaller
     * products. The matrices of the iteration (update, x, y, z, direction) may be BF16 on CUDA, in one call all of one type;
     * momentum, gradient and value are float32.
     *
     * @see <a href="https://kellerjordan.github.io/posts/muon/">Jordan et al. 2024, Muon</a>
     * @see <a href="https://arxiv.org/abs/2502.16982">Liu et al. 2025, eq. 4: the scale 0.2·√max(rows, columns)</a>
     */
    interface Muon {
        /**
         * Takes a gradient into the momentum, and what is to be orthogonalised out of it.
         *
         * <pre>
         * g = gradientScale · gradient
         * momentum ← β · momentum + (1 − β) · g
         * update = nesterov ? (1 − β) · g + β · momentum : momentum
         * </pre>
         *
         * β and 1 − β are rounded to float32 each by itself.
         *
         * @param update overwritten; any shape, like the other two
         * @param momentum changed
         * @param gradientScale factor on the gradient, from clipping
         */
        void momentum(
                Tensor update, Tensor momentum, Tensor gradient, double beta, boolean nesterov, double gradientScale);

        /**
         * <pre>y = x / (√sumOfSquares_slot + eps)</pre> y may be x; the sum need not come to the host.
         *
         * @param y any shape, like x
         * @param sumOfSquares (n) of F64, from {@link Update#sumOfSquares}
         * @param eps added to the norm, 1e-7 in PRX
         */
        void normalize(Tensor y, Tensor x, Tensor sumOfSquares, int slot, double eps);

        /** <pre>y = a · x + b · z</pre> of one shape; y may be x or z. */
        void combine(Tensor y, Tensor x, Tensor z, float a, float b);

        /**
         * <pre>value ← value · (1 − learningRate·weightDecay) − learningRate·scale · direction</pre>
         *
         * Each of the two factors is rounded to float32 by itself.
         *
         * @param value any shape, changed
         * @param direction of the same shape
         * @param scale what makes the step's size fit the matrix's, 0.2·√max(rows, columns) in PRX
         */
        void step(Tensor value, Tensor direction, double learningRate, double scale, double weightDecay);
    }
}
