package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RgbImageTest {
    @Property
    void signedFloatsComeBackToTheSameBytes(@ForAll @Size(3 * 2 * 4) byte[] rgb) {
        RgbImage image = RgbImage.of(2, 4, rgb);
        assertEquals(image, RgbImage.fromSignedFloats(image.toSignedFloats(), 2, 4));
    }

    @Test
    void floatsAreChannelFirst() {
        RgbImage image = RgbImage.of(2, 1, new byte[] {0, (byte) 255, 51, (byte) 255, 0, (byte) 204});
        assertArrayEquals(new float[] {-1, 1, 1, -1, -0.6f, 0.6f}, image.toSignedFloats(), 1e-6f); // float rounding
    }

    @Property
    void halvesRoundUp(@ForAll @IntRange(min = 0, max = 254) int level) {
        // (v + 1) · 127.5 = level + ½ is exact in float for no level but 127, so look a little to both sides
        float half = (float) ((level + 0.5) / 127.5 - 1);
        assertEquals(level + 1, red(half + 1e-5f));
        assertEquals(level, red(half - 1e-5f));
    }

    @Test
    void zeroIsTheUpperOfTheTwoMiddleLevels() {
        assertEquals(128, red(0f));
    }

    @Test
    void clampsWhatLiesOutside() {
        assertEquals(255, red(3f));
        assertEquals(0, red(-1.01f));
        assertEquals(255, red(Float.POSITIVE_INFINITY));
    }

    @Test
    void refusesNaN() {
        assertEquals("pixel (0, 0) of channel 0 is NaN: the model has diverged",
                assertThrows(IllegalArgumentException.class, () -> red(Float.NaN)).getMessage());
    }

    @Test
    void cropsAndMirrorsAndSquares() {
        RgbImage image = RgbImage.of(3, 2, bytes(1, 2, 3, 4, 5, 6));
        assertEquals(RgbImage.of(2, 1, bytes(5, 6)), image.cropped(1, 1, 2, 1));
        assertEquals(RgbImage.of(3, 2, bytes(3, 2, 1, 6, 5, 4)), image.mirrored());
        assertEquals(RgbImage.of(2, 2, bytes(1, 2, 4, 5)), image.centreSquare());
        assertThrows(IndexOutOfBoundsException.class, () -> image.cropped(2, 0, 2, 1));
    }

    @Test
    void refusesSizesThatDoNotAgree() {
        assertThrows(IllegalArgumentException.class, () -> RgbImage.of(2, 2, new byte[11]));
        assertThrows(IllegalArgumentException.class, () -> RgbImage.of(0, 2, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> RgbImage.fromSignedFloats(new float[11], 2, 2));
        assertThrows(IllegalArgumentException.class, () -> RgbImage.filled(1 << 14, 1 << 14, 0));
    }

    @Test
    void doesNotShareItsBytes() {
        byte[] mine = bytes(7);
        RgbImage image = RgbImage.of(1, 1, mine);
        mine[0] = 0;
        image.toBytes()[1] = 0;
        assertEquals(0x070707, image.pixel(0, 0));
    }

    private static int red(float v) {
        return RgbImage.fromSignedFloats(new float[] {v, 0, 0}, 1, 1).pixel(0, 0) >> 16;
    }

    /** Grey pixels. */
    private static byte[] bytes(int... levels) {
        byte[] rgb = new byte[3 * levels.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) levels[i / 3];
        }
        return rgb;
    }
}
