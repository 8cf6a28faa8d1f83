package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import mezzotint.image.RgbImage;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.testing.TestDevice;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drawing over a picture, in pixels and through an autoencoder. */
class StartPictureTest {
    private static final int HEIGHT = 16;
    private static final int WIDTH = 32;
    private static final RgbImage PICTURE = picture(1);
    private static final RgbImage WHITE = RgbImage.filled(WIDTH, HEIGHT, 0xFFFFFF);
    private static final RgbImage BLACK = RgbImage.filled(WIDTH, HEIGHT, 0);

    private static RgbImage picture(int seed) {
        byte[] rgb = new byte[3 * HEIGHT * WIDTH];
        PhiloxRandom random = new PhiloxRandom(seed);
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.below(256);
        }
        return RgbImage.of(WIDTH, HEIGHT, rgb);
    }

    private static SamplingRequest request(PublishedPipeline pipeline, Start start) {
        SamplingRequest own = pipeline.request("");
        TimeGrid grid = TimeGrid.nativeGrid(4, pipeline.folder().scheduler().shift());
        return new SamplingRequest(
                List.of(PublishedModels.prompt(1, 4)),
                List.of(PublishedModels.prompt(2, 3)),
                List.of(3L),
                Canvas.exactly(HEIGHT, WIDTH),
                own.settings().withGrid(grid).withStart(start));
    }

    private static RgbImage drawn(PublishedPipeline pipeline, Start start) {
        return pipeline.draw(request(pipeline, start)).getFirst();
    }

    private static Start from(float strength, RgbImage mask) {
        return new Start.Picture(PICTURE, strength, Optional.ofNullable(mask));
    }

    @ParameterizedTest
    @ValueSource(strings = {PublishedModels.PIXELS, PublishedModels.LATENTS})
    void nothingIsDrawnWithoutStrengthOrUnderABlackMask(String name) {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), name)) {
            assertEquals(PICTURE, drawn(pipeline, from(0, null)));
            assertEquals(PICTURE, drawn(pipeline, from(0.2f, null))); // of 4 steps none is left
            for (float strength : new float[] {0, 0.5f, 1}) {
                assertEquals(PICTURE, drawn(pipeline, from(strength, BLACK)), "strength " + strength);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PublishedModels.PIXELS, PublishedModels.LATENTS})
    void atFullStrengthNothingIsLeftOfThePicture(String name) {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), name)) {
            RgbImage plain = drawn(pipeline, new Start.Noise());
            assertEquals(plain, drawn(pipeline, from(1, null)));
            assertEquals(plain, drawn(pipeline, from(1, WHITE)));
            assertEquals(drawn(pipeline, from(0.5f, null)), drawn(pipeline, from(0.5f, WHITE)));
            assertFalse(plain.equals(drawn(pipeline, from(0.5f, null))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PublishedModels.PIXELS, PublishedModels.LATENTS})
    void aMaskKeepsItsBlackHalfAndDrawsTheOther(String name) {
        RgbImage mask = mask(x -> x < WIDTH / 2 ? 0 : 255);
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), name)) {
            RgbImage drawn = drawn(pipeline, from(1, mask));
            assertEquals(PICTURE.cropped(0, 0, WIDTH / 2, HEIGHT), drawn.cropped(0, 0, WIDTH / 2, HEIGHT));
            RgbImage right = drawn.cropped(WIDTH / 2, 0, WIDTH / 2, HEIGHT);
            assertFalse(PICTURE.cropped(WIDTH / 2, 0, WIDTH / 2, HEIGHT).equals(right));
            // The kept half is seen while the other is drawn: it is not the one drawn without it.
            assertFalse(drawn(pipeline, from(1, null))
                    .cropped(WIDTH / 2, 0, WIDTH / 2, HEIGHT)
                    .equals(right));
        }
    }

    private static RgbImage mask(IntUnaryOperator grey) {
        byte[] rgb = new byte[3 * HEIGHT * WIDTH];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) grey.applyAsInt(i / 3 % WIDTH);
        }
        return RgbImage.of(WIDTH, HEIGHT, rgb);
    }

    @Test
    void modelsOfOurOwnStartWithPicturesToo() {
        TestDevice device = new TestDevice();
        try (TinyModel tiny = new TinyModel(device, mezzotint.flow.Prediction.CLEAN_IMAGE);
                var scratch = device.arena(64 << 20)) {
            SamplingRequest plain = new SamplingRequest(
                    List.of("x"), "", List.of(1L), HEIGHT, WIDTH, 3, new mezzotint.flow.TimeShift(1), Guidance.of(2));
            for (RgbImage mask : new RgbImage[] {null, BLACK, WHITE}) {
                for (float strength : new float[] {0, 1}) {
                    SamplingRequest request = plain.withSettings(plain.settings().withStart(from(strength, mask)));
                    RgbImage expected = strength == 0 || mask == BLACK
                            ? PICTURE
                            : tiny.model
                                    .draw(plain, scratch, SamplingListener.NONE)
                                    .getFirst();
                    assertEquals(
                            expected,
                            tiny.model
                                    .draw(request, scratch, SamplingListener.NONE)
                                    .getFirst());
                }
            }
        }
    }

    /** Steps are counted as diffusers' pipelines that start with a picture count them. */
    @Property(tries = 300)
    void strengthIsAShareOfTheSteps(
            @ForAll @IntRange(min = 1, max = 100) int steps, @ForAll @FloatRange(min = 0, max = 1) float strength) {
        int first = new Start.Picture(PICTURE, strength, Optional.empty()).firstStep(steps);
        assertTrue(first >= 0 && first <= steps);
        assertEquals(strength, (steps - first) / (double) steps, 1.0 / steps);
        if (strength == 1) {
            assertEquals(0, first);
        }
    }

    @Test
    void cellsAreDrawnWhereAnyOfTheirPixelsIs() {
        RgbImage mask = mask(x -> x == 9 ? 255 : 0);
        var request = new SamplingSettings(
                TimeGrid.nativeGrid(1, new mezzotint.flow.TimeShift(1)),
                Solver.EULER,
                Guidance.of(1),
                new InitialNoise.Philox(),
                from(1, mask));
        float[] cells = StartPicture.of(request, HEIGHT, WIDTH)
                .orElseThrow()
                .drawnCells(8)
                .orElseThrow();
        assertArrayEquals(new float[] {0, 1, 0, 0, 0, 1, 0, 0}, cells);
    }

    @Test
    void refusesWhatMakesNoSense() {
        var strength =
                assertThrows(IllegalArgumentException.class, () -> new Start.Picture(PICTURE, 1.1f, Optional.empty()));
        assertEquals("strength: expected 0 to 1, got 1.1", strength.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Start.Picture(PICTURE, Float.NaN, Optional.empty()));
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.LATENTS)) {
            SamplingRequest binned = request(pipeline, from(1, null)).withCanvas(new Canvas(HEIGHT, WIDTH, true));
            var bins = assertThrows(SamplingRequestException.class, () -> pipeline.draw(binned));
            assertEquals(
                    "a path that starts with a picture has no size bins; ask for a size divisible by 16, without bins",
                    bins.getMessage());
        }
    }
}
