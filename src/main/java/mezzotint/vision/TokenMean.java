package mezzotint.vision;

import java.util.Arrays;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** The mean over tokens. */
final class TokenMean {
    private TokenMean() {}

    /** (B, L, D) → (B, D). */
    static Tensor of(Tape tape, Tensor tokens) {
        long samples = tokens.shape().dim(0);
        int length = tokens.shape().size(1);
        float[] weights = new float[Math.toIntExact(samples * length)];
        Arrays.fill(weights, 1f / length);
        Tensor mean = tape.encoders().products(tape.constant(weights, samples, 1, length), tokens, false, false);
        return mean.view(samples, tokens.shape().dim(2));
    }
}
