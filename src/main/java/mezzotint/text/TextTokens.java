package mezzotint.text;

import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * Encoded prompts.
 *
 * @param embeddings (B, T, width)
 * @param mask (B, T) of BOOL, true = real token
 */
public record TextTokens(Tensor embeddings, Tensor mask) {
    /** @throws ShapeMismatchException when batch or length differ */
    public TextTokens {
        if (embeddings.shape().rank() != 3
                || mask.shape().rank() != 2
                || embeddings.shape().dim(0) != mask.shape().dim(0)
                || embeddings.shape().dim(1) != mask.shape().dim(1)) {
            throw new ShapeMismatchException("text: embeddings %s, mask %s", embeddings.shape(), mask.shape());
        }
    }
}
