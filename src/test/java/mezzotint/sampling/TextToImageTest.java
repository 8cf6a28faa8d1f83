package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.image.RgbImage;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Devices;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;

class TextToImageTest {
    private static SamplingRequest request(
            List<String> prompts, String negative, List<Long> seeds, int steps, Guidance guidance) {
        return new SamplingRequest(prompts, negative, seeds, 8, 12, steps, new TimeShift(2), guidance);
    }

    /** x̂₀ of every step. */
    private static List<float[]> drawn(Devices.Setup setup, Prediction prediction, SamplingRequest request) {
        TestDevice device = new TestDevice(setup.kernels());
        List<float[]> seen = new ArrayList<>();
        try (TinyModel tiny = new TinyModel(device, prediction);
                TensorArena scratch = device.arena(16 << 20)) {
            scratch.allocate(3);
            long before = scratch.used();
            List<RgbImage> pictures = tiny.model.draw(request, scratch, step -> {
                assertEquals(seen.size(), step.index());
                assertEquals(
                        request.settings().grid().time(step.index()), step.time());
                assertEquals(step.noised().shape(), step.clean().shape());
                seen.add(step.clean().toFloats());
            });
            assertEquals(before, scratch.used());
            assertEquals(request.prompts().size(), pictures.size());
            assertEquals(12, pictures.getFirst().width());
            assertEquals(8, pictures.getFirst().height());
        }
        assertEquals(request.settings().grid().steps(), seen.size());
        return seen;
    }

    private static float[] last(Prediction prediction, SamplingRequest request) {
        return drawn(Devices.one(), prediction, request).getLast();
    }

    @Test
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() {
        SamplingRequest request =
                request(List.of("a fox", "草莓"), "", List.of(1L, 2L), 3, new Guidance.ClassifierFree(2));
        List<Devices.Setup> alike = Devices.all().stream()
                .filter(s -> s.bits().equals(Devices.one().bits()))
                .toList();
        List<float[]> first = drawn(alike.getFirst(), Prediction.CLEAN_IMAGE, request);
        for (Devices.Setup setup : alike) {
            List<float[]> here = drawn(setup, Prediction.CLEAN_IMAGE, request);
            for (int i = 0; i < first.size(); i++) {
                assertArrayEquals(first.get(i), here.get(i), setup.name());
            }
        }
        SamplingRequest other = request(List.of("a fox", "草莓"), "", List.of(1L, 3L), 3, new Guidance.ClassifierFree(2));
        float[] changed = drawn(alike.getFirst(), Prediction.CLEAN_IMAGE, other).getLast();
        int size = changed.length / 2;
        assertArrayEquals(Arrays.copyOf(first.getLast(), size), Arrays.copyOf(changed, size));
        assertFalse(Arrays.equals(
                Arrays.copyOfRange(first.getLast(), size, 2 * size), Arrays.copyOfRange(changed, size, 2 * size)));
    }

    @Test
    void aPictureDependsOnItsOwnPromptAndSeedOnly() {
        List<String> prompts = List.of("a fox", "a very long prompt, cut", "草莓");
        float[] together = last(Prediction.VELOCITY, request(prompts, "", List.of(7L, 8L, 9L), 4, new Guidance.None()));
        int size = together.length / 3;
        for (int i = 0; i < 3; i++) {
            float[] alone = last(
                    Prediction.VELOCITY, request(List.of(prompts.get(i)), "", List.of(7L + i), 4, new Guidance.None()));
            // Products of more rows, and padded text, may be summed in other pieces; four steps.
            RelativeError.assertRelativeError(
                    prompts.get(i),
                    alone,
                    Tensors.doubles(Arrays.copyOfRange(together, i * size, (i + 1) * size)),
                    1e-5);
        }
    }

    /** With velocities, one step from t = 1 has x̂₀ = x − out: outputs can be read off. */
    @Test
    void guidanceGoesAwayFromTheNegativePrompt() {
        float[] c = last(Prediction.VELOCITY, request(List.of("cat"), "", List.of(5L), 1, new Guidance.None()));
        float[] u = last(Prediction.VELOCITY, request(List.of("dog"), "", List.of(5L), 1, new Guidance.None()));
        assertFalse(Arrays.equals(c, u));
        for (float scale : new float[] {0, 1, 3.5f, -1}) {
            double[] expected = new double[c.length];
            for (int i = 0; i < c.length; i++) {
                expected[i] = u[i] + scale * ((double) c[i] - u[i]);
            }
            // both terms are up to 4.5 times as large as their sum
            RelativeError.assertRelativeError(
                    "scale " + scale,
                    last(
                            Prediction.VELOCITY,
                            request(List.of("cat"), "dog", List.of(5L), 1, new Guidance.ClassifierFree(scale))),
                    expected,
                    1e-5);
        }
        RelativeError.assertRelativeError(
                "against itself",
                last(
                        Prediction.VELOCITY,
                        request(List.of("cat"), "cat", List.of(5L), 1, new Guidance.ClassifierFree(7))),
                Tensors.doubles(c),
                1e-5);
    }

    @Test
    void noiseHasTheModelsScale() {
        TestDevice device = new TestDevice();
        try (TinyModel tiny = new TinyModel(device, Prediction.CLEAN_IMAGE);
                TensorArena scratch = device.arena(64 << 20)) {
            double[] square = new double[1];
            tiny.model.draw(
                    new SamplingRequest(
                            List.of("x"), "", List.of(1L), 64, 64, 1, new TimeShift(1), new Guidance.None()),
                    scratch,
                    step -> {
                        for (float value : step.noised().toFloats()) {
                            square[0] += (double) value * value;
                        }
                    });
            // 12,288 draws: the variance is within 5%, four standard errors
            assertEquals(1.5 * 1.5, square[0] / (3 * 64 * 64), 0.05 * 1.5 * 1.5);
        }
    }

    @Test
    void requestsMustMakeSense() {
        var none = assertThrows(
                IllegalArgumentException.class, () -> request(List.of(), "", List.of(), 1, new Guidance.None()));
        assertEquals(
                "sampling: expected one seed for each of at least one prompt, got 0 prompts and 0 seeds",
                none.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> request(List.of("a"), "", List.of(1L, 2L), 1, new Guidance.None()));
        var steps = assertThrows(
                IllegalArgumentException.class, () -> request(List.of("a"), "", List.of(1L), 0, new Guidance.None()));
        assertEquals(
                "time grid: expected at least 1 step, got 0",
                steps.getMessage());
    }
}
