package mezzotint.training.technique;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxTap;
import mezzotint.prx.TokenRoute;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import mezzotint.training.FlowMatchingObjective;
import mezzotint.training.FlowMatchingObjective.Loss;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LossTermsTest {
    private static final int BATCH = 3;
    private static final int SIDE = 8;
    private static final int PATCH = 2;

    private final TestDevice device = new TestDevice();
    private final TensorArena weights = device.arena(8 << 20);
    private final TensorArena activations = device.arena(16 << 20);
    private final TensorArena gradients = device.arena(16 << 20);
    private final Tape tape = Tape.recording(device.kernels(), activations, gradients);

    @AfterEach
    void free() {
        tape.close();
        List.of(weights, activations, gradients).forEach(TensorArena::close);
    }

    private Tensor pictures(long seed) {
        return tape.constant(Tensors.normals(seed, BATCH * 3 * SIDE * SIDE), BATCH, 3, SIDE, SIDE);
    }

    private StepSurroundings around(Optional<TokenRoute> route, BlockOutputs blocks) {
        return new StepSurroundings(List.of("a", "b", "c"), new PhiloxRandom(1, 9, 0), route, blocks, PATCH, gradients);
    }

    private TrainedStep step(float[] times, Optional<TokenRoute> route, BlockOutputs blocks) {
        return new TrainedStep(
                pictures(1),
                pictures(2),
                tape.watch(pictures(3)),
                pictures(4),
                pictures(5),
                times,
                around(route, blocks));
    }

    private TrainedStep step(float... times) {
        return step(times, Optional.empty(), new BlockOutputs(List.of()));
    }

    // Contrastive flow matching.

    @Test
    void contrastsWithThePictureBefore() {
        Tensor prediction = tape.watch(tape.constant(new float[] {1, 2, 3}, 3, 1));
        Tensor target = tape.constant(new float[] {1, 2, 3}, 3, 1);
        var step = new TrainedStep(
                target, target, prediction, prediction, target, new float[3], around(Optional.empty(), null));
        Tensor value = new ContrastiveFlowMatching(0.3f).value(tape, step).orElseThrow();
        assertEquals(-0.3f * (4 + 1 + 1) / 3, value.item(), 1e-6f); // against 3, 1, 2
        tape.backward(value);
        float[] slope = tape.gradient(prediction).toFloats();
        RelativeError.assertRelativeError(slope, new double[] {-0.2 * -2, -0.2 * 1, -0.2 * 1}, 1e-6);
    }

    @Test
    void contrastsAreAddedOneByOne() {
        var twice = List.<LossTerm>of(new ContrastiveFlowMatching(0.1f), new ContrastiveFlowMatching(0.2f));
        Loss plain = loss(List.of());
        Loss loss = loss(twice);
        float last = loss.parts().get("contrastive").item(); // of the second
        assertEquals(plain.total().item() + 1.5f * last, loss.total().item(), 1e-5f);
        assertEquals(List.of("mse", "contrastive"), List.copyOf(loss.parts().keySet()));
        assertEquals(plain.total().item(), loss.parts().get("mse").item());
    }

    private Loss loss(List<LossTerm> terms) {
        return loss(terms, new float[] {0.2f, 0.5f, 0.9f});
    }

    private Loss loss(List<LossTerm> terms, float[] times) {
        BlockOutputs blocks = new BlockOutputs(terms);
        var sample = new FlowMatchingObjective.Sample(
                pictures(1), pictures(2), times, Optional.of(around(Optional.empty(), blocks)));
        return new FlowMatchingObjective(Prediction.CLEAN_IMAGE, terms)
                .loss(tape, sample, (t, noised, at) -> t.watch(pictures(3)));
    }

    // Perceptual terms.

    private static final PerceptualDistance SQUARED = (tape, a, b) -> tape.meanSquare(a, b);

    private Tensor perceptual(float threshold, PictureTransform transform, float... times) {
        return new PerceptualTerm("p", 0.5f, threshold, transform, SQUARED)
                .value(tape, step(times))
                .orElseThrow();
    }

    @Test
    void onlyPicturesBelowTheThresholdCount() {
        PictureTransform whole = new PictureTransform.Whole();
        float low = perceptual(0.5f, whole, 0.1f, 0.6f, 0.9f).item();
        float all = perceptual(1, whole, 0.1f, 0.6f, 0.9f).item();
        float sameFirst = perceptual(0.5f, whole, 0.1f, 0.7f, 0.8f).item();
        assertEquals(low, sameFirst, "the others do not matter");
        assertTrue(all > 0 && low > 0 && all != low);
        assertEquals(0, perceptual(0, whole, 0.1f, 0.6f, 0.9f).item(), "the least threshold masks everything");
    }

    @Test
    void theTrueClearPictureIsWhatNoiseAndVelocityGive() {
        float[] times = {0.01f, 0.5f, 1};
        TrainedStep step = step(times);
        PerceptualDistance compares = (t, predicted, clean) -> {
            float[] noised = step.noised().toFloats();
            float[] velocity = step.target().toFloats();
            double[] expected = new double[noised.length];
            for (int i = 0; i < noised.length; i++) {
                double time = Math.max(times[i / (noised.length / BATCH)], 0.05f);
                expected[i] = noised[i] - time * velocity[i];
            }
            RelativeError.assertRelativeError(clean.toFloats(), expected, 1e-6);
            return t.meanSquare(predicted, clean);
        };
        assertTrue(new PerceptualTerm("p", 1, 1, new PictureTransform.Whole(), compares)
                .value(tape, step)
                .isPresent());
    }

    @Test
    void cropsBothPicturesInOnePlace() {
        Tensor x = pictures(7);
        PictureTransform crop = PictureTransform.of(3, 0.5f);
        float[] one = crop.apply(tape, x, new PhiloxRandom(4)).toFloats();
        assertArrayEquals(one, crop.apply(tape, x, new PhiloxRandom(4)).toFloats());
        assertEquals(BATCH * 3 * 3 * 3, one.length);
        float[] all = x.toFloats();
        boolean found = false;
        for (int top = 0; top < SIDE - 3; top++) {
            for (int left = 0; left < SIDE - 3; left++) {
                found |= isCrop(all, one, top, left);
            }
        }
        assertTrue(found, "a crop is a part of the picture");
        assertEquals(x, PictureTransform.of(SIDE, 1).apply(tape, x, new PhiloxRandom(4)), "not larger: whole");
        assertEquals(
                Shape.of(BATCH, 3, 4, 4),
                PictureTransform.of(0, 0.5f).apply(tape, x, new PhiloxRandom(4)).shape());
    }

    private static boolean isCrop(float[] all, float[] crop, int top, int left) {
        for (int i = 0; i < crop.length; i++) {
            int plane = i / 9;
            int at = plane * SIDE * SIDE + (top + i / 3 % 3) * SIDE + left + i % 3;
            if (all[at] != crop[i]) {
                return false;
            }
        }
        return true;
    }

    // Alignment.

    private record Fixed(float[] values, int width) implements TeacherFeatures {
        @Override
        public Tensor of(Tape tape, TrainedStep step) {
            return tape.constant(values, BATCH, values.length / BATCH / width, width);
        }
    }

    private static final int TOKENS = (SIDE / PATCH) * (SIDE / PATCH);
    private static final Fixed TEACHER = new Fixed(Tensors.normals(6, BATCH * TOKENS * 5), 5);

    private RepresentationAlignment alignment(float lambda) {
        Parameters parameters = new Parameters(weights, new PhiloxRandom(3));
        return new RepresentationAlignment(lambda, 1, new MlpProjector(parameters, 16, 5), false, TEACHER);
    }

    private BlockOutputs seen(LossTerm term, int tokens) {
        BlockOutputs blocks = new BlockOutputs(List.of(term));
        for (int block = 0; block < 3; block++) {
            Tensor features =
                    tape.watch(tape.constant(Tensors.normals(20 + block, BATCH * tokens * 16), BATCH, tokens, 16));
            blocks.see(tape, new PrxTap.Place.Block(block), features);
        }
        return blocks;
    }

    @Test
    void looksAtItsBlockOnly() {
        RepresentationAlignment term = alignment(0.5f);
        BlockOutputs blocks = seen(term, TOKENS);
        float value = term.value(tape, step(new float[3], Optional.empty(), blocks))
                .orElseThrow()
                .item();
        assertTrue(Math.abs(value) <= 0.5f && value != 0, "a cosine times λ: " + value);
        assertThrows(MissingFeaturesException.class, () -> blocks.of(0));
        float doubled = new RepresentationAlignment(1, 1, term.projector(), false, TEACHER)
                .value(tape, step(new float[3], Optional.empty(), blocks))
                .orElseThrow()
                .item();
        assertEquals(2 * value, doubled, 1e-6f);
    }

    @Test
    void withoutTheBlocksOutputNothingIsAligned() {
        RepresentationAlignment term = alignment(0.5f);
        var e = assertThrows(
                MissingFeaturesException.class,
                () -> term.value(tape, step(new float[3], Optional.empty(), new BlockOutputs(List.of(term)))));
        assertEquals(
                "output of block 1: expected the denoiser to have run with this tap, it saw blocks []", e.getMessage());
    }

    @Test
    void gradientsReachProjectorAndBlock() {
        Parameters parameters = new Parameters(weights, new PhiloxRandom(3));
        var term = new RepresentationAlignment(0.5f, 1, new MlpProjector(parameters, 16, 5), false, TEACHER);
        BlockOutputs blocks = seen(term, TOKENS);
        tape.backward(
                term.value(tape, step(new float[3], Optional.empty(), blocks)).orElseThrow());
        for (Parameter parameter : parameters.all()) {
            assertNotZero(parameter.name(), parameter.gradient().orElseThrow());
        }
        assertNotZero("features", tape.gradient(blocks.of(1)));
        assertEquals(
                List.of(
                        "in_layer.weight",
                        "in_layer.bias",
                        "hidden_layer.weight",
                        "hidden_layer.bias",
                        "out_layer.weight",
                        "out_layer.bias"),
                parameters.all().stream().map(Parameter::name).toList());
        assertEquals(16 * 5 + 5 + 2 * (25 + 5), parameters.elements());
    }

    private static void assertNotZero(String name, Tensor gradient) {
        float[] values = gradient.toFloats();
        assertFalse(Arrays.equals(new float[values.length], values), name);
    }

    /** Visible tokens are compared with their own targets: those of the routed ones do not matter. */
    @Test
    void onARouteOnlyVisibleTokensCount() {
        int[][] visible = new int[BATCH][];
        int[][] routed = new int[BATCH][];
        Arrays.fill(visible, new int[] {0, 2, 4, 6, 8, 10, 12, 14});
        Arrays.fill(routed, new int[] {1, 3, 5, 7, 9, 11, 13, 15});
        RepresentationAlignment term = alignment(0.5f);
        float[] changed = TEACHER.values.clone();
        for (int token = 1; token < BATCH * TOKENS; token += 2) {
            Arrays.fill(changed, token * 5, token * 5 + 5, 9);
        }
        var other = new RepresentationAlignment(0.5f, 1, term.projector(), false, new Fixed(changed, 5));
        var inside = Optional.of(new TokenRoute(0, 2, visible, routed, false));
        BlockOutputs few = seen(term, 8);
        float value =
                term.value(tape, step(new float[3], inside, few)).orElseThrow().item();
        assertEquals(
                value,
                other.value(tape, step(new float[3], inside, few)).orElseThrow().item());
        var outside = Optional.of(new TokenRoute(2, 3, visible, routed, false));
        BlockOutputs all = seen(term, TOKENS);
        assertTrue(
                term.value(tape, step(new float[3], outside, all)).orElseThrow().item()
                        != other.value(tape, step(new float[3], outside, all))
                                .orElseThrow()
                                .item());
    }

    @Test
    void projectorsRefuseWhatTheyCannotDo() {
        Parameters parameters = new Parameters(weights, new PhiloxRandom(3));
        assertThrows(ShapeMismatchException.class, () -> new AttentionProjector(parameters, 24, 5));
        var convolution = new ConvolutionProjector(parameters, 16, 5);
        Tensor features = tape.constant(new float[2 * 16], 1, 2, 16);
        var e = assertThrows(
                ShapeMismatchException.class,
                () -> convolution.project(
                        tape, features, new AlignmentProjector.Grid(2, 2), Optional.of(new int[][] {{0, 3}})));
        assertEquals(
                "convolution projector: 2 tokens of a grid of 2 × 2; take the attention projector with routing",
                e.getMessage());
    }

    /** Upstream's own numbers. */
    @Test
    void normalisesOverTokensByEachTokensMean() {
        Tensor tokens = tape.constant(new float[] {1, 2, 3, 2, 0, 1, 4, 1, -1, 0, 3, 2}, 1, 4, 3);
        double[] expected = {
            -1.135788, -1.154699, 0.357506, 0.113579, -1.732049, -0.178753, 0.757192, -1.154700, -1.906698, -1.325085,
            0.577350, -0.059584
        };
        // six digits are given
        RelativeError.assertRelativeError(SpatialNormalization.of(tape, tokens).toFloats(), expected, 1e-6);
    }

    // Precomputed features.

    private record Stored(Map<String, float[]> tensors, Shape shape) implements NamedTensors {
        @Override
        public Set<String> names() {
            return tensors.keySet();
        }

        @Override
        public Shape shape(String name) {
            return shape;
        }

        @Override
        public float[] values(String name) {
            return tensors.get(name);
        }

        @Override
        public String toString() {
            return "features.safetensors";
        }
    }

    @Test
    void storedFeaturesGoByTheIdsOfPictures() {
        float[] a = Tensors.normals(1, TOKENS * 5);
        float[] c = Tensors.normals(3, TOKENS * 5);
        var stored = new Stored(Map.of("a", a, "b", new float[TOKENS * 5], "c", c), Shape.of(TOKENS, 5));
        float[] features =
                PrecomputedTeacher.of(stored).of(tape, step(new float[3])).toFloats();
        assertArrayEquals(a, Arrays.copyOf(features, a.length));
        assertArrayEquals(c, Arrays.copyOfRange(features, 2 * a.length, 3 * a.length));
        var without = new Stored(Map.of("a", a, "c", c), Shape.of(TOKENS, 5));
        var e = assertThrows(
                MissingFeaturesException.class,
                () -> PrecomputedTeacher.of(without).of(tape, step(new float[3])));
        assertEquals(
                "teacher features of picture b in features.safetensors: expected (16, 5), there are none",
                e.getMessage());
        var misshapen = new Stored(Map.of("a", a, "b", a, "c", c), Shape.of(5, TOKENS));
        assertThrows(
                MissingFeaturesException.class,
                () -> PrecomputedTeacher.of(misshapen).of(tape, step(new float[3])));
        assertThrows(MissingFeaturesException.class, () -> PrecomputedTeacher.of(new Stored(Map.of(), Shape.of(1))));
    }
}
