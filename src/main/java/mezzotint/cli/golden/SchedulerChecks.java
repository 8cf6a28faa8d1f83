package mezzotint.cli.golden;

import java.util.Map;
import com.fasterxml.jackson.databind.JsonNode;
import mezzotint.autograd.Tape;
import mezzotint.flow.Draws;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.flow.TimestepDistribution;
import mezzotint.kernel.Device;
import mezzotint.sampling.EulerSampler;
import mezzotint.sampling.TimeGrid;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Time grids, Euler steps and the times drawn for training. */
final class SchedulerChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "sched_native", SchedulerChecks::nativeScheduler,
            "sched_training_times", SchedulerChecks::trainingTimes);

    private static final long ARENA_BYTES = 16L << 20;
    private static final double TOLERANCE = 1e-6;
    private static final float STEP_SHIFT = 3f;
    private static final int STEPS = 6;

    private SchedulerChecks() {}

    /** {@code sched_native}. */
    static void nativeScheduler(GoldenCase golden, Device device) {
        double tolerance = golden.tolerance("all", TOLERANCE);
        for (JsonNode row : golden.json().path("rows")) {
            TimeGrid grid = TimeGrid.nativeGrid(
                    row.path("steps").intValue(),
                    new TimeShift(row.path("shift").floatValue()));
            float[] sigmas = new float[grid.steps() + 1];
            for (int i = 0; i < sigmas.length; i++) {
                sigmas[i] = grid.time(i);
            }
            String index = row.path("index").asText();
            golden.compare(index + ".sigmas", sigmas, tolerance);
            golden.compare(index + ".timesteps", java.util.Arrays.copyOf(sigmas, grid.steps()), tolerance);
        }
        steps(golden, device, "flow_matching", Prediction.VELOCITY, tolerance);
        steps(golden, device, "x_prediction_flow_matching", Prediction.CLEAN_IMAGE, tolerance);
        addNoise(golden, device, tolerance);
    }

    private static void steps(GoldenCase golden, Device device, String kind, Prediction prediction, double tolerance) {
        try (TensorArena arena = device.arena(ARENA_BYTES);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            TimeGrid grid = TimeGrid.nativeGrid(STEPS, new TimeShift(STEP_SHIFT));
            EulerSampler sampler = new EulerSampler(grid, prediction);
            Tensor sample = GoldenTensors.floats(tape, golden.tensor("step." + kind + ".in.sample"));
            Tensor samples = tape.allocate(
                    golden.tensor("step." + kind + ".samples").shape().dims());
            for (int i = 0; i < grid.steps(); i++) {
                Tensor output = GoldenTensors.row(tape, golden.tensor("step." + kind + ".in.model_output"), i);
                sampler.step(tape, sample, output, grid.time(i));
                samples.rows(i, i + 1).view(sample.shape().dims()).copyFrom(sample);
            }
            golden.compare("step." + kind + ".samples", samples.toFloats(), tolerance);
            float[] times = golden.floats("nearest." + kind + ".t");
            Tensor nearest = tape.allocate(
                    golden.tensor("nearest." + kind + ".out").shape().dims());
            for (int i = 0; i < times.length; i++) {
                Tensor start = GoldenTensors.floats(tape, golden.tensor("step." + kind + ".in.sample"));
                Tensor output = GoldenTensors.row(tape, golden.tensor("step." + kind + ".in.model_output"), 0);
                sampler.step(tape, start, output, times[i]);
                nearest.rows(i, i + 1).view(start.shape().dims()).copyFrom(start);
            }
            golden.compare("nearest." + kind + ".out", nearest.toFloats(), tolerance);
        }
    }

    private static void addNoise(GoldenCase golden, Device device, double tolerance) {
        try (TensorArena arena = device.arena(ARENA_BYTES);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            Tensor noised = FlowPath.noised(
                    tape,
                    GoldenTensors.floats(tape, golden.tensor("add_noise.x0")),
                    GoldenTensors.floats(tape, golden.tensor("add_noise.noise")),
                    golden.floats("add_noise.t"));
            golden.compare("add_noise.out", noised.toFloats(), tolerance);
        }
    }

    /** {@code sched_training_times}. */
    static void trainingTimes(GoldenCase golden, Device device) {
        for (JsonNode row : golden.json().path("rows")) {
            String index = row.path("index").asText();
            TimeShift shift = new TimeShift(row.path("shift").floatValue());
            var range = new TimestepDistribution.Range(
                    row.path("range").path(0).floatValue(),
                    row.path("range").path(1).floatValue());
            TimestepDistribution distribution =
                    row.path("distribution").asText().equals("uniform")
                            ? new TimestepDistribution.Uniform(shift, range)
                            : new TimestepDistribution.LogitNormal(shift, range);
            float[] times = distribution.sample(row.path("size").intValue(), new Recording(golden, index));
            golden.compare(index + ".timesteps", times, golden.tolerance("all", TOLERANCE));
        }
    }

    /** The random numbers that upstream drew, in the order it drew them. */
    private static final class Recording implements Draws {
        private final GoldenCase golden;
        private final String index;
        private int normals;
        private int uniforms;

        Recording(GoldenCase golden, String index) {
            this.golden = golden;
            this.index = index;
        }

        @Override
        public float[] normals(int count) {
            return golden.floats(index + ".in.normals." + normals++);
        }

        @Override
        public float[] uniforms(int count) {
            return golden.floats(index + ".in.uniforms." + uniforms++);
        }
    }
}
