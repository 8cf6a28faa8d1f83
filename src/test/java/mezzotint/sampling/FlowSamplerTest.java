package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowSamplerTest {
    private static float[] times(TimeGrid grid) {
        float[] times = new float[grid.steps() + 1];
        for (int i = 0; i < times.length; i++) {
            times[i] = grid.time(i);
        }
        return times;
    }

    @Test
    void gridsAreThoseComputedByHand() {
        assertArrayEquals(new float[] {1, 0.75f, 0.5f, 0.25f, 0}, times(TimeGrid.nativeGrid(4, new TimeShift(1))));
        // 3t/(1 + 2t): 2.25/2.5, 1.5/2, 0.75/1.5
        assertArrayEquals(
                new float[] {1, 0.9f, 0.75f, 0.5f, 0}, times(TimeGrid.nativeGrid(4, new TimeShift(3))), 1e-7f);
        assertArrayEquals(new float[] {1, 0}, times(TimeGrid.nativeGrid(1, new TimeShift(3))));
        TimeGrid grid = TimeGrid.nativeGrid(4, new TimeShift(3));
        assertEquals(0.15f, grid.length(1), 1e-7);
        assertEquals(0.5f, grid.length(3), 1e-7);
        assertEquals(0, grid.stepAt(1));
        assertEquals(1, grid.stepAt(0.88f));
        assertEquals(2, grid.stepAt(0.7f));
        assertEquals(3, grid.stepAt(0)); // no step starts at 0
        var e = assertThrows(IllegalArgumentException.class, () -> TimeGrid.nativeGrid(0, new TimeShift(1)));
        assertEquals("time grid: expected at least 1 step, got 0", e.getMessage());
    }

    /** What a perfect network says when all data is one picture: the velocity is (x − x₀)/t wherever x is. */
    private static float[] oracle(Prediction prediction, float[] x, float[] picture, float time) {
        float[] out = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = switch (prediction) {
                case Prediction.Velocity() -> (x[i] - picture[i]) / time;
                case Prediction.CleanImage() -> picture[i];
                case Prediction.Noise() -> (x[i] - (1 - time) * picture[i]) / time;
            };
        }
        return out;
    }

    @ParameterizedTest
    @CsvSource({"v, 1, 1", "x, 1, 1", "eps, 10, 1", "v, 10, 3", "x, 10, 3", "eps, 10, 3", "v, 7, 1", "x, 7, 1"})
    void landsOnTheOnlyPictureThereIs(String name, int steps, float shift) {
        Prediction prediction = Prediction.named(name);
        TestDevice device = new TestDevice(Devices.one().kernels());
        float[] picture = Tensors.normals(3, 24);
        List<Integer> seen = new ArrayList<>();
        try (var arena = device.arena(1 << 20);
                var scratch = device.arena(1 << 20)) {
            Tensor sample = arena.allocate(2, 3, 2, 2).set(Tensors.normals(4, 24));
            TimeGrid grid = TimeGrid.nativeGrid(steps, new TimeShift(shift));
            // ε-prediction has no velocity at t = 1: its first step stays where it is, the others make up for it.
            new FlowSampler(grid, prediction, Solver.EULER)
                    .sample(
                            device.kernels(),
                            scratch,
                            sample,
                            (tape, x, t) -> tape.constant(oracle(prediction, x.toFloats(), picture, t), 2, 3, 2, 2),
                            FlowSampler.Constraint.NONE,
                            step -> {
                                seen.add(step.index());
                                assertEquals(grid.time(step.index()), step.time());
                                assertEquals(steps, step.steps());
                                if (step.time() <= 0.95f || !name.equals("eps")) { // nearer to noise the clamp acts
                                    RelativeError.assertRelativeError(
                                            "x̂₀ at step " + step.index(),
                                            step.clean().toFloats(),
                                            Tensors.doubles(picture),
                                            1e-5);
                                }
                            });
            // each of at most ten steps rounds once, and ε-prediction divides by as little as 1/10
            RelativeError.assertRelativeError(sample, Tensors.doubles(picture), 1e-5);
            assertEquals(0, scratch.used());
        }
        assertEquals(steps, seen.size());
    }

    /** Three numbers through two networks, as upstream computed them. */
    @Test
    void givesTheRecordedNumbers() {
        assertSampled(Prediction.VELOCITY, (x, t) -> 0.5 * x + t, new double[] {-0.251582, -1.116602, 0.613438});
        assertSampled(
                Prediction.CLEAN_IMAGE, (x, t) -> 0.9 * Math.tanh(x), new double[] {0.381218, -0.612699, 0.801557});
    }

    /** A network of one number. */
    private interface Scalar {
        double at(double x, double t);
    }

    private static void assertSampled(Prediction prediction, Scalar network, double[] expected) {
        TestDevice device = new TestDevice();
        try (var arena = device.arena(1 << 20);
                var scratch = device.arena(1 << 20)) {
            Tensor sample = arena.allocate(1, 3).set(0.5f, -1f, 2f);
            new FlowSampler(TimeGrid.nativeGrid(4, new TimeShift(3)), prediction, Solver.EULER)
                    .sample(
                            device.kernels(),
                            scratch,
                            sample,
                            (tape, x, t) -> {
                                float[] out = x.toFloats();
                                for (int i = 0; i < out.length; i++) {
                                    out[i] = (float) network.at(out[i], t);
                                }
                                return tape.constant(out, 1, 3);
                            },
                            FlowSampler.Constraint.NONE,
                            SamplingListener.NONE);
            float[] actual = sample.toFloats();
            for (int i = 0; i < 3; i++) {
                assertEquals(expected[i], actual[i], 2e-6); // six decimals were written down
            }
        }
    }

    @Test
    void guidanceOfOneIsNone() {
        assertEquals(new Guidance.None(), Guidance.of(1));
        assertEquals(new Guidance.ClassifierFree(3.5f), Guidance.of(3.5f));
        assertEquals(new Guidance.ClassifierFree(0), Guidance.of(0));
        var e = assertThrows(IllegalArgumentException.class, () -> Guidance.of(Float.NaN));
        assertEquals("guidance: expected a finite scale, got NaN", e.getMessage());
    }

    /** One number through v = x + t on the grid 1, ½, 0, from 1, by hand: 2 and ½ average to 1¼; the last step is Euler's. */
    @Test
    void heunAveragesTheVelocitiesAtBothEnds() {
        List<Float> asked = new ArrayList<>();
        List<Float> seen = new ArrayList<>();
        sampled(2, Solver.HEUN, FlowSampler.Constraint.NONE, asked, step -> seen.add(step.next().toFloats()[0]));
        assertEquals(List.of(1f, 0.5f, 0.5f), asked);
        assertEquals(List.of(0.375f, -0.0625f), seen);
    }

    /** The error of dx/dt = −(x + t) falls with the square of the steps for Heun, with the steps for Euler. */
    @Test
    void heunIsOfSecondOrder() {
        double[] last = new double[1];
        double[][] errors = new double[2][2];
        double exact = 3 * Math.exp(-1) - 1; // of x' = x + t from t = 1 to 0
        for (Solver solver : Solver.values()) {
            for (int i = 0; i < 2; i++) {
                sampled(20 << i, solver, FlowSampler.Constraint.NONE, new ArrayList<>(), step -> last[0] =
                        step.next().toFloats()[0]);
                errors[solver.ordinal()][i] = Math.abs(last[0] - exact);
            }
        }
        double euler = errors[Solver.EULER.ordinal()][0] / errors[Solver.EULER.ordinal()][1];
        double heun = errors[Solver.HEUN.ordinal()][0] / errors[Solver.HEUN.ordinal()][1];
        assertEquals(2, euler, 0.1); // first order, and a little of the second
        assertTrue(heun > 3, "Heun: " + heun); // 4 but for the last step, which is Euler's
    }

    @Test
    void aConstraintHoldsAfterEveryStep() {
        List<Float> sigmas = new ArrayList<>();
        float[] last = new float[1];
        sampled(
                2,
                Solver.EULER,
                (tape, x, sigma) -> {
                    sigmas.add(sigma);
                    x.set(7f);
                },
                new ArrayList<>(),
                step -> last[0] = step.next().toFloats()[0]);
        assertEquals(List.of(0.5f, 0f), sigmas);
        assertEquals(7f, last[0]);
    }

    @Test
    void endsWhenItIsCancelled() {
        List<Float> asked = new ArrayList<>();
        var e = assertThrows(
                SamplingCancelledException.class,
                () -> sampled(4, Solver.EULER, FlowSampler.Constraint.NONE, asked, new SamplingListener() {
                    private int steps;

                    @Override
                    public void step(SamplingStep step) {
                        steps++;
                    }

                    @Override
                    public boolean isCancelled() {
                        return steps == 2;
                    }
                }));
        assertEquals("sampling was cancelled after 2 of 4 steps", e.getMessage());
        assertEquals(2, asked.size());
    }

    private static void sampled(
            int steps,
            Solver solver,
            FlowSampler.Constraint constraint,
            List<Float> asked,
            SamplingListener listener) {
        TestDevice device = new TestDevice();
        try (var arena = device.arena(1 << 16);
                var scratch = device.arena(1 << 16)) {
            Tensor sample = arena.allocate(1, 1).set(1f);
            new FlowSampler(TimeGrid.nativeGrid(steps, new TimeShift(1)), Prediction.VELOCITY, solver)
                    .sample(
                            device.kernels(),
                            scratch,
                            sample,
                            (tape, x, t) -> {
                                asked.add(t);
                                return tape.constant(new float[] {x.toFloats()[0] + t}, 1, 1);
                            },
                            constraint,
                            listener);
            assertEquals(0, scratch.used());
        }
    }

    @Test
    void guidanceHoldsWithinItsInterval() {
        var interval = new Guidance.Interval(0.25f, 0.5f);
        assertTrue(interval.contains(0.25f) && interval.contains(0.5f));
        assertFalse(interval.contains(0.2f) || interval.contains(0.51f));
        var e = assertThrows(IllegalArgumentException.class, () -> new Guidance.Interval(0.6f, 0.5f));
        assertEquals("guidance interval: expected 0 ≤ from ≤ to ≤ 1, got 0.6 to 0.5", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Guidance.Interval(Float.NaN, 1));
    }
}
