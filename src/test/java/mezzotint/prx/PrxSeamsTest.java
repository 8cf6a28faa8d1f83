package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig.RopeAxes;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the denoiser does with routes, fusion and resolution tokens; recorded cases say whether the numbers are right. */
class PrxSeamsTest {
    private static final PrxConfig PLAIN =
            new PrxConfig(3, 4, 10, 16, 2, 2, 4, new RopeAxes(4, 4), 1e4, 1000, 1e4f, OptionalInt.empty(), false);
    private static final PrxExtensions FUSED =
            new PrxExtensions(false, Optional.of(new PrxExtensions.Sprint(1, 2, true)));
    private static final int BATCH = 2;
    private static final int TOKENS = 6;

    private final Tensors tensors = new Tensors(32 << 20);
    private final TestDevice device = new TestDevice();

    @AfterEach
    void free() {
        tensors.close();
    }

    private PrxDenoiser denoiser(PrxConfig config) {
        Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(1));
        PrxDenoiser denoiser = new PrxDenoiser(config, parameters);
        int seed = 50;
        for (Parameter p : parameters.all()) {
            float[] values = Tensors.normals(seed++, Math.toIntExact(p.shape().elements()));
            for (int i = 0; i < values.length; i++) {
                values[i] = 0.2f * values[i] + (p.name().contains("norm") ? 1 : 0);
            }
            p.value().set(values);
        }
        return denoiser;
    }

    private static TokenRoute route() {
        return new TokenRouting(1, 2, 0.5, 42, false).route(3, BATCH, TOKENS);
    }

    private static PrxText text(Tape tape, PrxDenoiser denoiser) {
        return denoiser.text(tape, tape.constant(Tensors.normals(2, BATCH * 3 * 10), BATCH, 3, 10));
    }

    private static Tensor forward(Tape tape, PrxDenoiser denoiser, PrxSeams seams) {
        Tensor image = tape.constant(Tensors.normals(1, BATCH * 3 * 8 * 12), BATCH, 3, 8, 12);
        return denoiser.forward(
                tape, image, tape.constant(new float[] {0.2f, 0.8f}, BATCH), text(tape, denoiser), seams);
    }

    private float[] output(PrxDenoiser denoiser, PrxSeams seams) {
        try (var arena = device.arena(16 << 20);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            return forward(tape, denoiser, seams).toFloats();
        }
    }

    /** Numbers of tokens after every block. */
    private List<Long> tokens(PrxDenoiser denoiser, Optional<TokenRoute> route) {
        List<Long> seen = new ArrayList<>();
        PrxTap tap = (tape, place, tensor) -> {
            if (place instanceof PrxTap.Place.Block) {
                seen.add(tensor.shape().dim(1));
            }
        };
        assertEquals(BATCH * 3 * 8 * 12, output(denoiser, new PrxSeams(tap, route)).length);
        return seen;
    }

    @Test
    void blocksOfTheSpanSeeVisibleTokensOnly() {
        assertEquals(List.of(6L, 3L, 3L, 6L), tokens(denoiser(PLAIN), Optional.of(route())));
        assertEquals(List.of(6L, 6L, 6L, 6L), tokens(denoiser(PLAIN), Optional.empty()));
        assertEquals(List.of(6L, 3L, 3L, 6L), tokens(denoiser(PLAIN.withExtensions(FUSED)), Optional.of(route())));
        assertEquals(List.of(6L, 6L, 6L, 6L), tokens(denoiser(PLAIN.withExtensions(FUSED)), Optional.empty()));
    }

    /** With blocks that are the identity nothing can tell a token that passed by from one that went through. */
    @Test
    void tokensComeBackToTheirPlaces() {
        PrxDenoiser denoiser = denoiser(PLAIN);
        for (Parameter p : denoiser.parameters().all()) {
            if (p.name().contains("modulation.lin")) {
                p.value().zero();
            }
        }
        float[] all = output(denoiser, PrxSeams.NONE);
        assertArrayEquals(all, output(denoiser, PrxSeams.of(route())));
        assertFalse(Arrays.equals(new float[all.length], all));
    }

    @Test
    void aRouteThatLeavesNobodyOutIsNone() {
        PrxDenoiser denoiser = denoiser(PLAIN);
        TokenRoute whole = new TokenRouting(1, 2, 0, 42, false).route(3, BATCH, TOKENS);
        assertArrayEquals(output(denoiser, PrxSeams.NONE), output(denoiser, PrxSeams.of(whole)));
    }

    @Test
    void fusionActsWithoutARouteAndRepeats() {
        PrxDenoiser fused = denoiser(PLAIN.withExtensions(FUSED));
        float[] once = output(fused, PrxSeams.NONE);
        fused.parameters().get("sprint_fuse.bias").value().set(new float[16]);
        assertFalse(Arrays.equals(once, output(fused, PrxSeams.NONE)), "the fusion is part of the network");
        float[] first = output(fused, PrxSeams.of(route()));
        assertArrayEquals(first, output(fused, PrxSeams.of(route())));
        assertArrayEquals(first, output(fused, PrxSeams.of(route())));
    }

    /** Without deep features, W = [1 | 0], the fusion hands on what came in: all of it, at its place. */
    @Test
    void denseFeaturesAreTheWholeInputOfTheSpan() {
        PrxDenoiser fused = denoiser(PLAIN.withExtensions(FUSED));
        float[] weight = new float[16 * 32];
        for (int i = 0; i < 16; i++) {
            weight[i * 32 + i] = 1;
        }
        fused.parameters().get("sprint_fuse.weight").value().set(weight);
        fused.parameters().get("sprint_fuse.bias").value().zero();
        for (int block : new int[] {1, 2}) {
            for (String name : List.of("modulation.lin.weight", "modulation.lin.bias")) {
                fused.parameters().get("blocks." + block + "." + name).value().zero();
            }
        }
        assertArrayEquals(output(fused, PrxSeams.NONE), output(fused, PrxSeams.of(route())));
    }

    @Test
    void gradientsReachFusionMaskTokenAndRoutedTokens() {
        PrxDenoiser fused = denoiser(PLAIN.withExtensions(FUSED));
        for (boolean detach : new boolean[] {false, true}) {
            fused.parameters().zeroGradients();
            TokenRoute route = new TokenRoute(1, 2, route().visible(), route().routed(), detach);
            try (var activations = device.arena(16 << 20);
                    var gradients = device.arena(16 << 20);
                    Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                Tensor out = forward(tape, fused, PrxSeams.of(route));
                tape.backward(out, tape.constant(Tensors.normals(9, BATCH * 3 * 8 * 12), BATCH, 3, 8, 12));
            }
            for (String name :
                    List.of("sprint_fuse.weight", "sprint_fuse.bias", "sprint_mask_token", "img_in.weight")) {
                float[] gradient =
                        fused.parameters().get(name).gradient().orElseThrow().toFloats();
                assertFalse(Arrays.equals(new float[gradient.length], gradient), name);
            }
        }
    }

    /** What a token that passes by adds to its embedding's gradient is gone when it is detached. */
    @Test
    void noGradientFlowsThroughDetachedTokens() {
        PrxDenoiser denoiser = denoiser(PLAIN);
        float[][] gradients = new float[2][];
        for (int i = 0; i < 2; i++) {
            denoiser.parameters().zeroGradients();
            TokenRoute route = new TokenRoute(0, 3, route().visible(), route().routed(), i == 1);
            try (var activations = device.arena(16 << 20);
                    var slots = device.arena(16 << 20);
                    Tape tape = Tape.recording(device.kernels(), activations, slots)) {
                Tensor image = tape.watch(tape.constant(Tensors.normals(1, BATCH * 3 * 8 * 12), BATCH, 3, 8, 12));
                Tensor out = denoiser.forward(
                        tape,
                        image,
                        tape.constant(new float[] {0.2f, 0.8f}, BATCH),
                        text(tape, denoiser),
                        PrxSeams.of(route));
                tape.backward(out, tape.constant(Tensors.normals(9, BATCH * 3 * 8 * 12), BATCH, 3, 8, 12));
                gradients[i] = tape.patchify(tape.gradient(image), 4).toFloats();
            }
        }
        for (int b = 0; b < BATCH; b++) {
            for (int token : route().routed()[b]) {
                int from = (b * TOKENS + token) * 48;
                assertFalse(isZero(gradients[0], from, 48), "token " + token + " passes by");
                assertTrue(isZero(gradients[1], from, 48), "token " + token + " is detached");
            }
        }
    }

    private static boolean isZero(float[] values, int from, int count) {
        return Arrays.equals(new float[count], Arrays.copyOfRange(values, from, from + count));
    }

    @Test
    void aFixedMaskTokenIsSavedButNotTrained() {
        var fixed = new PrxExtensions(false, Optional.of(new PrxExtensions.Sprint(1, 2, false)));
        Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(1));
        PrxDenoiser denoiser = new PrxDenoiser(PLAIN.withExtensions(fixed), parameters);
        assertTrue(parameters.all().stream().anyMatch(p -> p.name().equals("sprint_mask_token")));
        assertFalse(parameters.trainable().stream().anyMatch(p -> p.name().equals("sprint_mask_token")));
        assertEquals(Shape.of(1, 1, 16), parameters.get("sprint_mask_token").shape());
        assertArrayEquals(
                new float[16], parameters.get("sprint_mask_token").value().toFloats());
        assertEquals(BATCH * 3 * 8 * 12, output(denoiser, PrxSeams.of(route())).length);
    }

    @Test
    void resolutionTokensComeBeforeThePrompt() {
        PrxDenoiser denoiser = denoiser(PLAIN.withExtensions(new PrxExtensions(true, Optional.empty())));
        try (var arena = device.arena(16 << 20);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            float[] wide = answer(tape, denoiser, 8, 12);
            float[] tall = answer(tape, denoiser, 12, 8);
            assertFalse(Arrays.equals(wide, tall), "height and width are not the same");
        }
    }

    /** One token of one colour, so that sizes differ in the conditioning alone. */
    private static float[] answer(Tape tape, PrxDenoiser denoiser, int height, int width) {
        float[] grey = new float[BATCH * 3 * height * width];
        Tensor image = tape.constant(grey, BATCH, 3, height, width);
        Tensor out = denoiser.forward(
                tape, image, tape.constant(new float[] {0.2f, 0.8f}, BATCH), text(tape, denoiser), PrxSeams.NONE);
        return Arrays.copyOf(out.toFloats(), 4);
    }

    @Test
    void countsTheParametersOfExtensions() {
        for (PrxExtensions extensions : List.of(FUSED, new PrxExtensions(true, Optional.empty()))) {
            PrxConfig config = PLAIN.withExtensions(extensions);
            Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(1));
            new PrxDenoiser(config, parameters);
            assertEquals(parameters.elements(), config.parameterCount());
            assertEquals(config, PrxConfigJson.read(PrxConfigJson.write(config)));
        }
    }

    @Test
    void refusesRoutesAndSpansThatDoNotFit() {
        PrxDenoiser denoiser = denoiser(PLAIN);
        var longer = new TokenRouting(1, 4, 0.5, 0, false).route(1, BATCH, TOKENS);
        assertEquals(
                "PRX configuration: token route, last block expected below the depth 4, got 4",
                assertThrows(InvalidPrxConfigException.class, () -> output(denoiser, PrxSeams.of(longer)))
                        .getMessage());
        var fewer = new TokenRouting(1, 2, 0.5, 0, false).route(1, BATCH, TOKENS - 1);
        assertEquals(
                "token route: of 2 pictures of 5 tokens, the batch has 2 of 6",
                assertThrows(ShapeMismatchException.class, () -> output(denoiser, PrxSeams.of(fewer)))
                        .getMessage());
        PrxDenoiser fused = denoiser(PLAIN.withExtensions(FUSED));
        var elsewhere = new TokenRouting(0, 2, 0.5, 0, false).route(1, BATCH, TOKENS);
        assertEquals(
                "PRX configuration: token route expected blocks 1 to 2, those of the fusion, got 0 to 2",
                assertThrows(InvalidPrxConfigException.class, () -> output(fused, PrxSeams.of(elsewhere)))
                        .getMessage());
        var outside = new PrxExtensions(false, Optional.of(new PrxExtensions.Sprint(1, 4, true)));
        var e = assertThrows(InvalidPrxConfigException.class, () -> PLAIN.withExtensions(outside));
        assertTrue(e.getMessage().contains("out of range"), e::getMessage);
        assertThrows(InvalidPrxConfigException.class, () -> new PrxExtensions.Sprint(2, 2, true));
        var both = new PrxExtensions(true, Optional.empty());
        assertThrows(
                InvalidPrxConfigException.class,
                () -> PLAIN.withExtensions(both).withResolutionEmbeds(true));
    }
}
