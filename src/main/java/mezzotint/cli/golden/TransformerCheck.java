package mezzotint.cli.golden;

import java.util.HashMap;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.io.SafeTensors;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.PrxConfigJson;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxTap;
import mezzotint.prx.PrxText;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** The denoiser: every recorded activation, the output, and the gradients of every parameter and input. */
final class TransformerCheck implements GoldenCheck {
    private static final double GRADIENT_TOLERANCE = 1e-4;
    private static final double FORWARD_TOLERANCE = 1e-5;
    private static final long ARENA_BYTES = 256L << 20;

    @Override
    public void run(GoldenCase golden, Device device) {
        try (TensorArena weights = device.arena(ARENA_BYTES);
                TensorArena activations = device.arena(ARENA_BYTES);
                TensorArena gradients = device.arena(ARENA_BYTES);
                WeightsFolder folder = WeightsFolder.open(golden.folder().resolve("transformer"))) {
            for (boolean recompute : new boolean[] {false, true}) {
                Parameters parameters = new Parameters(weights, new PhiloxRandom(0));
                var denoiser = new PrxDenoiser(PrxConfigJson.read(folder.config()), parameters, recompute);
                parameters.load(new StoredTensors(folder.weights()));
                for (String run : new String[] {"", "nomask.", "leftpad.", "allpad."}) {
                    if (golden.has(run + "out")) {
                        parameters.zeroGradients();
                        try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                            run(golden, tape, denoiser, run);
                        }
                        if (run.isEmpty()) {
                            compareParameters(golden, parameters);
                        }
                    }
                }
            }
        }
    }

    private static void run(GoldenCase golden, Tape tape, PrxDenoiser denoiser, String run) {
        Tensor image = tape.watch(GoldenTensors.floats(tape, golden.tensor("in.hidden_states")));
        Tensor times = GoldenTensors.floats(tape, golden.tensor("in.timestep"));
        Tensor embeddings = tape.watch(GoldenTensors.floats(tape, golden.tensor("in.encoder_hidden_states")));
        String mask = run.isEmpty() ? "in.attention_mask" : run + "attention_mask";
        PrxText text = golden.has(mask)
                ? denoiser.text(tape, embeddings, GoldenTensors.mask(tape, golden.tensor(mask)))
                : denoiser.text(tape, embeddings);
        Map<String, Tensor> seen = new HashMap<>();
        Tensor out = denoiser.forward(tape, image, times, text, (t, place, tensor) -> seen.put(name(place), tensor));
        seen.put("act.txt", text.projected());
        seen.forEach((name, tensor) -> {
            if (golden.has(run + name)) {
                golden.compare(run + name, tensor.toFloats(), golden.tolerance(run + name, FORWARD_TOLERANCE));
            }
        });
        golden.compare(run + "out", out.toFloats(), golden.tolerance(run + "out", FORWARD_TOLERANCE));
        tape.backward(out, GoldenTensors.floats(tape, golden.tensor("in.grad_out")));
        compareInput(golden, tape, run + "grad.hidden_states", image);
        compareInput(golden, tape, run + "grad.encoder_hidden_states", embeddings);
    }

    private static void compareInput(GoldenCase golden, Tape tape, String name, Tensor input) {
        golden.compare(name, tape.gradient(input).toFloats(), golden.tolerance(name, GRADIENT_TOLERANCE));
    }

    private static void compareParameters(GoldenCase golden, Parameters parameters) {
        double tolerance = golden.json()
                .path("tolerance")
                .path("parameter_gradients")
                .path("suggested_rel_l2")
                .asDouble(GRADIENT_TOLERANCE);
        try (SafeTensors recorded = SafeTensors.open(golden.folder().resolve("grads.safetensors"))) {
            for (Parameter parameter : parameters.all()) {
                golden.compare(
                        "grad " + parameter.name(),
                        parameter.gradient().orElseThrow().toFloats(),
                        recorded.get(parameter.name()).toFloats(),
                        tolerance);
            }
        }
    }

    private static String name(PrxTap.Place place) {
        return switch (place) {
            case PrxTap.Place.PatchEmbedding() -> "act.img_in";
            case PrxTap.Place.TimeVector() -> "act.time_vec";
            case PrxTap.Place.ResolutionVector() -> "act.resolution_vec";
            case PrxTap.Place.Block(int index) -> "act.block." + index;
        };
    }
}
