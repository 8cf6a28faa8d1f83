package mezzotint.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Turns picture files into {@link RgbImage}. */
final class ImageDecoder {
    private ImageDecoder() {}

    static RgbImage read(Path file) {
        return decode(bytesOf(file), file.toString());
    }

    /** The file's bytes, or an {@link UnreadableImageException} that says why not. */
    static byte[] bytesOf(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UnreadableImageException(file.toString(), "there is no such file", e);
        } catch (IOException e) {
            String found = Files.isDirectory(file) ? "it is a folder" : String.valueOf(e.getMessage());
            throw new UnreadableImageException(file.toString(), found, e);
        }
    }

    static RgbImage decode(byte[] bytes, String name) {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new UnreadableImageException(
                        name, "expected PNG, JPEG, BMP, GIF or WebP, found " + describe(bytes));
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                RgbImage.checkSize(reader.getWidth(0), reader.getHeight(0));
                return onWhite(reader.read(0));
            } finally {
                reader.dispose();
            }
        } catch (UnreadableImageException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // decoders throw what they please on damaged files
            String word = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new UnreadableImageException(
                    name, "%s, which its decoder refuses (%s)".formatted(describe(bytes), word), e);
        }
    }

    /** The pixels of an opaque sRGB image. */
    static RgbImage fromOpaque(BufferedImage image) {
        return colourOnWhite(image);
    }

    private static RgbImage onWhite(BufferedImage image) {
        boolean grey = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
        return grey ? greyOnWhite(image) : colourOnWhite(image);
    }

    private static RgbImage colourOnWhite(BufferedImage image) {
        int width = image.getWidth();
        int[] row = new int[width];
        byte[] rgb = new byte[3 * width * image.getHeight()];
        for (int y = 0, i = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int argb : row) {
                int alpha = argb >>> 24;
                rgb[i++] = (byte) overWhite(argb >> 16 & 0xff, alpha);
                rgb[i++] = (byte) overWhite(argb >> 8 & 0xff, alpha);
                rgb[i++] = (byte) overWhite(argb & 0xff, alpha);
            }
        }
        return new RgbImage(width, image.getHeight(), rgb);
    }

    // getRGB would take grey samples for linear light and brighten them
    private static RgbImage greyOnWhite(BufferedImage image) {
        Raster raster = image.getRaster();
        ColorModel model = image.getColorModel();
        int width = image.getWidth();
        byte[] rgb = new byte[3 * width * image.getHeight()];
        for (int y = 0, i = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < width; x++) {
                int grey = eightBits(raster.getSample(x, y, 0), model.getComponentSize(0));
                int alpha = model.hasAlpha() ? eightBits(raster.getSample(x, y, 1), model.getComponentSize(1)) : 255;
                byte value = (byte) overWhite(grey, alpha);
                rgb[i++] = value;
                rgb[i++] = value;
                rgb[i++] = value;
            }
        }
        return new RgbImage(width, image.getHeight(), rgb);
    }

    private static int eightBits(int sample, int bits) {
        int max = (1 << bits) - 1;
        return (sample * 255 + max / 2) / max;
    }

    private static int overWhite(int colour, int alpha) {
        return (colour * alpha + 255 * (255 - alpha) + 127) / 255;
    }

    private static String describe(byte[] bytes) {
        if (bytes.length == 0) {
            return "an empty file";
        }
        String start = new String(bytes, 0, Math.min(bytes.length, 16), StandardCharsets.ISO_8859_1);
        if (start.chars().allMatch(c -> c >= 32 && c < 127 || c == '\n' || c == '\r' || c == '\t')) {
            return "%d bytes of text starting \"%s\"".formatted(bytes.length, start.strip());
        }
        String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, 0, Math.min(bytes.length, 8));
        return "%d bytes starting %s".formatted(bytes.length, hex);
    }
}
