package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Tape;
import mezzotint.flow.Draws;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.flow.TimestepDistribution;
import mezzotint.image.AspectBins;
import mezzotint.image.AspectBuckets;
import mezzotint.image.ImageSize;
import mezzotint.kernel.Device;
import mezzotint.sampling.FlowSampler;
import mezzotint.sampling.Precision;
import mezzotint.sampling.Solver;
import mezzotint.sampling.TimeGrid;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Time grids, Euler steps and the times drawn for training. */
final class SchedulerChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "sched_native", SchedulerChecks::nativeScheduler,
            "sched_training_times", SchedulerChecks::trainingTimes,
            "sched_flow_match_euler", SchedulerChecks::diffusersScheduler,
            "sched_aspect_bins", SchedulerChecks::aspectBins);

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
            compareGrid(golden, row, grid, 1, tolerance);
        }
        steps(golden, device, "flow_matching", Prediction.VELOCITY, tolerance);
        steps(golden, device, "x_prediction_flow_matching", Prediction.CLEAN_IMAGE, tolerance);
        addNoise(golden, device, tolerance);
    }

    /** @param unit what a time of 1 is called in the recording */
    private static void compareGrid(GoldenCase golden, JsonNode row, TimeGrid grid, float unit, double tolerance) {
        float[] sigmas = new float[grid.steps() + 1];
        float[] times = new float[grid.steps()];
        for (int i = 0; i < sigmas.length; i++) {
            sigmas[i] = grid.sigma(i);
        }
        for (int i = 0; i < times.length; i++) {
            times[i] = grid.time(i) * unit;
        }
        String index = row.path("index").asText();
        golden.compare(index + ".sigmas", sigmas, tolerance);
        golden.compare(index + ".timesteps", times, tolerance);
    }

    /** {@code sched_flow_match_euler}; the sigmas are the recorded ones to the last bit. */
    static void diffusersScheduler(GoldenCase golden, Device device) {
        double tolerance = golden.tolerance("timesteps, sigmas", TOLERANCE);
        for (JsonNode row : golden.json().path("rows")) {
            TimeShift shift = new TimeShift(row.path("shift").floatValue());
            TimeGrid grid = row.has("custom_timesteps")
                    ? TimeGrid.ofTimesteps(floats(row.path("custom_timesteps")), shift)
                    : TimeGrid.diffusersGrid(row.path("steps").intValue(), shift);
            compareGrid(golden, row, grid, TimeGrid.TRAINING_TIMES, tolerance);
            String index = row.path("index").asText();
            float[] sigmas = golden.floats(index + ".sigmas");
            for (int i = 0; i < sigmas.length; i++) {
                golden.compareExactly(index + ".sigma." + i, sigmas[i], grid.sigma(i));
            }
        }
        diffusersSteps(golden, device, "f32", Precision.FLOAT32);
        diffusersSteps(golden, device, "bf16", Precision.BFLOAT16);
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }

    private static void diffusersSteps(GoldenCase golden, Device device, String kind, Precision precision) {
        String prefix = "step." + kind;
        try (TensorArena arena = device.arena(ARENA_BYTES);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            long[] dims = golden.tensor(prefix + ".samples").shape().dims();
            TimeGrid grid = TimeGrid.diffusersGrid((int) dims[0], new TimeShift(STEP_SHIFT));
            FlowSampler sampler = new FlowSampler(grid, Prediction.VELOCITY, Solver.EULER);
            Tensor sample = GoldenTensors.floats(tape, golden.tensor(prefix + ".in.sample"));
            Tensor samples = tape.allocate(dims);
            for (int i = 0; i < grid.steps(); i++) {
                Tensor output = GoldenTensors.row(tape, golden.tensor(prefix + ".in.model_output"), i);
                sampler.step(tape, sample, output, grid.time(i));
                sample.set(precision.round(sample.toFloats()));
                samples.rows(i, i + 1).view(sample.shape().dims()).copyFrom(sample);
            }
            golden.compare(prefix + ".samples", samples.toFloats(), golden.tolerance(prefix, TOLERANCE));
        }
    }

    /** {@code sched_aspect_bins}: look-ups are exact. */
    static void aspectBins(GoldenCase golden, Device device) {
        for (JsonNode row : golden.json().path("diffusers")) {
            ImageSize size = size(row, 1);
            ImageSize bin = AspectBins.ofBase(row.get(0).intValue()).orElseThrow().nearest(size);
            golden.compareExactly("bin of %s at %s".formatted(size, row.get(0)), bin, size(row, 3));
        }
        for (JsonNode table : golden.json().path("native")) {
            int base = table.path("base").intValue();
            AspectBuckets buckets = AspectBuckets.of(base, table.path("patch_px").intValue());
            String of = " at %d/%s".formatted(base, table.path("patch_px"));
            List<ImageSize> sizes = new ArrayList<>();
            table.path("sizes_wh_sorted")
                    .forEach(wh -> sizes.add(
                            new ImageSize(wh.get(1).intValue(), wh.get(0).intValue())));
            golden.compareExactly("buckets" + of, buckets.sizes(), sizes);
            for (JsonNode row : table.path("nearest [h,w,target_h,target_w]")) {
                golden.compareExactly("bucket of " + size(row, 0) + of, buckets.nearest(size(row, 0)), size(row, 2));
            }
            for (JsonNode row : table.path("center_crop [h,w,crop_h,crop_w]")) {
                golden.compareExactly("crop of " + size(row, 0) + of, buckets.centreCrop(size(row, 0)), size(row, 2));
            }
        }
    }

    private static ImageSize size(JsonNode row, int at) {
        return new ImageSize(row.get(at).intValue(), row.get(at + 1).intValue());
    }

    private static void steps(GoldenCase golden, Device device, String kind, Prediction prediction, double tolerance) {
        try (TensorArena arena = device.arena(ARENA_BYTES);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            TimeGrid grid = TimeGrid.nativeGrid(STEPS, new TimeShift(STEP_SHIFT));
            FlowSampler sampler = new FlowSampler(grid, prediction, Solver.EULER);
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
