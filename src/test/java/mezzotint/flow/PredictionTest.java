package mezzotint.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class PredictionTest {
    private static final List<Prediction> ALL = List.of(Prediction.VELOCITY, Prediction.CLEAN_IMAGE, Prediction.NOISE);
    private static final float[] CLEAN = Tensors.normals(1, 24);
    private static final float[] NOISE = Tensors.normals(2, 24);

    /** Something to compute on a tape from clean pictures and noise (2, 3, 2, 2). */
    private interface Computation {
        Tensor of(Tape tape, Tensor clean, Tensor noise);
    }

    private static float[] compute(Computation computation) {
        TestDevice device = new TestDevice();
        try (var arena = device.arena(1 << 20);
                Tape tape = Tape.inference(Devices.one().kernels(), arena)) {
            return computation
                    .of(tape, tape.constant(CLEAN, 2, 3, 2, 2), tape.constant(NOISE, 2, 3, 2, 2))
                    .toFloats();
        }
    }

    private static double[] mix(double clean, double noise) {
        double[] mix = new double[24];
        for (int i = 0; i < mix.length; i++) {
            mix[i] = clean * CLEAN[i] + noise * NOISE[i];
        }
        return mix;
    }

    @Test
    void pathRunsFromPictureToNoise() {
        float[] noised = compute((t, clean, noise) -> FlowPath.noised(t, clean, noise, new float[] {0, 1}));
        for (int i = 0; i < 12; i++) {
            assertEquals(CLEAN[i], noised[i]);
            assertEquals(NOISE[12 + i], noised[12 + i]);
        }
        RelativeError.assertRelativeError(
                "velocity", compute((t, clean, noise) -> FlowPath.velocity(t, clean, noise)), mix(-1, 1), 1e-7);
    }

    @Property(tries = 50)
    void perfectOutputsOfEveryKindAreTheVelocityAndThePicture(
            @ForAll @FloatRange(min = 0.05f, max = 0.95f) float first,
            @ForAll @FloatRange(min = 0.05f, max = 0.95f) float second) {
        float[] times = {first, second};
        for (Prediction prediction : ALL) {
            // x_t is rounded to float32 and the difference divided by at least 0.05: 6e-8 · 20 · a few.
            RelativeError.assertRelativeError(
                    "velocity from " + prediction,
                    compute((t, clean, noise) -> prediction.toVelocity(
                            t, FlowPath.noised(t, clean, noise, times), prediction.target(t, clean, noise), times)),
                    mix(-1, 1),
                    1e-5);
            RelativeError.assertRelativeError(
                    "picture from " + prediction,
                    compute((t, clean, noise) -> prediction.toCleanImage(
                            t, FlowPath.noised(t, clean, noise, times), prediction.target(t, clean, noise), times)),
                    mix(1, 0),
                    1e-5);
        }
    }

    /** Nearer to an end than 0.05 the velocity of a perfect output is shrunk by t/0.05 or (1 − t)/0.05. */
    @Test
    void clampsWhatItDividesBy() {
        float[] times = {0.01f, 0.02f};
        double[] expected = mix(-1, 1);
        for (int i = 0; i < 24; i++) {
            expected[i] *= i < 12 ? 0.2 : 0.4;
        }
        // differences of numbers near 1 that are 100 times smaller: 6e-8 · 100
        RelativeError.assertRelativeError(
                "x",
                compute((t, clean, noise) ->
                        Prediction.CLEAN_IMAGE.toVelocity(t, FlowPath.noised(t, clean, noise, times), clean, times)),
                expected,
                2e-5);
        float[] late = {0.99f, 0.98f};
        RelativeError.assertRelativeError(
                "eps",
                compute((t, clean, noise) ->
                        Prediction.NOISE.toVelocity(t, FlowPath.noised(t, clean, noise, late), noise, late)),
                expected,
                2e-5);
        assertEquals(new FlowPath.Coefficients(1, -1, 20), Prediction.CLEAN_IMAGE.velocityAt(0));
        assertEquals(new FlowPath.Coefficients(1, -1, 20), Prediction.CLEAN_IMAGE.velocityAt(0.05f));
        assertEquals(new FlowPath.Coefficients(1, -1, 10), Prediction.CLEAN_IMAGE.velocityAt(0.1f));
        assertEquals(new FlowPath.Coefficients(-1, 1, 20), Prediction.NOISE.velocityAt(1));
        assertEquals(new FlowPath.Coefficients(1, -1, 20), Prediction.NOISE.cleanImageAt(1));
    }

    @Test
    void namesAreThoseOfConfigurationFiles() {
        for (Prediction prediction : ALL) {
            assertEquals(prediction, Prediction.named(prediction.symbol()));
        }
        assertEquals(
                "[v, x, eps]", ALL.stream().map(Prediction::symbol).toList().toString());
        var e = assertThrows(IllegalArgumentException.class, () -> Prediction.named("epsilon"));
        assertEquals("prediction: expected v, x or eps, got epsilon", e.getMessage());
    }
}
