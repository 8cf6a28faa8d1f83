package mezzotint.vision;

import mezzotint.autograd.Tape;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * What a {@link VisionEncoder} made of pictures.
 *
 * @param tokens (B, leading + rows · columns, D): class and register tokens if the network has them, then the patches, row by row
 * @param leading tokens that are no patches, ≥ 0
 * @param rows of patches
 * @param columns of patches
 * @param pooled (B, E), one vector a picture: the normalised class token (DINO), the projected one (CLIP), the mean (Inception)
 */
public record VisionFeatures(Tensor tokens, int leading, int rows, int columns, Tensor pooled) {

    /** The patches alone, row by row: (B, rows · columns, D). */
    public Tensor patches(Tape tape) {
        if (leading == 0) {
            return tokens;
        }
        int count = rows * columns;
        int samples = tokens.shape().size(0);
        int[] index = new int[samples * count];
        for (int i = 0; i < index.length; i++) {
            index[i] = leading + i % count;
        }
        return tape.gather(
                tokens, tape.allocate(Shape.of(samples, count), DType.I32).set(index));
    }
}
