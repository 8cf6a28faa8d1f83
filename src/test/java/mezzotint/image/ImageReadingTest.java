package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files were written by Pillow 12.3. */
class ImageReadingTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"colours.bmp", "colours.gif", "colours.webp", "by-pillow.png"})
    void readsColoursAndOnlyTheFirstFrame(String name) {
        RgbImage image = load(name);
        assertEquals("4×3", image.width() + "×" + image.height());
        int[] row = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 4; x++) {
                assertEquals(row[x], image.pixel(x, y), name);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"grey.png", "grey16.png"})
    void keepsGreyLevelsAsTheyAre(String name) {
        RgbImage image = load(name);
        assertEquals(0x808080, image.pixel(2, 0));
        assertEquals(0x0a0a0a, image.pixel(0, 1));
        assertEquals(0xc8c8c8, image.pixel(0, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"alpha.png", "alpha.webp"})
    void laysTransparencyOnWhite(String name) {
        // alpha 64: red stays 255, the others are 255 · 191 / 255 = 191
        assertEquals(0xffbfbf, load(name).pixel(0, 0));
        assertEquals(0xbfffbf, load(name).pixel(1, 0));
    }

    @Test
    void laysTransparentGreyAndPaletteOnWhite() {
        // (128 · 128 + 255 · 127) / 255 = 191.25
        assertEquals(0xbfbfbf, load("grey-alpha.png").pixel(2, 0));
        assertEquals(0xffffff, load("palette.png").pixel(0, 0));
        assertEquals(0x00ff00, load("palette.png").pixel(1, 0));
    }

    @ParameterizedTest
    @CsvSource({"flat.jpg, c81f5a", "flat.webp, c71e59"})
    void readsLossyPictures(String name, String pillow) {
        int wanted = Integer.parseInt(pillow, 16);
        int got = load(name).pixel(8, 8);
        for (int shift = 0; shift < 24; shift += 8) {
            // decoders may differ by a rounding in the colour transform
            assertEquals(wanted >> shift & 0xff, got >> shift & 0xff, 2);
        }
    }

    @Test
    void namesTheFileAndWhatWasFound() throws Exception {
        Path text = Files.writeString(folder.resolve("cat.png"), "<html>not found</html>");
        var e = assertThrows(UnreadableImageException.class, () -> RgbImage.read(text));
        assertEquals(
                "cannot read picture %s: expected PNG, JPEG, BMP, GIF or WebP, found 22 bytes of text starting \"<html>not found<\""
                        .formatted(text),
                e.getMessage());
        assertEquals(text.toString(), e.name());
    }

    @Test
    void refusesWhatIsNoPicture() throws Exception {
        Path missing = folder.resolve("missing.png");
        assertMessage(missing, "there is no such file");
        assertMessage(folder, "it is a folder");
        assertMessage(Files.createFile(folder.resolve("empty.png")), "an empty file");
        assertMessage(Files.write(folder.resolve("bytes.jpg"), new byte[] {1, 2, 3}), "3 bytes starting 01 02 03");
    }

    @Test
    void refusesEveryCutPng() throws Exception {
        byte[] whole = bytes("alpha.png");
        // without its last 12 bytes (IEND) a PNG still has all its pixels
        for (int length = 0; length < whole.length - 30; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(UnreadableImageException.class, () -> RgbImage.decode(cut, "cut.png"), "cut at " + length);
        }
    }

    @Test
    void refusesAPictureTooLargeForMemory() throws Exception {
        byte[] bomb = bytes("grey.png");
        bomb[16] = 0x7f; // width in IHDR
        bomb[20] = 0x7f; // height
        assertThrows(UnreadableImageException.class, () -> RgbImage.decode(bomb, "bomb.png"));
    }

    @Test
    void decodesOrRefusesCmyk() throws Exception {
        try {
            assertEquals(16, load("cmyk.jpg").width());
        } catch (UnreadableImageException e) {
            assertTrue(e.getMessage().contains("cmyk.jpg"));
        }
    }

    private void assertMessage(Path file, String part) {
        String message = assertThrows(UnreadableImageException.class, () -> RgbImage.read(file))
                .getMessage();
        assertTrue(message.contains(part) && message.contains(file.toString()), message);
    }

    private static RgbImage load(String name) {
        return RgbImage.decode(bytes(name), name);
    }

    static byte[] bytes(String name) {
        try (var stream = ImageReadingTest.class.getResourceAsStream(name)) {
            assertNotNull(stream, name);
            return stream.readAllBytes();
        } catch (java.io.IOException e) {
            throw new AssertionError(name, e);
        }
    }
}
