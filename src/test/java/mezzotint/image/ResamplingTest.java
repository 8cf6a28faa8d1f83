package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResamplingTest {
    // lines "FILTER width height hex": what Pillow 12.3 makes of the picture below
    static List<String> pillow() throws Exception {
        var stream = ResamplingTest.class.getResourceAsStream("pillow-resize.txt");
        assertNotNull(stream);
        try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
            return reader.lines().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pillow")
    void agreesWithPillowToTheBit(String line) {
        String[] words = line.split(" ");
        byte[] rgb = new byte[3 * 7 * 5];
        for (int i = 0; i < rgb.length; i++) {
            int c = i % 3;
            int x = i / 3 % 7;
            int y = i / 21;
            rgb[i] = (byte) (37 * x + 91 * y + 53 * c + 13 * x * y);
        }
        RgbImage resized = RgbImage.of(7, 5, rgb)
                .resized(Integer.parseInt(words[1]), Integer.parseInt(words[2]), Resampling.valueOf(words[0]));
        assertEquals(words[3], HexFormat.of().formatHex(resized.toBytes()));
    }

    @Property(tries = 200)
    void keepsAFlatPictureFlat(
            @ForAll @IntRange(min = 1, max = 40) int from,
            @ForAll @IntRange(min = 1, max = 40) int to,
            @ForAll @IntRange(max = 0xffffff) int colour,
            @ForAll Resampling filter) {
        assertEquals(RgbImage.filled(to, 2, colour), RgbImage.filled(from, 3, colour).resized(to, 2, filter));
    }

    @Property(tries = 200)
    void commutesWithMirroring(
            @ForAll @IntRange(min = 1, max = 20) int to, @ForAll long seed, @ForAll Resampling filter) {
        if (filter == Resampling.BOX) {
            return; // its half-open window belongs to one side
        }
        byte[] rgb = new byte[3 * 16];
        new java.util.Random(seed).nextBytes(rgb);
        RgbImage image = RgbImage.of(16, 1, rgb);
        RgbImage one = image.mirrored().resized(to, 1, filter);
        RgbImage other = image.resized(to, 1, filter).mirrored();
        for (int x = 0; x < to; x++) {
            int difference = Math.abs((one.pixel(x, 0) & 0xff) - (other.pixel(x, 0) & 0xff));
            assertEquals(0, difference, 1); // the fixed-point sum rounds halves up, whichever side they come from
        }
    }
}
