package mezzotint.sampling;

/**
 * The size of the pictures.
 *
 * @param height in pixels
 * @param width in pixels
 * @param bins whether a model with size bins draws at the bin nearest in shape, after which the picture is resized and cropped
 */
public record Canvas(int height, int width, boolean bins) {
    /** @throws IllegalArgumentException when a side is not positive */
    public Canvas {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "size: expected at least one pixel, got %d × %d".formatted(width, height));
        }
    }

    /** Drawn at just this size. */
    public static Canvas exactly(int height, int width) {
        return new Canvas(height, width, false);
    }
}
