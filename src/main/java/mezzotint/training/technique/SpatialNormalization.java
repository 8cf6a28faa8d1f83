package mezzotint.training.technique;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * iREPA's normalisation of a teacher's tokens, as PRX has it.
 *
 * <pre>
 * g_n = mean_d y_nd
 * y_nd ← y_nd − g_n · mean_n y_nd
 * y_nd ← y_nd / (std_n y_nd + 10⁻⁶)        std with N − 1
 * </pre>
 *
 * The paper has a constant γ where g is: PRX takes each token's mean over its channels.
 */
public final class SpatialNormalization {
    private static final double EPS = 1e-6;

    private SpatialNormalization() {}

    /** Tokens (B, N, D), which no gradient flows through, normalised. */
    public static Tensor of(Tape tape, Tensor tokens) {
        Shape s = tokens.shape();
        float[] values = tokens.toFloats();
        int size = s.size(1) * s.size(2);
        for (int b = 0; b < s.dim(0); b++) {
            normalize(values, b * size, s.size(1), s.size(2));
        }
        return tape.constant(values, s.dims());
    }

    private static void normalize(float[] values, int from, int tokens, int width) {
        double[] share = new double[tokens];
        double[] mean = new double[width];
        for (int n = 0; n < tokens; n++) {
            for (int d = 0; d < width; d++) {
                float y = values[from + n * width + d];
                share[n] += y / (double) width;
                mean[d] += y / (double) tokens;
            }
        }
        for (int d = 0; d < width; d++) {
            double sum = 0;
            for (int n = 0; n < tokens; n++) {
                sum += values[from + n * width + d] - share[n] * mean[d];
            }
            double centre = sum / tokens;
            double squares = 0;
            for (int n = 0; n < tokens; n++) {
                double moved = values[from + n * width + d] - share[n] * mean[d] - centre;
                squares += moved * moved;
            }
            double deviation = Math.sqrt(squares / (tokens - 1)) + EPS;
            for (int n = 0; n < tokens; n++) {
                int at = from + n * width + d;
                values[at] = (float) ((values[at] - share[n] * mean[d]) / deviation);
            }
        }
    }
}
