package mezzotint.evaluation;

import mezzotint.image.RgbImage;

/** Which colours the Fréchet distance's network gets to see. */
public enum PixelColours {
    /** The picture's own. */
    RIGHT,
    /**
     * Those of PRX's published numbers: its callback hands bytes to a metric that expects numbers in [0, 1] and multiplies
     * them by 255, so that byte v becomes 255·v mod 256, which is 256 − v for all but 0.
     */
    INVERTED;

    /** The byte that the network sees for byte {@code value}. */
    public byte seen(byte value) {
        return this == RIGHT ? value : (byte) (value * 255);
    }

    /**
     * The picture that the network sees.
     *
     * @return the same one for {@link #RIGHT}
     */
    public RgbImage seen(RgbImage picture) {
        if (this == RIGHT) {
            return picture;
        }
        byte[] bytes = picture.toBytes();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = seen(bytes[i]);
        }
        return RgbImage.of(picture.width(), picture.height(), bytes);
    }

    /** The byte for a colour in [0, 1]: 255 x, what is behind the point cut off, modulo 256. */
    public static byte ofUnit(float colour) {
        return (byte) (int) (colour * 255);
    }
}
