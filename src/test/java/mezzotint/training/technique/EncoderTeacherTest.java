package mezzotint.training.technique;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.image.PicturePreparation;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.TestDevice;
import mezzotint.vision.VisionEncoder;
import mezzotint.vision.VisionFeatures;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EncoderTeacherTest {
    private static final int PATCH = 8;
    private static final int OWN_PATCH = 4;

    private final TestDevice device = new TestDevice();
    private final TensorArena scratch = device.arena(4 << 20);
    private final TensorArena activations = device.arena(4 << 20);
    private final Tape tape = Tape.inference(device.kernels(), activations);

    @AfterEach
    void free() {
        tape.close();
        activations.close();
        scratch.close();
    }

    /** Sees of every patch its first red pixel; loses {@code border} pixels, as convolutions without padding do. */
    private static class FirstPixels implements VisionEncoder {
        private final int border;
        private final List<Shape> asked = new ArrayList<>();

        FirstPixels(int border) {
            this.border = border;
        }

        @Override
        public int width() {
            return 1;
        }

        @Override
        public int pooledWidth() {
            return 1;
        }

        @Override
        public int patch() {
            return OWN_PATCH;
        }

        @Override
        public int sideFor(int tokens) {
            return tokens * OWN_PATCH + border;
        }

        @Override
        public int trainedSide() {
            return 16;
        }

        @Override
        public ImageNormalization normalization() {
            return ImageNormalization.SIGNED;
        }

        @Override
        public PicturePreparation preparation() {
            throw new UnsupportedOperationException("a teacher's pictures are resized to its tokens");
        }

        @Override
        public VisionFeatures features(Tape tape, Tensor normalized) {
            Shape s = normalized.shape();
            asked.add(s);
            int rows = (s.size(2) - border) / OWN_PATCH;
            int columns = (s.size(3) - border) / OWN_PATCH;
            float[] pixels = normalized.toFloats();
            float[] tokens = new float[rows * columns + 1];
            tokens[0] = Float.NaN; // a class token, which no one wants here
            for (int i = 0; i < rows * columns; i++) {
                tokens[i + 1] = pixels[i / columns * OWN_PATCH * s.size(3) + i % columns * OWN_PATCH];
            }
            return new VisionFeatures(
                    tape.constant(tokens, 1, tokens.length, 1), 1, rows, columns, tape.constant(new float[1], 1, 1));
        }
    }

    private TrainedStep step(float[] pixels, int height, int width) {
        Tensor clean = tape.constant(pixels, pixels.length / 3 / height / width, 3, height, width);
        var around = new StepSurroundings(
                List.of(), new PhiloxRandom(0), Optional.empty(), new BlockOutputs(List.of()), PATCH, scratch);
        return new TrainedStep(clean, clean, clean, clean, clean, new float[2], around);
    }

    private static float[] twoPictures() {
        float[] pixels = new float[2 * 3 * 16 * 24];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i / (float) pixels.length * 2 - 1;
        }
        return pixels;
    }

    /** Nearest pixels at half the size: every second one, and of those every fourth; [−1, 1] survives both scalings. */
    @Test
    void resizesSoThatItsPatchesAreTheDenoisersTokens() {
        float[] pixels = twoPictures();
        FirstPixels encoder = new FirstPixels(0);
        Tensor features = new EncoderTeacher(encoder).of(tape, step(pixels, 16, 24));
        assertEquals(Shape.of(2, 6, 1), features.shape());
        float[] expected = new float[12];
        for (int i = 0; i < 12; i++) {
            int token = i % 6;
            expected[i] = pixels[i / 6 * 3 * 16 * 24 + token / 3 * PATCH * 24 + token % 3 * PATCH];
        }
        assertArrayEquals(expected, features.toFloats(), 1e-6f); // (x + 1)/2 and back, in float32
        assertEquals(List.of(Shape.of(1, 3, 8, 12), Shape.of(1, 3, 8, 12)), encoder.asked, "one by one");
        assertEquals(0, scratch.used());
    }

    @Test
    void givesANetworkWithoutPaddingTheBorderItLoses() {
        FirstPixels encoder = new FirstPixels(8);
        EncoderTeacher teacher = new EncoderTeacher(encoder);
        assertEquals(
                Shape.of(2, 6, 1), teacher.of(tape, step(twoPictures(), 16, 24)).shape());
        assertEquals(List.of(Shape.of(1, 3, 16, 20), Shape.of(1, 3, 16, 20)), encoder.asked);
    }

    @Test
    void refusesANetworkThatHasNoSuchGrid() {
        VisionEncoder stubborn = new FirstPixels(0) {
            @Override
            public VisionFeatures features(Tape tape, Tensor normalized) {
                return new VisionFeatures(
                        tape.constant(new float[1], 1, 1, 1), 0, 1, 1, tape.constant(new float[1], 1, 1));
            }
        };
        var e = assertThrows(
                ShapeMismatchException.class, () -> new EncoderTeacher(stubborn).of(tape, step(twoPictures(), 16, 24)));
        assertEquals(
                "REPA: the teacher made 1 × 1 tokens of a picture of 8 × 12; the denoiser has 2 × 3", e.getMessage());
    }
}
