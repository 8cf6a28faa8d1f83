package mezzotint.text;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * Layer normalisation with a learned scale and shift, as a modulated one whose modulation is the same everywhere.
 *
 * <pre>y = γ · (x − mean) · rstd + β</pre>
 */
final class BertNorm {
    private final Tensor shift; // β (1, D)
    private final Tensor scale; // γ − 1 (1, D)
    private final float eps;

    BertNorm(BertWeights weights, String name, BertConfig config) {
        int d = config.width();
        shift = weights.vector(name + ".bias", d).value().view(1, d);
        float[] gamma = weights.floats(name + ".weight", d);
        for (int i = 0; i < d; i++) {
            gamma[i] -= 1;
        }
        scale = weights.arena().allocate(1, d).set(gamma);
        eps = (float) config.eps();
    }

    /** x (B, T, D) → the same shape. */
    Tensor forward(Tape tape, Tensor x) {
        long rows = x.shape().rows();
        Tensor flat = x.view(1, rows, x.shape().dim(2));
        return tape.adaLayerNorm(flat, shift, scale, eps).view(x.shape().dims());
    }
}
