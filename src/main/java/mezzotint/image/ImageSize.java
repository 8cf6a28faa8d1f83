package mezzotint.image;

/**
 * A picture's sides.
 *
 * @param height in pixels, at least 1
 * @param width in pixels, at least 1
 */
public record ImageSize(int height, int width) {
    /** @throws IllegalArgumentException when a side is not positive */
    public ImageSize {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("a picture has at least one pixel, got %d×%d".formatted(width, height));
        }
    }

    /** Width over height. */
    double aspect() {
        return (double) width / height;
    }

    @Override
    public String toString() {
        return width + "×" + height;
    }
}
