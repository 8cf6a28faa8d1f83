package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.io.SafeTensors;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.PrxConfigJson;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxText;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.AdamW;
import mezzotint.training.FlowMatchingObjective;
import mezzotint.training.GradientClipping;
import mezzotint.training.WeightAverage;

/** Twenty training steps on stored batches: losses, gradient norms, weights and their average. */
final class TrajectoryCheck implements GoldenCheck {
    private static final long ARENA_BYTES = 128L << 20;

    @Override
    public void run(GoldenCase golden, Device device) {
        try (TensorArena weights = device.arena(ARENA_BYTES);
                TensorArena activations = device.arena(ARENA_BYTES);
                TensorArena gradients = device.arena(ARENA_BYTES);
                WeightsFolder folder = WeightsFolder.open(golden.folder().resolve("transformer"))) {
            Parameters parameters = new Parameters(weights, new PhiloxRandom(0));
            var denoiser = new PrxDenoiser(PrxConfigJson.read(folder.config()), parameters);
            parameters.load(new StoredTensors(folder.weights()));
            Map<String, float[]> initial = values(parameters);
            new Run(golden, device, denoiser, weights, activations, gradients).steps();
            compareUpdate(golden, initial, parameters);
        }
    }

    private record Run(
            GoldenCase golden,
            Device device,
            PrxDenoiser denoiser,
            TensorArena weights,
            TensorArena activations,
            TensorArena gradients) {

        void steps() {
            List<Parameter> trained = denoiser.parameters().trainable();
            JsonNode json = golden.json();
            JsonNode settings = json.path("optimizer");
            var optimizer = new AdamW(
                    device.kernels(),
                    weights,
                    trained,
                    new AdamW.Constants(
                            settings.path("betas").path(0).doubleValue(),
                            settings.path("betas").path(1).doubleValue(),
                            settings.path("eps").doubleValue(),
                            settings.path("weight_decay").doubleValue()));
            long interval = json.path("ema").path("update_every_steps").asLong();
            var average = new WeightAverage(
                    device.kernels(),
                    weights,
                    trained,
                    new WeightAverage.Schedule(
                            json.path("ema").path("smoothing").doubleValue(),
                            new WeightAverage.Moment.Batches(0),
                            new WeightAverage.Moment.Batches(interval)));
            GradientClipping clipping = json.path("grad_clip_l2").isNumber()
                    ? new GradientClipping(json.path("grad_clip_l2").doubleValue())
                    : GradientClipping.OFF;
            float[] rates = golden.floats("in.lr");
            float[] losses = new float[rates.length];
            float[] norms = new float[rates.length];
            for (int i = 0; i < rates.length; i++) {
                denoiser.parameters().zeroGradients();
                losses[i] = loss(i);
                List<Tensor> all =
                        trained.stream().map(p -> p.gradient().orElseThrow()).toList();
                double norm = GradientClipping.norm(device.kernels(), activations, all);
                norms[i] = (float) norm;
                optimizer.update(rates[i], clipping.factor(norm));
                average.batchEnded(new WeightAverage.Progress(i + 1, 0, rates.length, false));
                if (i == 0) {
                    compareWeights("weights_after_step_1", values(denoiser.parameters()));
                }
            }
            golden.compare("loss", losses, golden.tolerance("loss", 1e-4));
            golden.compare("grad_norm_before_clipping", norms, golden.tolerance("grad_norm", 1e-4));
            compareWeights("weights_final", values(denoiser.parameters()));
            Map<String, float[]> averages = new HashMap<>();
            average.byParameter().forEach((p, tensor) -> averages.put(p.name(), tensor.toFloats()));
            compareWeights("ema_final", averages);
        }

        private float loss(int i) {
            Prediction prediction =
                    golden.json().path("prediction_type").asText().startsWith("x_")
                            ? Prediction.CLEAN_IMAGE
                            : Prediction.VELOCITY;
            try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                Tensor clean = GoldenTensors.row(tape, golden.tensor("in.x0"), i);
                Tensor noise = GoldenTensors.row(tape, golden.tensor("in.noise"), i);
                device.kernels()
                        .pointwise()
                        .scale(noise, noise, golden.json().path("noise_scale").floatValue());
                Tensor embeddings = GoldenTensors.row(tape, golden.tensor("in.text"), i);
                PrxText text =
                        denoiser.text(tape, embeddings, GoldenTensors.maskRow(tape, golden.tensor("in.mask"), i));
                float[] times =
                        GoldenTensors.row(tape, golden.tensor("in.t"), i).toFloats();
                var loss = new FlowMatchingObjective(prediction)
                        .loss(tape, clean, noise, times, (t, noised, at) -> denoiser.forward(t, noised, at, text));
                tape.backward(loss.total());
                return loss.total().item();
            }
        }

        private void compareWeights(String file, Map<String, float[]> actual) {
            try (SafeTensors recorded = SafeTensors.open(golden.folder().resolve(file + ".safetensors"))) {
                double tolerance = golden.tolerance(file, 1e-5);
                actual.forEach((name, values) -> golden.compare(
                        file + " " + name, values, recorded.get(name).toFloats(), tolerance));
            }
        }
    }

    private static Map<String, float[]> values(Parameters parameters) {
        Map<String, float[]> values = new HashMap<>();
        parameters.all().forEach(p -> values.put(p.name(), p.value().toFloats()));
        return values;
    }

    private static void compareUpdate(GoldenCase golden, Map<String, float[]> initial, Parameters parameters) {
        int total = Math.toIntExact(parameters.elements());
        float[] actual = new float[total];
        double[] expected = new double[total];
        int at = 0;
        try (SafeTensors recorded = SafeTensors.open(golden.folder().resolve("weights_final.safetensors"))) {
            for (Parameter parameter : parameters.all()) {
                float[] before = initial.get(parameter.name());
                float[] after = parameter.value().toFloats();
                float[] wanted = recorded.get(parameter.name()).toFloats();
                for (int i = 0; i < before.length; i++, at++) {
                    actual[at] = after[i] - before[i];
                    expected[at] = (double) wanted[i] - before[i];
                }
            }
        }
        golden.compare(
                "total_update_of_all_weights", actual, expected, golden.tolerance("total_update_of_all_weights", 1e-4));
    }
}
