package mezzotint.prx;

import java.util.Optional;

/**
 * Modules that training techniques add to a denoiser and that drawing needs as well; diffusers knows none of them.
 *
 * @param resolutionTokens whether height and width are two tokens before the prompt's ("token" conditioning)
 * @param sprint where deep features are fused with those from before them
 */
public record PrxExtensions(boolean resolutionTokens, Optional<Sprint> sprint) {
    /** The published architecture. */
    public static final PrxExtensions NONE = new PrxExtensions(false, Optional.empty());

    /**
     * Dense shallow features and sparse deep ones, fused.
     *
     * @param first block before which the shallow features are taken
     * @param last block after which the deep ones are, above {@code first}
     * @param learnableMask whether the token that stands for unseen ones is trained; else it is zero
     * @see <a href="https://arxiv.org/abs/2510.21986">Park et al. 2025, SPRINT, §3</a>
     */
    public record Sprint(int first, int last, boolean learnableMask) {
        /** @throws InvalidPrxConfigException when the blocks are not in order */
        public Sprint {
            if (first < 0 || last <= first) {
                throw new InvalidPrxConfigException("sprint", "0 ≤ first block < last block", first + " and " + last);
            }
        }
    }

    /** Number of parameters that a denoiser of width {@code h} gets from them. */
    long parameterCount(long h) {
        long tokens = resolutionTokens ? 2 * (128 * h + h + h * h + h) : 0;
        return tokens + (sprint.isPresent() ? 2 * h * h + 2 * h : 0);
    }
}
