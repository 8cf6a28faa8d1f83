package mezzotint.data;

import mezzotint.image.RgbImage;

/** Where a picture comes from; loading it twice gives the same pixels. */
@FunctionalInterface
public interface PictureSource {
    /**
     * Reads and decodes the picture.
     *
     * @throws mezzotint.image.UnreadableImageException if it is missing or no picture
     */
    RgbImage load();
}
