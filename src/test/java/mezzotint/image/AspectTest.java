package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Sizes of one area and several shapes; the recorded look-ups are a case of their own. */
class AspectTest {
    @Test
    void bucketsAreThoseWrittenDownForUpstream() {
        assertEquals(
                List.of("160×352", "192×320", "224×288", "256×256", "288×224", "320×192", "352×160"),
                AspectBuckets.of(256, 32).sizes().stream().map(ImageSize::toString).toList());
        assertEquals(
                List.of(13, 7, 27, 13, 53, 27),
                List.of(
                        AspectBuckets.of(256, 16).sizes().size(),
                        AspectBuckets.of(256, 32).sizes().size(),
                        AspectBuckets.of(512, 16).sizes().size(),
                        AspectBuckets.of(512, 32).sizes().size(),
                        AspectBuckets.of(1024, 16).sizes().size(),
                        AspectBuckets.of(1024, 32).sizes().size()));
    }

    @Property(tries = 300)
    void bucketsAreWholePatchesOfAboutTheArea(
            @ForAll @IntRange(min = 4, max = 64) int patches, @ForAll @IntRange(min = 1, max = 4) int sixteens) {
        int patch = 16 * sixteens;
        int base = patches * patch;
        for (ImageSize size : AspectBuckets.of(base, patch).sizes()) {
            assertEquals(0, size.height() % patch);
            assertEquals(0, size.width() % patch);
            int cells = size.height() / patch * (size.width() / patch);
            int narrow = Math.min(size.height(), size.width()) / patch;
            assertTrue(cells <= patches * patches && cells > patches * patches - 2 * patches, size + " of " + base);
            assertTrue(narrow >= 0.7 * patches - 1, size + " of " + base);
        }
    }

    @Property(tries = 300)
    void aCropHasTheShapeOfABucketAndLiesWithinThePicture(
            @ForAll @IntRange(min = 32, max = 4000) int height, @ForAll @IntRange(min = 32, max = 4000) int width) {
        AspectBuckets buckets = AspectBuckets.of(512, 32);
        ImageSize picture = new ImageSize(height, width);
        ImageSize crop = buckets.centreCrop(picture);
        assertTrue(crop.height() == height && crop.width() <= width || crop.width() == width && crop.height() <= height);
        double nearest = buckets.nearest(crop).aspect();
        assertEquals(nearest, crop.aspect(), crop.aspect() / Math.min(crop.height(), crop.width())); // half a pixel
    }

    @Test
    void binsExistForTheThreePublishedSizes() {
        assertEquals(Optional.empty(), AspectBins.ofBase(768));
        assertEquals(
                new ImageSize(192, 320), AspectBins.ofBase(256).orElseThrow().nearest(new ImageSize(720, 1280)));
        // 1/0.49 and 1/0.52 are as near as can be told: the first counts
        assertEquals(
                new ImageSize(704, 1440), AspectBins.ofBase(1024).orElseThrow().nearest(new ImageSize(1, 9999)));
    }

    @Test
    void noPictureWithoutPixels() {
        assertThrows(IllegalArgumentException.class, () -> new ImageSize(0, 4));
        assertThrows(IllegalArgumentException.class, () -> new AspectBuckets(List.of()));
    }
}
