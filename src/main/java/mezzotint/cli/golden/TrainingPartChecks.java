package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.kernel.Device;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.AdamW;
import mezzotint.training.CaptionDropout;
import mezzotint.training.FlowMatchingObjective;
import mezzotint.training.GradientClipping;
import mezzotint.training.LearningRate;
import mezzotint.training.WeightAverage;

/** The parts of a training step, each on its own. */
final class TrainingPartChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "train_flow_matching_loss", TrainingPartChecks::flowMatchingLoss,
            "train_adamw", TrainingPartChecks::adamW,
            "train_ema", TrainingPartChecks::weightAverage,
            "train_grad_clip", TrainingPartChecks::gradientClipping,
            "train_lr_schedule", TrainingPartChecks::learningRate);

    private static final long ARENA_BYTES = 16L << 20;
    private static final double TOLERANCE = 1e-5;
    private static final double RATE_TOLERANCE = 1e-12; // a double against the same formula in double

    private TrainingPartChecks() {}

    /** {@code train_flow_matching_loss}. */
    static void flowMatchingLoss(GoldenCase golden, Device device) {
        flowMatchingLoss(golden, device, "velocity", Prediction.VELOCITY);
        flowMatchingLoss(golden, device, "xpred", Prediction.CLEAN_IMAGE);
        captionDropout(golden);
    }

    private static void flowMatchingLoss(GoldenCase golden, Device device, String run, Prediction prediction) {
        try (TensorArena activations = device.arena(ARENA_BYTES);
                TensorArena gradients = device.arena(ARENA_BYTES);
                Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor clean = GoldenTensors.floats(tape, golden.tensor("in.x0"));
            Tensor noise = GoldenTensors.floats(tape, golden.tensor("in.noise_unit"));
            device.kernels()
                    .pointwise()
                    .scale(noise, noise, golden.json().path("noise_scale").floatValue());
            Tensor output = tape.watch(GoldenTensors.floats(tape, golden.tensor("in.denoiser_output")));
            var loss = new FlowMatchingObjective(prediction)
                    .loss(tape, clean, noise, golden.floats("in.t"), (t, noised, times) -> output);
            tape.backward(loss.total());
            compare(golden, run + ".noised", loss.noised());
            compare(golden, run + ".prediction", loss.prediction());
            compare(golden, run + ".target", loss.target());
            compare(golden, run + ".loss", loss.total());
            compare(golden, run + ".grad.denoiser_output", tape.gradient(output));
        }
    }

    private static void compare(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, TOLERANCE));
    }

    private static void captionDropout(GoldenCase golden) {
        float[] uniforms = golden.floats("dropout.in.uniform");
        float[] embeddings = golden.floats("dropout.in.embeds");
        float[] empty = golden.floats("dropout.in.null_embeds");
        boolean[] mask = golden.tensor("dropout.in.mask").toBooleans();
        boolean[] emptyMask = golden.tensor("dropout.in.null_mask").toBooleans();
        CaptionDropout dropout = new CaptionDropout(0.1f);
        for (int b = 0; b < uniforms.length; b++) {
            if (dropout.drops(uniforms[b])) {
                System.arraycopy(empty, 0, embeddings, b * empty.length, empty.length);
                System.arraycopy(emptyMask, 0, mask, b * emptyMask.length, emptyMask.length);
            }
        }
        golden.compare("dropout.embeds", embeddings, 0);
        golden.compare(
                "dropout.mask",
                numbers(mask),
                numbers(golden.tensor("dropout.mask").toBooleans()),
                0);
    }

    private static float[] numbers(boolean[] flags) {
        float[] numbers = new float[flags.length];
        for (int i = 0; i < flags.length; i++) {
            numbers[i] = flags[i] ? 1 : 0;
        }
        return numbers;
    }

    /**
     * {@code train_adamw}.
     *
     * <p>The recorded tensors of that case shared their storage: its {@code in.param} are bit for bit the last rows of the
     * last configuration, every configuration began where the one before it ended, and where the first began was not kept.
     * Such a case is run from where it really began; of the first configuration the rows after the first are compared.
     */
    static void adamW(GoldenCase golden, Device device) {
        JsonNode configs = golden.json().path("configs");
        boolean shared = sharedStorage(golden, configs.size() - 1);
        for (JsonNode json : configs) {
            try (TensorArena arena = device.arena(ARENA_BYTES)) {
                int index = json.path("index").intValue();
                List<Parameter> parameters = new ArrayList<>();
                for (int p = 0; golden.has("in.param." + p); p++) {
                    Shape shape = golden.tensor("in.param." + p).shape();
                    float[] start =
                            shared && index > 0 ? row(golden, index - 1, p, -1) : golden.floats("in.param." + p);
                    Tensor value = arena.allocate(shape, DType.F32).set(start);
                    parameters.add(Parameter.trainable("" + p, value, arena.zeros(shape, DType.F32)));
                }
                var optimizer = new AdamW(
                        device.kernels(),
                        arena,
                        parameters,
                        new AdamW.Constants(
                                json.path("betas").path(0).doubleValue(),
                                json.path("betas").path(1).doubleValue(),
                                json.path("eps").doubleValue(),
                                json.path("weight_decay").doubleValue()));
                new AdamWRun(golden, optimizer, parameters, index, shared && index == 0)
                        .steps(json.path("lr").doubleValue());
            }
        }
    }

    private static boolean sharedStorage(GoldenCase golden, int last) {
        for (int p = 0; golden.has("in.param." + p); p++) {
            if (!java.util.Arrays.equals(golden.floats("in.param." + p), row(golden, last, p, -1))) {
                return false;
            }
        }
        return true;
    }

    /** Parameter {@code p} after step {@code step} of a configuration, 0 for the first, −1 for the last. */
    private static float[] row(GoldenCase golden, int config, int p, int step) {
        String name = config + ".param." + p;
        int steps = golden.tensor(name).shape().size(0);
        return part(golden.floats(name), steps, step < 0 ? steps + step : step);
    }

    private static float[] part(float[] all, int parts, int index) {
        int size = all.length / parts;
        return java.util.Arrays.copyOfRange(all, index * size, (index + 1) * size);
    }

    private record AdamWRun(
            GoldenCase golden, AdamW optimizer, List<Parameter> parameters, int config, boolean unknownStart) {
        void steps(double rate) {
            int steps = golden.tensor("in.grad.0").shape().size(0);
            for (int step = 0; step < steps; step++) {
                for (int p = 0; p < parameters.size(); p++) {
                    float[] gradients = golden.floats("in.grad." + p);
                    parameters.get(p).gradient().orElseThrow().set(part(gradients, steps, step));
                }
                optimizer.update(rate, 1);
                for (int p = 0; p < parameters.size(); p++) {
                    compareStep(p, step);
                }
            }
            for (int p = 0; p < parameters.size(); p++) {
                for (String moment : new String[] {"exp_avg", "exp_avg_sq"}) {
                    compare(
                            golden,
                            config + "." + moment + "." + p,
                            optimizer.state().get(moment + "." + p));
                }
            }
        }

        private void compareStep(int p, int step) {
            float[] expected = row(golden, config, p, step);
            Tensor value = parameters.get(p).value();
            if (unknownStart && step == 0) {
                value.set(expected);
                return;
            }
            // The case's own tolerance measures the shared storage, not rounding: another order of magnitude is right
            // here.
            golden.compare(config + ".param." + p + " after step " + (step + 1), value.toFloats(), expected, TOLERANCE);
        }
    }

    private static float[] joined(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** {@code train_ema}. */
    static void weightAverage(GoldenCase golden, Device device) {
        for (JsonNode json : golden.json().path("schedules")) {
            for (String kind : new String[] {"weights", "buffer"}) {
                weightAverage(golden, device, json, kind);
            }
        }
    }

    private static void weightAverage(GoldenCase golden, Device device, JsonNode json, String kind) {
        String input = "in." + kind + "_per_batch";
        int batches = golden.tensor(input).shape().size(0) - 1;
        int width = golden.tensor(input).shape().size(1);
        float[] perBatch = golden.floats(input);
        try (TensorArena arena = device.arena(ARENA_BYTES)) {
            Tensor value = arena.allocate(width).set(java.util.Arrays.copyOf(perBatch, width));
            Parameter parameter = Parameter.trainable(kind, value, arena.zeros(value.shape(), DType.F32));
            var average = new WeightAverage(
                    device.kernels(),
                    arena,
                    List.of(parameter),
                    new WeightAverage.Schedule(
                            json.path("smoothing").doubleValue(),
                            WeightAverage.Moment.parse(json.path("ema_start").asText()),
                            WeightAverage.Moment.parse(
                                    json.path("update_interval").asText())));
            List<float[]> rows = new ArrayList<>();
            boolean[] active = new boolean[batches];
            for (int batch = 1; batch <= batches; batch++) {
                value.set(java.util.Arrays.copyOfRange(perBatch, batch * width, (batch + 1) * width));
                average.batchEnded(new WeightAverage.Progress(batch, batch / 4, batches, batch % 4 == 0));
                rows.add(average.byParameter().get(parameter).toFloats());
                active[batch - 1] = average.isActive();
            }
            String index = json.path("index").asText();
            golden.compare(index + ".ema_" + kind, joined(rows), golden.tolerance("all", TOLERANCE));
            golden.compare(
                    index + ".active",
                    numbers(active),
                    numbers(golden.tensor(index + ".active").toBooleans()),
                    0);
        }
    }

    /** {@code train_grad_clip}. */
    static void gradientClipping(GoldenCase golden, Device device) {
        for (JsonNode json : golden.json().path("rows")) {
            try (TensorArena arena = device.arena(ARENA_BYTES)) {
                String index = json.path("index").asText();
                List<Tensor> gradients = new ArrayList<>();
                for (int p = 0; golden.has(index + ".in." + p); p++) {
                    Shape shape = golden.tensor(index + ".in." + p).shape();
                    gradients.add(arena.allocate(shape, DType.F32).set(golden.floats(index + ".in." + p)));
                }
                double norm = GradientClipping.norm(device.kernels(), arena, gradients);
                golden.compare(
                        index + ".total_norm", norm, json.path("total_norm").doubleValue(), TOLERANCE);
                double factor = new GradientClipping(json.path("max_norm").doubleValue()).factor(norm);
                for (int p = 0; p < gradients.size(); p++) {
                    Tensor gradient = gradients.get(p);
                    device.kernels().pointwise().scale(gradient, gradient, (float) factor);
                    golden.compare(index + ".out." + p, gradient.toFloats(), golden.tolerance("all", TOLERANCE));
                }
            }
        }
    }

    /** {@code train_lr_schedule}. */
    static void learningRate(GoldenCase golden, Device device) {
        int row = 0;
        for (JsonNode json : golden.json().path("rows")) {
            List<Long> milestones = new ArrayList<>();
            json.path("milestones").forEach(m -> milestones.add(m.longValue()));
            LearningRate rate = new LearningRate.MultiStepWithWarmup(
                    json.path("base_lr").doubleValue(),
                    json.path("warmup_batches").longValue(),
                    milestones,
                    json.path("gamma").doubleValue());
            for (int i = 0; i < json.path("batch_index").size(); i++) {
                long index = json.path("batch_index").path(i).longValue();
                golden.compare(
                        "row %d, batch %d".formatted(row, index),
                        rate.at(index),
                        json.path("lr").path(i).doubleValue(),
                        RATE_TOLERANCE);
            }
            row++;
        }
    }
}
