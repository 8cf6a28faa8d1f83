package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.testing.GradientCheck;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loss, caption dropout, learning rate, clipping, AdamW, average and bins of a step. */
class StepPartsTest {
    private static final float[] TIMES = {0.01f, 0.3f, 0.5f, 0.99f}; // both clamps act

    private final TestDevice device = new TestDevice();
    private final Tensors tensors = new Tensors(8 << 20);

    @AfterEach
    void free() {
        tensors.close();
    }

    /** Mean of (v̂ − v)² in float64, as the class says it. */
    private static double loss(Prediction prediction, double[] output, float[] clean, float[] noise) {
        int per = output.length / TIMES.length;
        double sum = 0;
        for (int i = 0; i < output.length; i++) {
            double t = TIMES[i / per];
            double difference = switch (prediction) {
                case Prediction.Velocity() -> output[i] - ((double) noise[i] - clean[i]);
                case Prediction.CleanImage() -> (output[i] - clean[i]) / Math.max(t, 0.05f);
                case Prediction.Noise() -> (output[i] - noise[i]) / Math.max(1 - t, 0.05f);
            };
            sum += difference * difference;
        }
        return sum / output.length;
    }

    @ParameterizedTest
    @ValueSource(strings = {"v", "x", "eps"})
    void lossAndItsGradientAreThoseOfTheDefinition(String name) {
        Prediction prediction = Prediction.named(name);
        float[] clean = Tensors.normals(1, 48);
        float[] noise = Tensors.normals(2, 48);
        float[] output = Tensors.normals(3, 48);
        try (var activations = device.arena(1 << 20);
                var gradients = device.arena(1 << 20);
                Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor out = tape.watch(tape.constant(output, 4, 3, 2, 2));
            var loss = new FlowMatchingObjective(prediction)
                    .loss(
                            tape,
                            tape.constant(clean, 4, 3, 2, 2),
                            tape.constant(noise, 4, 3, 2, 2),
                            TIMES,
                            (t, noised, times) -> {
                                assertArrayEquals(TIMES, times.toFloats());
                                return out;
                            });
            tape.backward(loss.total());
            // Conversions divide differences of rounded numbers by 0.05: 6e-8 · 20 · a few.
            RelativeError.assertRelativeError(
                    loss.total(), new double[] {loss(prediction, Tensors.doubles(output), clean, noise)}, 1e-5);
            GradientCheck.assertSlope(
                    "gradient",
                    tape.gradient(out).toFloats(),
                    x -> loss(prediction, x, clean, noise),
                    Tensors.doubles(output),
                    48,
                    1e-5);
            float mean = 0;
            for (float each : loss.perSample().toFloats()) {
                mean += each / 4;
            }
            assertEquals(loss.total().item(), mean, 1e-5 * mean);
            var e = assertThrows(
                    ShapeMismatchException.class,
                    () -> new FlowMatchingObjective(prediction)
                            .loss(tape, out, out, new float[3], (t, noised, times) -> noised));
            assertEquals("loss: pictures (4, 3, 2, 2), 3 times", e.getMessage());
        }
    }

    @Test
    void dropsTheCaptionsWhoseNumberIsBelowTheProbability() {
        CaptionDropout dropout = new CaptionDropout(0.1f);
        assertEquals(List.of("", "b", "c"), dropout.apply(List.of("a", "b", "c"), new float[] {0.0999f, 0.1f, 0.9f}));
        assertEquals(List.of("", ""), new CaptionDropout(1).apply(List.of("a", "b"), new float[] {0, 0.9999f}));
        assertEquals(List.of("a"), new CaptionDropout(0).apply(List.of("a"), new float[] {0}));
        for (float bad : new float[] {-0.1f, 1.1f, Float.NaN}) {
            var e = assertThrows(IllegalArgumentException.class, () -> new CaptionDropout(bad));
            assertEquals("caption dropout: expected a probability in [0, 1], got " + bad, e.getMessage());
        }
    }

    @Test
    void learningRatesAreThoseComputedByHand() {
        var cosine = new LearningRate.CosineWithWarmup(2, 4, 12, 0.2);
        assertEquals(0.5, cosine.at(0));
        assertEquals(2, cosine.at(3));
        assertEquals(2, cosine.at(4));
        assertEquals(1.1, cosine.at(8), 1e-15); // half-way
        assertEquals(0.2 + 1.8 * 0.5 * (1 + Math.sqrt(0.5)), cosine.at(6), 1e-15); // cos 45°
        assertEquals(0.2, cosine.at(12), 1e-15);
        assertEquals(0.2, cosine.at(1000), 1e-15);
        assertEquals(1, new LearningRate.CosineWithWarmup(1, 0, 0, 0).at(0)); // a run of no steps divides by nothing
        assertEquals(1, new LearningRate.CosineWithWarmup(1, 10, 5, 0).at(9)); // all of it is warm-up
        var steps = new LearningRate.MultiStepWithWarmup(2, 4, List.of(6L, 8L), 0.1);
        assertEquals(0, steps.at(0));
        assertEquals(1.5, steps.at(3));
        assertEquals(2, steps.at(5));
        assertEquals(0.2, steps.at(6), 1e-15);
        assertEquals(0.02, steps.at(8), 1e-15);
        assertEquals(3, new LearningRate.Constant(3).at(77));
    }

