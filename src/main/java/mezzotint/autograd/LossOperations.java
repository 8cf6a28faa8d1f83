package mezzotint.autograd;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** Operations that only losses use. */
public final class LossOperations {
    private final Tape tape;

    /** Operations on {@code tape}. */
    public LossOperations(Tape tape) {
        this.tape = tape;
    }

    /** See {@link Kernels.CosineSimilarity}: x, y (N, D) → (N). */
    public Tensor cosineSimilarity(Tensor x, Tensor y, float eps) {
        Checks.rank("cosineSimilarity", "x", x, 2);
        Checks.same("cosineSimilarity", "y", y, "x", x);
        Checks.floats("cosineSimilarity", x, y);
        Tensor similarity = tape.allocate(x.shape().dim(0));
        Kernels.CosineSimilarity kernel = tape.kernels().cosineSimilarity();
        kernel.forward(similarity, x, y, eps);
        if (tape.needsGradient(x, y)) {
            tape.record(
                    similarity,
                    gradSimilarity -> kernel.backward(tape.slot(x), tape.slot(y), gradSimilarity, x, y, eps));
        }
        return similarity;
    }
}
