package mezzotint.training.technique;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** How far apart a frozen network finds pictures. */
@FunctionalInterface
public interface PerceptualDistance {
    /**
     * A number per picture, at least 0.
     *
     * @param predicted (B, 3, height, width) in about [−1, 1]; the gradient flows through it
     * @param clean of the same shape; no gradient is wanted
     * @return (B)
     */
    Tensor between(Tape tape, Tensor predicted, Tensor clean);
}
