package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.OptionalInt;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxSeams;
import mezzotint.prx.PrxText;
import mezzotint.prx.TokenRouting;
import mezzotint.tensor.Tensor;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A denoiser guided by itself with fewer tokens. */
class SelfGuidanceTest {
    private static final TokenRouting ROUTING = new TokenRouting(0, 1, 0.5, 42, false);
    private static final long SEED = 123;

    private final Tensors tensors = new Tensors(8 << 20);
    private final TestDevice device = new TestDevice();
    private final PrxDenoiser denoiser = denoiser();

    @AfterEach
    void free() {
        tensors.close();
    }

    private PrxDenoiser denoiser() {
        PrxConfig config = new PrxConfig(
                3, 4, 10, 16, 2, 2, 3, new PrxConfig.RopeAxes(4, 4), 1e4, 1000, 1e4f, OptionalInt.empty(), false);
        Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(1));
        PrxDenoiser made = new PrxDenoiser(config, parameters);
        for (Parameter p : parameters.all()) {
            p.value()
                    .set(Tensors.normals(
                            p.name().length(), Math.toIntExact(p.shape().elements())));
        }
        return made;
    }

    private float[] output(Guidance guidance, PrxSeams... asked) {
        try (var arena = device.arena(16 << 20);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            Tensor noised = tape.constant(Tensors.normals(5, 2 * 3 * 8 * 8), 2, 3, 8, 8);
            PrxText text = denoiser.text(tape, tape.constant(Tensors.normals(6, 2 * 3 * 10), 2, 3, 10));
            if (asked.length > 0) {
                Tensor times = tape.constant(new float[] {0.5f, 0.5f}, 2);
                return denoiser.forward(tape, noised, times, text, asked[0]).toFloats();
            }
            return new GuidedDenoiser(denoiser, text, guidance, Precision.FLOAT32, step -> {})
                    .output(tape, noised, 0.5f)
                    .toFloats();
        }
    }

    @Test
    void mixesTheOutputForAllTokensWithTheRoutedOne() {
        float[] all = output(new Guidance.None());
        var route = ROUTING.route(ROUTING.stepSeed(SEED, 0), 2, 4);
        float[] routed = output(new Guidance.None(), PrxSeams.of(route));
        assertFalse(Arrays.equals(all, routed));
        double[] expected = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            expected[i] = routed[i] + 3.5 * ((double) all[i] - routed[i]);
        }
        // a difference of like numbers, in float32, 3.5 times
        RelativeError.assertRelativeError(output(new Guidance.SelfRouted(3.5f, ROUTING, SEED)), expected, 1e-5);
        assertArrayEquals(all, output(new Guidance.SelfRouted(1, ROUTING, SEED)));
        assertArrayEquals(routed, output(new Guidance.SelfRouted(0, ROUTING, SEED)));
    }

    @Test
    void asksNoNegativePromptAndWantsAFiniteScale() {
        assertFalse(new Guidance.SelfRouted(3.5f, ROUTING, SEED).asksNegativePrompts());
        assertThrows(IllegalArgumentException.class, () -> new Guidance.SelfRouted(Float.NaN, ROUTING, SEED));
    }
}
