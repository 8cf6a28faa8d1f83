package mezzotint.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import mezzotint.data.DatasetException;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import mezzotint.image.UnreadableImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSetEvaluatorTest {
    @TempDir
    Path folder;

    /** Sees the first pixel, and counts what it has looked at. */
    private record FirstPixel(String conventions, AtomicInteger looked) implements FeatureExtractor {
        FirstPixel(String conventions) {
            this(conventions, new AtomicInteger());
        }

        @Override
        public int width() {
            return 1;
        }

        @Override
        public Features features(List<RgbImage> pictures) {
            looked.addAndGet(pictures.size());
            float[] values = new float[pictures.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = pictures.get(i).pixel(0, 0) & 0xff;
            }
            return new Features(values.length, 1, values);
        }
    }

    private static List<ScoredPicture> pictures(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ScoredPicture.of("p" + i, RgbImage.filled(2, 2, i)))
                .toList();
    }

    private ImageSetEvaluator evaluator(FeatureExtractor extractor) {
        return new ImageSetEvaluator(
                extractor, PixelColours.RIGHT, Optional.of(new FeatureCache(folder.resolve("kept"))));
    }

    private float[] look(ImageSetEvaluator evaluator, List<ScoredPicture> set) {
        return evaluator.features(set, _ -> {}).values();
    }

    @Test
    void looksAtEachPictureOnceAndKeepsTheOrder() {
        FirstPixel extractor = new FirstPixel("a");
        List<Integer> done = new ArrayList<>();
        float[] first = evaluator(extractor).features(pictures(70), done::add).values();
        assertEquals(List.of(32, 32, 6), done);
        assertEquals(69, first[69]);
        assertEquals(70, extractor.looked.get());
        assertArrayEquals(first, look(evaluator(extractor), pictures(70)));
        assertEquals(70, extractor.looked.get(), "the second time it remembers");
        look(evaluator(extractor), pictures(71));
        assertEquals(77, extractor.looked.get(), "only the last few are new");
    }

    @Test
    void everyConventionIsInTheKey() throws IOException {
        List<ScoredPicture> set = pictures(3);
        FirstPixel extractor = new FirstPixel("bilinear to 299, sha256 1");
        look(evaluator(extractor), set);
        FirstPixel other = new FirstPixel("bilinear to 299, sha256 2");
        look(evaluator(other), set);
        assertEquals(3, other.looked.get(), "other weights");
        ImageSetEvaluator inverted = new ImageSetEvaluator(
                extractor, PixelColours.INVERTED, evaluator(extractor).cache());
        assertArrayEquals(new float[] {0, 255, 254}, look(inverted, set));
        assertArrayEquals(new float[] {2, 1, 0}, look(evaluator(extractor), set.reversed()));
        assertEquals(9, extractor.looked.get(), "other colours, another order");
        Path png = folder.resolve("a.png");
        PngFile.write(png, RgbImage.filled(2, 2, 1), Map.of());
        Path renamed = Files.copy(png, folder.resolve("a.bmp"));
        assertTrue(
                !ScoredPicture.of(png)
                        .identity()
                        .equals(ScoredPicture.of(renamed).identity()),
                "another format");
        PngFile.write(renamed.resolveSibling("b.png"), RgbImage.filled(2, 2, 2), Map.of());
        assertTrue(
                !ScoredPicture.of(png)
                        .identity()
                        .equals(ScoredPicture.of(folder.resolve("b.png")).identity()),
                "other bytes");
    }

    @Test
    void damagedFilesOfTheCacheAreMadeAnew() throws IOException {
        FirstPixel extractor = new FirstPixel("a");
        float[] right = look(evaluator(extractor), pictures(3));
        Path file;
        try (var files = Files.list(folder.resolve("kept"))) {
            file = files.toList().getFirst();
        }
        byte[] whole = Files.readAllBytes(file);
        for (int at : new int[] {0, 20, whole.length - 1}) { // length of the header, header, a feature
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            Files.write(file, damaged);
            int before = extractor.looked.get();
            assertArrayEquals(right, look(evaluator(extractor), pictures(3)), "byte " + at);
            assertEquals(before + 3, extractor.looked.get());
            assertArrayEquals(whole, Files.readAllBytes(file));
        }
    }

    @Test
    void foldersAreReadInOrderAndBadOnesNamed() throws IOException {
        Path set = Files.createDirectories(folder.resolve("set/inner")).getParent();
        PngFile.write(set.resolve("b.png"), RgbImage.filled(1, 1, 7), Map.of());
        PngFile.write(set.resolve("inner/a.PNG"), RgbImage.filled(1, 1, 9), Map.of());
        Files.writeString(set.resolve("b.txt"), "a caption");
        assertArrayEquals(new float[] {7, 9}, look(evaluator(new FirstPixel("a")), ScoredPicture.allIn(set)));
        Files.writeString(set.resolve("c.png"), "no picture");
        List<ScoredPicture> bad = ScoredPicture.allIn(set);
        assertThrows(UnreadableImageException.class, () -> look(evaluator(new FirstPixel("a")), bad));
        assertThrows(DatasetException.class, () -> ScoredPicture.allIn(folder.resolve("none")));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertTrue(assertThrows(DatasetException.class, () -> ScoredPicture.allIn(empty))
                .getMessage()
                .contains("holds no picture; expected bmp, gif, jpeg, jpg, png, webp files"));
    }
}
