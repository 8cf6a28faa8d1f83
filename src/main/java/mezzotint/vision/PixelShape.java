package mezzotint.vision;

import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** The shape of what a network looks at. */
final class PixelShape {
    private PixelShape() {}

    /** @throws ShapeMismatchException unless it is (B, 3, H, W) */
    static void check(String network, Tensor pixels) {
        if (pixels.shape().rank() != 4 || pixels.shape().dim(1) != 3) {
            throw new ShapeMismatchException(
                    "%s: pictures %s, expected (B, 3, height, width): planes of red, green and blue",
                    network, pixels.shape());
        }
    }
}
