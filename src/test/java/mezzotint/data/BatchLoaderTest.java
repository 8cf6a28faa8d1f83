package mezzotint.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import mezzotint.image.RgbImage;
import mezzotint.image.UnreadableImageException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchLoaderTest {
    private static void unexpected(BadPicture bad) {
        throw new AssertionError(bad);
    }

    /** Flat pictures of grey level i, with three captions. */
    private static List<CaptionedImage> images(int count) {
        List<CaptionedImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RgbImage picture = RgbImage.filled(4, 6, 0x010101 * i);
            images.add(new CaptionedImage(
                    "p" + i,
                    () -> picture,
                    Map.of("en", List.of("picture " + i, "image " + i), "de", List.of("Bild " + i))));
        }
        return images;
    }

    private static List<Batch> take(BatchLoader loader, int count) {
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(loader.next());
        }
        return batches;
    }

    private static void assertSameBatches(List<Batch> wanted, List<Batch> got) {
        assertEquals(wanted.size(), got.size());
        for (int i = 0; i < wanted.size(); i++) {
            assertArrayEquals(wanted.get(i).pixels(), got.get(i).pixels());
            assertEquals(wanted.get(i).captions(), got.get(i).captions());
            assertEquals(wanted.get(i).ids(), got.get(i).ids());
            assertEquals(wanted.get(i).index(), got.get(i).index());
        }
    }

    @Property(tries = 100)
    void resumesAsIfItHadNeverStopped(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 9) int pictures,
            @ForAll @IntRange(min = 1, max = 12) int batchSize,
            @ForAll @IntRange(max = 6) int before,
            @ForAll @IntRange(min = 1, max = 5) int prefetch) {
        BatchOptions options = BatchOptions.of(batchSize, 2, seed).withMirror(true);
        List<Batch> whole;
        try (var loader = BatchLoader.open(images(pictures), options, BatchLoaderTest::unexpected)) {
            whole = take(loader, before + 4);
        }
        List<Batch> parts = new ArrayList<>();
        BatchLoader.State state;
        BatchOptions other = options.withPrefetch(prefetch).withCacheBytes(0);
        try (var loader = BatchLoader.open(images(pictures), other, BatchLoaderTest::unexpected)) {
            parts.addAll(take(loader, before));
            state = loader.state();
        }
        try (var loader = BatchLoader.resume(images(pictures), options, state, BatchLoaderTest::unexpected)) {
            parts.addAll(take(loader, 4));
        }
        assertSameBatches(whole, parts);
    }

    @Property(tries = 50)
    void visitsEveryPictureOnceAnEpoch(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int pictures,
            @ForAll @IntRange(min = 1, max = 7) int batchSize) {
        try (var loader =
                BatchLoader.open(images(pictures), BatchOptions.of(batchSize, 1, seed), BatchLoaderTest::unexpected)) {
            List<String> ids = new ArrayList<>();
            while (ids.size() < 3 * pictures) {
                ids.addAll(loader.next().ids());
            }
            for (int epoch = 0; epoch < 3; epoch++) {
                Set<String> seen = new HashSet<>(ids.subList(epoch * pictures, (epoch + 1) * pictures));
                assertEquals(pictures, seen.size());
            }
        }
    }

    @Test
    void pixelsAndCaptionsBelongTogether() {
        try (var loader = BatchLoader.open(images(20), BatchOptions.of(8, 3, 5), BatchLoaderTest::unexpected)) {
            for (Batch batch : take(loader, 5)) {
                assertEquals(8 * 3 * 3 * 3, batch.pixels().length);
                for (int i = 0; i < batch.size(); i++) {
                    String number = batch.ids().get(i).substring(1);
                    assertTrue(batch.captions().get(i).endsWith(" " + number));
                    float level = Integer.parseInt(number) / 127.5f - 1;
                    assertEquals(level, batch.pixels()[i * 27], 1e-6f); // one float rounding
                    assertEquals(level, batch.pixels()[i * 27 + 26], 1e-6f);
                }
            }
        }
    }

    @Test
    void drawsEveryCaptionOfTheWantedLanguages() {
        assertEquals(Set.of("picture 0", "image 0", "Bild 0"), captionsSeen(List.of()));
        assertEquals(Set.of("Bild 0"), captionsSeen(List.of("de", "fr")));
        assertEquals(Set.of("picture 0", "image 0"), captionsSeen(List.of("en")));
    }

    private static Set<String> captionsSeen(List<String> languages) {
        BatchOptions options = BatchOptions.of(64, 1, 1).withLanguages(languages);
        try (var loader = BatchLoader.open(images(1), options, BatchLoaderTest::unexpected)) {
            return Set.copyOf(new HashSet<>(loader.next().captions()));
        }
    }

    @Test
    void mirrorsHalfOfThePicturesAndNothingElse() {
        RgbImage picture = RgbImage.of(2, 2, new byte[] {9, 9, 9, 5, 5, 5, 9, 9, 9, 5, 5, 5});
        var images = List.of(new CaptionedImage("x", () -> picture, Map.of("en", List.of("a", "b"))));
        try (var plain = BatchLoader.open(images, BatchOptions.of(400, 2, 1), BatchLoaderTest::unexpected);
                var mirrored = BatchLoader.open(
                        images, BatchOptions.of(400, 2, 1).withMirror(true), BatchLoaderTest::unexpected)) {
            Batch batch = mirrored.next();
            assertEquals(plain.next().captions(), batch.captions());
            int count = 0;
            for (int i = 0; i < 400; i++) {
                count += batch.pixels()[12 * i] < batch.pixels()[12 * i + 1] ? 1 : 0;
            }
            assertEquals(200, count, 40); // four standard deviations of 10; the seed is fixed
        }
    }

    @Test
    void skipsBadPicturesAndReportsEachOnce() {
        List<CaptionedImage> images = new ArrayList<>(images(6));
        for (int i : new int[] {1, 4}) {
            images.set(i, broken("p" + i));
        }
        List<BadPicture> reported = new ArrayList<>();
        BatchOptions options = BatchOptions.of(4, 1, 3).withOnBadPicture(OnBadPicture.SKIP_AND_REPORT);
        try (var loader = BatchLoader.open(images, options, reported::add)) {
            Set<String> seen = new HashSet<>();
            take(loader, 10).forEach(batch -> seen.addAll(batch.ids()));
            assertEquals(Set.of("p0", "p2", "p3", "p5"), seen);
            assertEquals(2, loader.skipped());
        }
        assertEquals(
                Set.of("p1", "p4"),
                Set.copyOf(reported.stream().map(BadPicture::id).toList()));
        assertEquals(2, reported.size());
        assertTrue(reported.getFirst().reason().contains("an empty file"));
    }

    @Test
    void resumesOverBadPictures() {
        List<CaptionedImage> images = new ArrayList<>(images(7));
        images.set(2, broken("p2"));
        BatchOptions options = BatchOptions.of(3, 1, 8).withOnBadPicture(OnBadPicture.SKIP_AND_REPORT);
        try (var loader = BatchLoader.open(images, options, bad -> {})) {
            take(loader, 4);
            var state = loader.state();
            List<Batch> wanted = take(loader, 6);
            try (var resumed = BatchLoader.resume(images, options, state, bad -> {})) {
                assertSameBatches(wanted, take(resumed, 6));
            }
        }
    }

    @Test
    void failsInNextAndGoesOnFailing() {
        List<CaptionedImage> images = new ArrayList<>(images(3));
        images.set(0, broken("p0"));
        try (var loader = BatchLoader.open(images, BatchOptions.of(3, 1, 3), BatchLoaderTest::unexpected)) {
            var first = assertThrows(UnreadableImageException.class, loader::next);
            assertSame(first, assertThrows(UnreadableImageException.class, loader::next));
            assertEquals(0, loader.state().batches());
        }
    }

    @Test
    void failsWhenNoPictureIsLeft() {
        BatchOptions options = BatchOptions.of(3, 1, 3).withOnBadPicture(OnBadPicture.SKIP_AND_REPORT);
        try (var loader = BatchLoader.open(List.of(broken("a"), broken("b")), options, bad -> {})) {
            var e = assertThrows(UnreadableImageException.class, loader::next);
            assertTrue(e.getMessage().contains("all 2 pictures"), e.getMessage());
        }
    }

    @Test
    void carriesAnyFailureOfTheThread() {
        var images = List.of(new CaptionedImage(
                "x",
                () -> {
                    throw new StackOverflowError("deep");
                },
                Map.of("en", List.of("x"))));
        try (var loader = BatchLoader.open(images, BatchOptions.of(1, 1, 1), BatchLoaderTest::unexpected)) {
            assertThrows(StackOverflowError.class, loader::next);
        }
    }

    @Test
    void closesWhileTheQueueIsFull() {
        AtomicInteger loads = new AtomicInteger();
        RgbImage picture = RgbImage.filled(1, 1, 0);
        var images = List.of(new CaptionedImage(
                "x",
                () -> {
                    loads.incrementAndGet();
                    return picture;
                },
                Map.of("en", List.of("x"))));
        for (int round = 0; round < 50; round++) {
            var loader = BatchLoader.open(
                    images, BatchOptions.of(1, 1, 1).withPrefetch(1).withCacheBytes(0), BatchLoaderTest::unexpected);
            if (round % 2 == 0) {
                loader.next();
            }
            loader.close();
            loader.close();
            int after = loads.get();
            assertThrows(IllegalStateException.class, loader::next);
            assertEquals(after, loads.get());
        }
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("mezzotint-batches")));
    }

    @Test
    void decodesEachPictureOnceIfTheyFitIntoTheCache() {
        AtomicInteger loads = new AtomicInteger();
        var images = List.of(new CaptionedImage(
                "x",
                () -> {
                    loads.incrementAndGet();
                    return RgbImage.filled(1, 1, 0);
                },
                Map.of("en", List.of("x"))));
        try (var loader =
                BatchLoader.open(images, BatchOptions.of(4, 1, 1).withCacheBytes(3), BatchLoaderTest::unexpected)) {
            take(loader, 3);
        }
        assertEquals(1, loads.get());
    }

    @Test
    void refusesOtherData() {
        var state = new BatchLoader.State(1, 5, 0, 0, 0);
        assertThrows(
                IllegalArgumentException.class,
                () -> BatchLoader.resume(images(6), BatchOptions.of(1, 1, 1), state, BatchLoaderTest::unexpected));
        assertThrows(
                IllegalArgumentException.class,
                () -> BatchLoader.resume(images(5), BatchOptions.of(1, 1, 2), state, BatchLoaderTest::unexpected));
        assertThrows(
                IllegalArgumentException.class,
                () -> BatchLoader.open(List.of(), BatchOptions.of(1, 1, 2), BatchLoaderTest::unexpected));
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> BatchLoader.open(
                        images(5), BatchOptions.of(1, 1, 2).withLanguages(List.of("fr")), BatchLoaderTest::unexpected));
        assertEquals("picture p0 has captions in [de, en], none in the wanted [fr]", e.getMessage());
    }

    @Test
    void otherSeedsGiveOtherBatches() {
        try (var one = BatchLoader.open(images(50), BatchOptions.of(50, 1, 1), BatchLoaderTest::unexpected);
                var two = BatchLoader.open(images(50), BatchOptions.of(50, 1, 2), BatchLoaderTest::unexpected)) {
            assertNotEquals(one.next().ids(), two.next().ids());
        }
    }

    private static CaptionedImage broken(String id) {
        return new CaptionedImage(id, () -> RgbImage.decode(new byte[0], id), Map.of("en", List.of("broken")));
    }
}
