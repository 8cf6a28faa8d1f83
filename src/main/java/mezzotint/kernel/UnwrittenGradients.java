package mezzotint.kernel;

import mezzotint.tensor.Tensor;

/** What a backend does with gradients that hold nothing yet unless it knows better: zeros, to which the kernels then add. */
final class UnwrittenGradients {
    private UnwrittenGradients() {}

    /** Sets each to zero; null is none. */
    static void zero(Tensor... gradients) {
        for (Tensor gradient : gradients) {
            if (gradient != null) {
                gradient.zero();
            }
        }
    }
}
