package mezzotint.kernel;

/**
 * Scalars of one step of AdamW; see {@link Kernels.Update#adamW}.
 *
 * @param learningRate lr ≥ 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param eps added to the root of the second moment, ≥ 0
 * @param weightDecay decoupled decay, ≥ 0
 * @param gradientScale factor on the gradient, from clipping
 * @param step 1 for the first step
 */
public record AdamWStep(
        double learningRate,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        double gradientScale,
        long step) {}
