package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ResampleTapsTest {
    @Property(tries = 300)
    void weightsAddUpToOneAndStayInside(
            @ForAll Interpolation interpolation,
            @ForAll @IntRange(min = 1, max = 60) int from,
            @ForAll @IntRange(min = 1, max = 60) int to) {
        ResampleTaps taps = ResampleTaps.toSize(interpolation, from, to);
        assertEquals(from, taps.sourceSize());
        assertEquals(to, taps.size());
        for (int i = 0; i < to; i++) {
            assertTrue(taps.start(i) >= 0 && taps.start(i) + taps.taps() <= from, taps.start(i) + "+" + taps.taps());
            double sum = 0;
            for (int k = 0; k < taps.taps(); k++) {
                sum += taps.weight(i, k);
            }
            assertEquals(1, sum, 1e-6); // a few float32 weights of magnitude 1
        }
    }

    @Property(tries = 100)
    void theSameSizeChangesNothing(@ForAll Interpolation interpolation, @ForAll @IntRange(min = 1, max = 30) int size) {
        float[] values = values(size * 2, size);
        PlanarImage image = new PlanarImage(1, size, 2, values);
        assertArrayEquals(values, image.resized(size, 2, interpolation).values());
    }

    /** What is linear stays linear between two samples; wider filters bend it a little. */
    @Property(tries = 100)
    void aRampStaysARamp(@ForAll @IntRange(min = 2, max = 60) int from, @ForAll @IntRange(min = 2, max = 90) int to) {
        for (Interpolation interpolation :
                new Interpolation[] {Interpolation.BILINEAR, Interpolation.BILINEAR_TENSORFLOW1}) {
            ResampleTaps taps = ResampleTaps.toSize(interpolation, from, to);
            double scale = (double) from / to;
            double offset = interpolation == Interpolation.BILINEAR ? 0.5 : 0;
            for (int i = 0; i < to; i++) {
                double at = 0;
                for (int k = 0; k < taps.taps(); k++) {
                    at += taps.weight(i, k) * (taps.start(i) + k);
                }
                double expected = Math.clamp((i + offset) * scale - offset, 0, from - 1);
                assertEquals(expected, at, 1e-4); // coordinates up to 60 in float32, 60 · 2⁻²³ · a few
            }
        }
    }

    /** Half-pixel centres know no left and right. */
    @Property(tries = 100)
    void commutesWithMirroring(
            @ForAll @IntRange(min = 1, max = 30) int from, @ForAll @IntRange(min = 1, max = 30) int to) {
        for (Interpolation interpolation : new Interpolation[] {
            Interpolation.BILINEAR,
            Interpolation.BICUBIC,
            Interpolation.BILINEAR_ANTIALIASED,
            Interpolation.BICUBIC_ANTIALIASED
        }) {
            float[] x = values(from, from);
            float[] y = along(x, interpolation, to);
            float[] z = mirrored(along(mirrored(x), interpolation, to));
            for (int i = 0; i < to; i++) {
                assertEquals(y[i], z[i], 1e-4); // coordinates up to 30 in float32, times a slope up to 1
            }
        }
    }

    private static float[] along(float[] x, Interpolation interpolation, int to) {
        return new PlanarImage(1, 1, x.length, x).resized(1, to, interpolation).values();
    }

    private static float[] mirrored(float[] x) {
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[x.length - 1 - i];
        }
        return y;
    }

    @Property(tries = 100)
    void aRangeIsACropOfTheWhole(
            @ForAll Interpolation interpolation,
            @ForAll @IntRange(min = 1, max = 30) int from,
            @ForAll @IntRange(min = 1, max = 30) int to,
            @ForAll long seed) {
        Random random = new Random(seed);
        int first = random.nextInt(to);
        int count = 1 + random.nextInt(to - first);
        PlanarImage image = new PlanarImage(2, 1, from, values(2 * from, seed));
        ResampleTaps rows = ResampleTaps.toSize(interpolation, 1, 1);
        ResampleTaps taps = ResampleTaps.toSize(interpolation, from, to);
        PlanarImage whole = image.resized(rows, taps);
        PlanarImage part = image.resized(rows, taps.range(first, count));
        for (int plane = 0; plane < 2; plane++) {
            for (int j = 0; j < count; j++) {
                assertEquals(whole.values()[plane * to + first + j], part.values()[plane * count + j]);
            }
        }
    }

    /** Both axes at once, against the two-dimensional sum. */
    @Property(tries = 100)
    void isTheSumOverAWindow(@ForAll Interpolation interpolation, @ForAll long seed) {
        Random random = new Random(seed);
        int height = 1 + random.nextInt(12);
        int width = 1 + random.nextInt(12);
        ResampleTaps rows = ResampleTaps.toSize(interpolation, height, 1 + random.nextInt(12));
        ResampleTaps columns = ResampleTaps.toSize(interpolation, width, 1 + random.nextInt(12));
        float[] x = values(height * width, seed);
        float[] y = new PlanarImage(1, height, width, x).resized(rows, columns).values();
        for (int i = 0; i < rows.size(); i++) {
            for (int j = 0; j < columns.size(); j++) {
                double sum = 0;
                for (int u = 0; u < rows.taps(); u++) {
                    for (int v = 0; v < columns.taps(); v++) {
                        sum += (double) rows.weight(i, u)
                                * columns.weight(j, v)
                                * x[(rows.start(i) + u) * width + columns.start(j) + v];
                    }
                }
                assertEquals(sum, y[i * columns.size() + j], 1e-5); // float32 sums of values up to 1
            }
        }
    }

    @Test
    void aFactorKeepsItsOwnScale() {
        assertEquals(8, ResampleTaps.byFactor(Interpolation.NEAREST, 20, 0.4375).size());
        // sample floor(7 · 1/0.4375) = 16, where 20/8 would say 17
        assertEquals(
                16, ResampleTaps.byFactor(Interpolation.NEAREST, 20, 0.4375).start(7));
        assertEquals(17, ResampleTaps.toSize(Interpolation.NEAREST, 20, 8).start(7));
    }

    @Test
    void cropsFromTheMiddleAfterCovering() {
        float[] columns = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
        PlanarImage cropped = new PlanarImage(1, 2, 8, columns).resizedAndCropped(2, 3);
        assertArrayEquals(new float[] {2, 3, 4, 2, 3, 4}, cropped.values()); // (8 − 3) / 2 = 2 cut from the left
    }

    @Test
    void refusesWhatCannotBe() {
        assertMessage(
                "resizing goes from at least 1 sample to at least 1, got 3 and 0",
                () -> ResampleTaps.toSize(Interpolation.BICUBIC, 3, 0));
        assertMessage(
                "resizing 3 samples by the factor 0.2 leaves 0.0 of them, expected at least 1",
                () -> ResampleTaps.byFactor(Interpolation.BICUBIC, 3, 0.2));
        assertMessage("2 planes of 4×3 have 24 values, got 23", () -> new PlanarImage(2, 3, 4, new float[23]));
        ResampleTaps taps = ResampleTaps.toSize(Interpolation.BILINEAR, 5, 5);
        assertMessage(
                "the taps resize pictures of 5×5, this one is 4×3; make them for it",
                () -> new PlanarImage(1, 3, 4, new float[12]).resized(taps, taps));
    }

    @Test
    void normalisesChannelByChannel() {
        PlanarImage image = new PlanarImage(3, 1, 2, new float[] {0, 1, 0.25f, 0.5f, 0.75f, 1});
        assertArrayEquals(
                new float[] {-1, 1, -0.5f, 0, 0.5f, 1},
                ImageNormalization.SIGNED.apply(image).values());
        assertArrayEquals(image.values(), ImageNormalization.NONE.apply(image).values());
        assertEquals(-1, ImageNormalization.FID.apply(image).values()[0], 1e-6); // (0 − 128) / 128, in float32
        assertMessage(
                "planes come in threes, red, green and blue; got 2",
                () -> ImageNormalization.CLIP.apply(new PlanarImage(2, 1, 1, new float[2])));
    }

    /** A picture twice as wide as high: cut to the middle, or squeezed. */
    @Test
    void preparesPicturesByTheirConvention() {
        byte[] rgb = new byte[3 * 8 * 4];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3 % 8 < 4 ? 0 : 255); // left half black, right half white
        }
        RgbImage picture = RgbImage.of(8, 4, rgb);
        for (PicturePreparation preparation : PicturePreparation.values()) {
            float[] y = preparation.apply(picture, 4, ImageNormalization.SIGNED).values();
            assertEquals(3 * 4 * 4, y.length);
            assertTrue(y[0] < -0.8 && y[3] > 0.8, preparation + ": " + y[0] + " to " + y[3]);
        }
        float[] crop = PicturePreparation.SHORTER_SIDE_THEN_CROP
                .apply(picture, 4, ImageNormalization.NONE)
                .values();
        assertArrayEquals(new float[] {0, 0, 1, 1}, java.util.Arrays.copyOf(crop, 4));
    }

    private static float[] values(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    private static void assertMessage(String message, org.junit.jupiter.api.function.Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }
}
