package mezzotint.image;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/** An immutable picture of eight-bit RGB pixels. */
public final class RgbImage {
    private static final long MAX_PIXELS = 1L << 27;

    private final int width;
    private final int height;
    private final byte[] rgb; // (height, width, 3), never handed out

    /** Takes ownership of {@code rgb}. */
    RgbImage(int width, int height, byte[] rgb) {
        checkSize(width, height);
        if (rgb.length != 3 * width * height) {
            throw new IllegalArgumentException("a %d×%d picture wants %d bytes of RGB, got %d"
                    .formatted(width, height, 3 * width * height, rgb.length));
        }
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /**
     * Makes a picture from bytes, which are copied.
     *
     * @param width pixels, ≥ 1
     * @param height pixels, ≥ 1
     * @param rgb (height, width, 3), each 0–255
     * @throws IllegalArgumentException if the sizes do not agree
     */
    public static RgbImage of(int width, int height, byte[] rgb) {
        return new RgbImage(width, height, rgb.clone());
    }

    /**
     * Makes a picture of one colour.
     *
     * @param width pixels, ≥ 1
     * @param height pixels, ≥ 1
     * @param colour 0xRRGGBB
     */
    public static RgbImage filled(int width, int height, int colour) {
        checkSize(width, height);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) (colour >> 16);
            rgb[i + 1] = (byte) (colour >> 8);
            rgb[i + 2] = (byte) colour;
        }
        return new RgbImage(width, height, rgb);
    }

    /**
     * Reads a PNG, JPEG, BMP, GIF (first frame) or WebP file; transparency is laid on white, EXIF orientation ignored.
     *
     * @throws UnreadableImageException if the file is missing or not a picture
     */
    public static RgbImage read(Path file) {
        return ImageDecoder.read(file);
    }

    /**
     * Decodes the bytes of a picture file, as {@link #read} does.
     *
     * @param name what to call the picture in a message
     * @throws UnreadableImageException if the bytes are not a picture
     */
    public static RgbImage decode(byte[] bytes, String name) {
        return ImageDecoder.decode(bytes, name);
    }

    /**
     * Makes a picture from signed floats: {@code floor((v + 1) · 127.5 + 0.5)} of {@code v} clamped to [−1, 1], so
     * halves round up.
     *
     * @param pixels (3, height, width), nominally in [−1, 1]
     * @throws IllegalArgumentException if a value is NaN or the length is wrong
     */
    public static RgbImage fromSignedFloats(float[] pixels, int width, int height) {
        checkSize(width, height);
        int plane = width * height;
        if (pixels.length != 3 * plane) {
            throw new IllegalArgumentException("a %d×%d picture wants %d floats (3, %d, %d), got %d"
                    .formatted(width, height, 3 * plane, height, width, pixels.length));
        }
        byte[] rgb = new byte[3 * plane];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < plane; i++) {
                float v = pixels[c * plane + i];
                if (Float.isNaN(v)) {
                    throw new IllegalArgumentException("pixel (%d, %d) of channel %d is NaN: the model has diverged"
                            .formatted(i % width, i / width, c));
                }
                double clamped = Math.clamp((double) v, -1.0, 1.0);
                rgb[3 * i + c] = (byte) (int) Math.floor((clamped + 1) * 127.5 + 0.5);
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** The pixels as {@code v / 127.5 − 1}: (3, height, width) in [−1, 1]. */
    public float[] toSignedFloats() {
        float[] pixels = new float[3 * width * height];
        copySignedFloats(pixels, 0);
        return pixels;
    }

    /**
     * Writes {@link #toSignedFloats} into a larger array.
     *
     * @param target receives 3 · height · width floats
     * @param offset where the first goes
     */
    public void copySignedFloats(float[] target, int offset) {
        int plane = width * height;
        Objects.checkFromIndexSize(offset, 3 * plane, target.length);
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < plane; i++) {
                target[offset + c * plane + i] = (float) ((rgb[3 * i + c] & 0xff) / 127.5 - 1);
            }
        }
    }

    /** Width in pixels. */
    public int width() {
        return width;
    }

    /** Height in pixels. */
    public int height() {
        return height;
    }

    /**
     * One pixel as 0xRRGGBB.
     *
     * @throws IndexOutOfBoundsException if it lies outside
     */
    public int pixel(int x, int y) {
        int i = 3 * (Objects.checkIndex(y, height) * width + Objects.checkIndex(x, width));
        return (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | rgb[i + 2] & 0xff;
    }

    /** A copy of the bytes: (height, width, 3). */
    public byte[] toBytes() {
        return rgb.clone();
    }

    /**
     * The part of {@code width} × {@code height} pixels whose corner is (x, y).
     *
     * @throws IndexOutOfBoundsException if it does not lie within the picture
     */
    public RgbImage cropped(int x, int y, int width, int height) {
        Objects.checkFromIndexSize(x, width, this.width);
        Objects.checkFromIndexSize(y, height, this.height);
        byte[] part = new byte[3 * width * height];
        for (int row = 0; row < height; row++) {
            System.arraycopy(rgb, 3 * ((y + row) * this.width + x), part, 3 * row * width, 3 * width);
        }
        return new RgbImage(width, height, part);
    }

    /** The largest square in the middle; of an odd margin the smaller half is cut from the left or the top. */
    public RgbImage centreSquare() {
        int side = Math.min(width, height);
        return width == height ? this : cropped((width - side) / 2, (height - side) / 2, side, side);
    }

    /** The picture mirrored left to right. */
    public RgbImage mirrored() {
        byte[] out = new byte[rgb.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(rgb, 3 * (y * width + x), out, 3 * (y * width + width - 1 - x), 3);
            }
        }
        return new RgbImage(width, height, out);
    }

    /**
     * The picture at another size, antialiased.
     *
     * @param width pixels, ≥ 1
     * @param height pixels, ≥ 1
     * @see Resampling
     */
    public RgbImage resized(int width, int height, Resampling filter) {
        checkSize(width, height);
        byte[] rows = filter.horizontally(rgb, this.width, this.height, width);
        return new RgbImage(width, height, filter.vertically(rows, width, this.height, height));
    }

    /**
     * The picture with its shorter side {@code side} pixels long and the longer one in proportion, rounded down; as it is if
     * it has that size. CLIP's first step.
     *
     * @param side pixels, ≥ 1
     */
    public RgbImage withShorterSide(int side, Resampling filter) {
        boolean upright = width <= height;
        int longer = (int) ((double) side * Math.max(width, height) / Math.min(width, height));
        return resized(upright ? side : longer, upright ? longer : side, filter);
    }

    /**
     * {@code width} × {@code height} pixels from the middle; of an odd margin the smaller half is cut from the left or the top.
     *
     * @throws IndexOutOfBoundsException if the picture is smaller
     */
    public RgbImage centreCropped(int width, int height) {
        return cropped((this.width - width) / 2, (this.height - height) / 2, width, height);
    }

    BufferedImage toBufferedImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, pixel(x, y));
            }
        }
        return image;
    }

    static void checkSize(long width, long height) {
        if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
            throw new IllegalArgumentException(
                    "a picture has 1 to %d pixels, got %d×%d".formatted(MAX_PIXELS, width, height));
        }
    }

    /** Equal if size and every pixel are. */
    @Override
    public boolean equals(Object other) {
        return other instanceof RgbImage o && o.width == width && o.height == height && Arrays.equals(o.rgb, rgb);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "RgbImage[%d×%d]".formatted(width, height);
    }
}
