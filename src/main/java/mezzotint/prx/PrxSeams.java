package mezzotint.prx;

import java.util.Optional;

/**
 * Where techniques reach into the denoiser.
 *
 * @param tap sees tensors on their way
 * @param route sends some tokens past some blocks
 */
public record PrxSeams(PrxTap tap, Optional<TokenRoute> route) {
    /** Nobody looks on, every token goes through every block. */
    public static final PrxSeams NONE = new PrxSeams(PrxTap.NONE, Optional.empty());

    /** Someone looks on. */
    public static PrxSeams of(PrxTap tap) {
        return new PrxSeams(tap, Optional.empty());
    }

    /** Some tokens pass some blocks by. */
    public static PrxSeams of(TokenRoute route) {
        return new PrxSeams(PrxTap.NONE, Optional.of(route));
    }
}
