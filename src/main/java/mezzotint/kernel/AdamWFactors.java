package mezzotint.kernel;

/**
 * What one step of AdamW multiplies with, rounded to float32 as PyTorch rounds it; every device takes these.
 *
 * @param decay 1 − lr·weightDecay
 * @param firstWeight 1 − β₁
 * @param beta2 β₂
 * @param secondWeight 1 − β₂
 * @param root √(1 − β₂^step)
 * @param eps added to the root of the second moment
 * @param size −lr/(1 − β₁^step)
 * @param gradientScale factor on the gradient
 */
public record AdamWFactors(
        float decay,
        float firstWeight,
        float beta2,
        float secondWeight,
        float root,
        float eps,
        float size,
        float gradientScale) {

    /** The factors of {@code step}, computed in float64. */
    public static AdamWFactors of(AdamWStep step) {
        return new AdamWFactors(
                (float) (1 - step.learningRate() * step.weightDecay()),
                (float) (1 - step.beta1()),
                (float) step.beta2(),
                (float) (1 - step.beta2()),
                (float) Math.sqrt(1 - Math.pow(step.beta2(), (double) step.step())),
                (float) step.eps(),
                (float) (-step.learningRate() / (1 - Math.pow(step.beta1(), (double) step.step()))),
                (float) step.gradientScale());
    }
}
