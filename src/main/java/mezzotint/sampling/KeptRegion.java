package mezzotint.sampling;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * Puts the region that a mask keeps back after every step, noised as far as the path has come.
 *
 * <pre>x ← m · x + (1 − m) · ((1 − σ) · x₀ + σ · ε)</pre>
 *
 * Runs on the host: a few numbers a step beside a network, on any device.
 *
 * @param clean x₀, (C, height, width)
 * @param noise ε, (B, C, height, width)
 * @param drawn m, (height, width): 1 = drawn, 0 = kept
 * @see <a href="https://arxiv.org/abs/2201.09865">Lugmayr et al. 2022, eq. 8</a>
 */
record KeptRegion(float[] clean, float[] noise, float[] drawn) implements FlowSampler.Constraint {
    @Override
    public void apply(Tape tape, Tensor sample, float sigma) {
        float[] x = sample.toFloats();
        for (int i = 0; i < x.length; i++) {
            float m = drawn[i % drawn.length];
            float kept = noised(clean[i % clean.length], noise[i], sigma);
            x[i] = m == 1 ? x[i] : m * x[i] + (1 - m) * kept;
        }
        sample.set(x);
    }

    /** x_σ of a clean number. */
    static float noised(float clean, float noise, float sigma) {
        return (1 - sigma) * clean + sigma * noise;
    }
}
