package mezzotint.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** PNG files that carry the parameters that made them (prompt, seed, steps, …), each in an iTXt chunk (UTF-8). */
public final class PngFile {
    private static final String FORMAT = "javax_imageio_png_1.0";

    private PngFile() {}

    /**
     * Writes a picture whole or not at all: beside, synced, then renamed over {@code file}.
     *
     * @param parameters names (1–79 printable ASCII characters, no space at either end) and values (any Unicode text
     *     without NUL)
     * @throws IllegalArgumentException if a name or value cannot be written
     * @throws UncheckedIOException if the file cannot
     */
    public static void write(Path file, RgbImage image, Map<String, String> parameters) {
        byte[] bytes = encode(image, parameters);
        try {
            WholeFile.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write picture %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * A PNG file's bytes.
     *
     * @param parameters as for {@link #write}
     * @throws IllegalArgumentException if a name or value cannot be written
     */
    public static byte[] encode(RgbImage image, Map<String, String> parameters) {
        parameters.forEach(PngFile::check);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(stream);
            var pixels = image.toBufferedImage();
            IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(pixels), null);
            if (!parameters.isEmpty()) {
                metadata.mergeTree(FORMAT, tree(parameters));
            }
            writer.write(new IIOImage(pixels, null, metadata));
        } catch (IIOInvalidTreeException e) {
            throw new IllegalArgumentException("the PNG writer refuses the parameters: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /**
     * Reads the textual parameters of a PNG file (tEXt, zTXt and iTXt chunks).
     *
     * @return names and values; empty if the file has none
     * @throws UnreadableImageException if the file is missing or not a PNG
     */
    public static SequencedMap<String, String> readParameters(Path file) {
        return parameters(ImageDecoder.bytesOf(file), file.toString());
    }

    static SequencedMap<String, String> parameters(byte[] png, String name) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (var stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
            reader.setInput(stream, true, false);
            Element root = (Element) reader.getImageMetadata(0).getAsTree(FORMAT);
            SequencedMap<String, String> found = new LinkedHashMap<>();
            collect(root, "tEXtEntry", "value", found);
            collect(root, "zTXtEntry", "text", found);
            collect(root, "iTXtEntry", "text", found);
            return found;
        } catch (IOException | RuntimeException e) {
            throw new UnreadableImageException(name, "expected a PNG with parameters; " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    private static void collect(Element root, String tag, String attribute, Map<String, String> into) {
        NodeList entries = root.getElementsByTagName(tag);
        for (int i = 0; i < entries.getLength(); i++) {
            Element entry = (Element) entries.item(i);
            into.put(entry.getAttribute("keyword"), entry.getAttribute(attribute));
        }
    }

    private static IIOMetadataNode tree(Map<String, String> parameters) {
        IIOMetadataNode list = new IIOMetadataNode("iTXt");
        parameters.forEach((name, value) -> {
            IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
            entry.setAttribute("keyword", name);
            entry.setAttribute("compressionFlag", "FALSE");
            entry.setAttribute("compressionMethod", "0");
            entry.setAttribute("languageTag", "");
            entry.setAttribute("translatedKeyword", "");
            entry.setAttribute("text", value);
            list.appendChild(entry);
        });
        IIOMetadataNode root = new IIOMetadataNode(FORMAT);
        root.appendChild(list);
        return root;
    }

    private static void check(String name, String value) {
        boolean printable = name.chars().allMatch(c -> c >= 32 && c < 127);
        if (name.isEmpty() || name.length() > 79 || !printable || !name.equals(name.strip()) || name.contains("  ")) {
            throw new IllegalArgumentException(
                    "a PNG parameter's name is 1–79 printable ASCII characters with single inner spaces, got \"%s\""
                            .formatted(name));
        }
        if (value.indexOf(0) >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new IllegalArgumentException(
                    "PNG parameter %s holds a NUL or half a surrogate pair, which UTF-8 text cannot".formatted(name));
        }
    }
}
