package mezzotint.latent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.latent.AutoencoderTraining.Distance;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AutoencoderTrainingTest {
    private static final TestDevice DEVICE = new TestDevice();
    private static final long ARENA = 64L << 20;
    private static final double STEP = 1e-4;

    /** Runs a loss forwards, and backwards where asked; returns it. */
    private static double run(Function<Tape, Tensor> loss, boolean backward) {
        try (TensorArena activations = DEVICE.arena(ARENA);
                TensorArena gradients = DEVICE.arena(ARENA);
                Tape tape = Tape.recording(DEVICE.kernels(), activations, gradients)) {
            Tensor total = loss.apply(tape);
            if (backward) {
                tape.backward(total);
            }
            return total.item();
        }
    }

    /**
     * Along its own gradient, the slope of a parameter is the gradient's length.
     *
     * <p>Steps are 1e-4: float32 losses below 1 leave about 3e-4 of slope, the kinks of ReLU a percent; a wrong wire is off by
     * tens of percents.
     */
    private static void assertSlopes(Parameters parameters, Function<Tape, Tensor> loss) {
        parameters.zeroGradients();
        run(loss, true);
        int seen = 0;
        for (Parameter p : parameters.trainable()) {
            float[] gradient = p.gradient().orElseThrow().toFloats();
            double length = length(gradient);
            if (length < 1e-3) {
                continue; // float32 does not show a slope this small
            }
            float[] values = p.value().toFloats();
            double above = moved(p, values, gradient, STEP / length, () -> run(loss, false));
            double below = moved(p, values, gradient, -STEP / length, () -> run(loss, false));
            p.value().set(values);
            assertEquals(length, (above - below) / (2 * STEP), 0.05 * length + 2e-3, p.name());
            seen++;
        }
        assertTrue(seen > 0.8 * parameters.trainable().size(), "only " + seen);
    }

    private static double length(float[] x) {
        return Math.sqrt(Arrays.stream(Tensors.doubles(x)).map(v -> v * v).sum());
    }

    private static double moved(Parameter p, float[] values, float[] direction, double factor, DoubleSupplier result) {
        float[] there = values.clone();
        for (int i = 0; i < there.length; i++) {
            there[i] += (float) (factor * direction[i]);
        }
        p.value().set(there);
        return result.getAsDouble();
    }

    /** Every parameter, the draw from the posterior and its divergence, which a weight of 1 makes visible. */
    @Test
    void gradientsAreSlopesOfTheLoss() {
        try (Tensors tensors = new Tensors()) {
            Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(3));
            AutoencoderKl codec = new AutoencoderKl(TinyCodecs.kl(List.of(8, 12), true, true), parameters);
            Tensor pictures = tensors.normal(1, 2, 3, 6, 8);
            Tensor noise = tensors.normal(2, 2, 5, 3, 4);
            var training = new AutoencoderTraining(Distance.SQUARED, 1f);
            assertSlopes(
                    parameters,
                    tape -> training.losses(tape, codec, pictures, noise).total());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DC", "DC_SHUFFLING", "DC_SKIPPING_AND_SHUFFLING"})
    void gradientsPassThroughDeepCompression(TinyCodecs tiny) {
        try (Tensors tensors = new Tensors()) {
            Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(3));
            ImageCodec codec = tiny.make(parameters);
            Tensor pictures = tensors.normal(1, 1, 3, 3L * codec.ratio(), 2L * codec.ratio());
            assertSlopes(parameters, tape -> {
                Tensor back = codec.decode(tape, codec.encode(tape, pictures));
                return GaussianPosterior.mean(tape, tape.encoders().multiply(back, tape.add(back, pictures)), 1);
            });
        }
    }

    /** By hand: one picture that comes back as zeros. */
    @ParameterizedTest
    @EnumSource
    void measuresTheDistance(Distance distance) {
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            Parameters parameters = Parameters.frozen(tensors.arena());
            AutoencoderKl codec = new AutoencoderKl(TinyCodecs.kl(List.of(8, 12), true, false), parameters);
            parameters.all().forEach(p -> p.value().zero());
            float[] pixels = new float[3 * 4];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = i % 2 == 0 ? 0.5f : -0.25f;
            }
            var losses = new AutoencoderTraining(distance, 0.125f)
                    .losses(tape, codec, tensors.of(pixels, 1, 3, 2, 2), tensors.normal(1, 1, 5, 1, 1));
            float expected = distance == Distance.ABSOLUTE ? 0.375f : 0.15625f;
            assertEquals(expected, losses.reconstruction().item(), 1e-7f);
            assertEquals(0, losses.divergence().item(), 1e-7f); // mean 0, variance 1
            assertEquals(expected, losses.total().item(), 1e-7f);
        }
    }

    /** Plain steps down the gradient: a picture comes to be remembered. */
    @Test
    void learnsAPicture() {
        try (Tensors tensors = new Tensors()) {
            Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(3));
            AutoencoderKl codec = new AutoencoderKl(AutoencoderKl.Config.small(4, 4, 16), parameters);
            float[] pixels = new float[3 * 16 * 16];
            for (int i = 0; i < pixels.length; i++) {
                int row = i / 16; // of all three colours
                pixels[i] = (float) Math.sin(0.4 * (i % 16) + 0.1 * row);
            }
            Tensor pictures = tensors.of(pixels, 1, 3, 16, 16);
            Tensor noise = tensors.normal(2, 1, 4, 4, 4);
            Function<Tape, Tensor> loss = tape -> new AutoencoderTraining(Distance.SQUARED, 1e-4f)
                    .losses(tape, codec, pictures, noise)
                    .total();
            double first = run(loss, false);
            for (int step = 0; step < 40; step++) {
                parameters.zeroGradients();
                run(loss, true);
                for (Parameter p : parameters.trainable()) {
                    DEVICE.kernels()
                            .pointwise()
                            .addScaled(p.value(), p.gradient().orElseThrow(), -0.02f);
                }
            }
            double last = run(loss, false);
            assertTrue(last < 0.5 * first, () -> "from %g to %g".formatted(first, last));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {-1e-9f, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesAWeightThatIsNone(float weight) {
        assertEquals(
                "autoencoder training: divergence weight expected a finite number of at least 0, got " + weight,
                assertThrows(IllegalArgumentException.class, () -> new AutoencoderTraining(Distance.ABSOLUTE, weight))
                        .getMessage());
    }
}