    @Test
    void clipsTheNormOfAllGradientsTogether() {
        List<Tensor> gradients = List.of(tensors.of(new float[] {3, 0}, 2), tensors.of(new float[] {0, -4, 12}, 3));
        long before = tensors.arena().used();
        double norm = GradientClipping.norm(device.kernels(), tensors.arena(), gradients);
        assertEquals(13, norm); // 9 + 16 + 144 = 169
        assertEquals(before, tensors.arena().used());
        assertEquals(0.2 / (13 + 1e-6), new GradientClipping(0.2).factor(13));
        assertEquals(1, new GradientClipping(20).factor(13));
        assertEquals(1, GradientClipping.OFF.factor(1e30));
        assertEquals(1, GradientClipping.OFF.factor(0));
        assertTrue(Double.isNaN(GradientClipping.norm(
                device.kernels(), tensors.arena(), List.of(tensors.of(new float[] {1, Float.NaN}, 2)))));
        var e = assertThrows(IllegalArgumentException.class, () -> new GradientClipping(0));
        assertEquals("gradient clipping: expected a norm above 0, got 0.0", e.getMessage());
    }

    @Test
    void adamWNamesItsStateAndCountsItsSteps() {
        Parameter p =
                Parameter.trainable("a.b", tensors.of(new float[] {1, -1}, 2), tensors.of(new float[] {2, -0.5f}, 2));
        AdamW optimizer = new AdamW(device.kernels(), tensors.arena(), List.of(p), AdamW.Constants.PRX);
        assertEquals("[exp_avg.a.b, exp_avg_sq.a.b]", optimizer.state().keySet().toString());
        optimizer.update(0.1, 0.5);
        // The first step of Adam is the rate, whatever the gradient's size: bias correction makes m/√v its sign.
        RelativeError.assertRelativeError(p.value(), new double[] {0.9, -0.9}, 1e-6);
        RelativeError.assertRelativeError(optimizer.state().get("exp_avg.a.b"), new double[] {0.1, -0.025}, 1e-6);
        RelativeError.assertRelativeError(optimizer.state().get("exp_avg_sq.a.b"), new double[] {0.05, 0.003125}, 1e-6);
        assertEquals(1, optimizer.steps());
        optimizer.resumeAt(41);
        assertEquals(41, optimizer.steps());
        Parameter frozen = Parameter.frozen("c", p.value());
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> new AdamW(device.kernels(), tensors.arena(), List.of(frozen), AdamW.Constants.PRX));
        assertEquals("AdamW: parameter c(2) is frozen", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new AdamW.Constants(1, 0.9, 1e-8, 0));
    }

    @Test
    void momentsAreReadOrRefused() {
        assertEquals(new WeightAverage.Moment.Batches(10), WeightAverage.Moment.parse("10ba"));
        assertEquals(new WeightAverage.Moment.Epochs(1), WeightAverage.Moment.parse("1ep"));
        assertEquals(new WeightAverage.Moment.Share(0.5), WeightAverage.Moment.parse("0.5dur"));
        for (String bad : new String[] {"", "10", "ba", "1.5ba", "xep", "dur", "10 ba", "10BA"}) {
            var e = assertThrows(IllegalArgumentException.class, () -> WeightAverage.Moment.parse(bad), bad);
            assertEquals("moment: expected a number and ba, ep or dur, such as 10ba, got " + bad, e.getMessage());
        }
        WeightAverage.Moment start = new WeightAverage.Moment.Batches(0);
        for (WeightAverage.Moment bad :
                List.of(new WeightAverage.Moment.Share(0.1), new WeightAverage.Moment.Batches(0))) {
            assertThrows(IllegalArgumentException.class, () -> new WeightAverage.Schedule(0.9, start, bad));
        }
        assertThrows(IllegalArgumentException.class, () -> new WeightAverage.Schedule(1.1, start, start));
    }

    @Test
    void averageCopiesThenAverages() {
        Parameter p = Parameter.trainable("p", tensors.of(new float[] {1}, 1), tensors.of(new float[1], 1));
        var average = new WeightAverage(
                device.kernels(),
                tensors.arena(),
                List.of(p),
                new WeightAverage.Schedule(
                        0.75, new WeightAverage.Moment.Batches(2), new WeightAverage.Moment.Batches(2)));
        float[] seen = new float[4];
        for (int batch = 1; batch <= 4; batch++) {
            p.value().set(batch * 10f);
            average.batchEnded(new WeightAverage.Progress(batch, 0, 4, false));
            seen[batch - 1] = average.byParameter().get(p).item();
        }
        // nothing; the copy 20, averaged with itself; not a multiple of 2; ¾ · 20 + ¼ · 40
        assertArrayEquals(new float[] {1, 20, 20, 25}, seen);
        assertTrue(average.isActive());
    }

    @Test
    void lossesGoIntoTheirBins() {
        LossByTime bins = new LossByTime();
        bins.add(new float[] {0, 0.29f, 0.3f, 1}, new float[] {1, 3, 5, 7});
        assertArrayEquals(new double[] {2, 5, 7}, bins.means());
        bins.add(new float[] {0.6f}, new float[] {9});
        assertArrayEquals(new double[] {2, 5, 8}, bins.means());
        bins.reset();
        assertTrue(Arrays.stream(bins.means()).allMatch(Double::isNaN));
    }
}
