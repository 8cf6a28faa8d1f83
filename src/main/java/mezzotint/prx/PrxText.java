package mezzotint.prx;

import java.util.List;
import java.util.Optional;
import mezzotint.tensor.Tensor;

/**
 * A prompt as the blocks see it: it depends on nothing else, so at sampling it is computed once for all steps.
 *
 * @param projected (B, T, D), the output of {@code txt_in}
 * @param keys (B, H, T, d) per block
 * @param values (B, H, T, d) per block
 * @param mask (B, T) of BOOL, true = real token; empty when all are
 */
public record PrxText(Tensor projected, List<Tensor> keys, List<Tensor> values, Optional<Tensor> mask) {
    /** Prompts {@code from} (inclusive) to {@code to} (exclusive), without a copy. */
    public PrxText rows(long from, long to) {
        return new PrxText(
                projected.rows(from, to),
                keys.stream().map(k -> k.rows(from, to)).toList(),
                values.stream().map(v -> v.rows(from, to)).toList(),
                mask.map(m -> m.rows(from, to)));
    }
}
