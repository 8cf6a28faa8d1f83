package mezzotint.kernel;

import mezzotint.tensor.Tensor;

/**
 * What {@link Kernels.Attention} reads, forward and backward.
 *
 * @param query (B, H, L, d)
 * @param textKeys (B, H, T, d), or null without text
 * @param textValues (B, H, T, d), or null without text
 * @param keys (B, H, K, d); K = L in PRX, and 0 in a text encoder, where every sample has a real text token
 * @param values (B, H, K, d)
 * @param textMask (B, T) of U8 or BOOL, non-zero = real token; null = all real
 * @param scale factor on the scores, 1/√d in PRX
 */
public record AttentionInputs(
        Tensor query, Tensor textKeys, Tensor textValues, Tensor keys, Tensor values, Tensor textMask, float scale) {

    /** T, 0 without text. */
    public int textTokens() {
        return textKeys == null ? 0 : textKeys.shape().size(2);
    }
}
