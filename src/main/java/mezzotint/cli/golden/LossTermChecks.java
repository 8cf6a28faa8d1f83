package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.PrxSeams;
import mezzotint.prx.PrxText;
import mezzotint.prx.TokenRoute;
import mezzotint.prx.TokenRouting;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.FlowMatchingObjective;
import mezzotint.training.FlowMatchingObjective.Loss;
import mezzotint.training.technique.BlockOutputs;
import mezzotint.training.technique.ContrastiveFlowMatching;
import mezzotint.training.technique.LossTerm;
import mezzotint.training.technique.MlpProjector;
import mezzotint.training.technique.RepresentationAlignment;
import mezzotint.training.technique.StepSurroundings;
import mezzotint.training.technique.TeacherFeatures;
import mezzotint.training.technique.TrainedStep;

/** What techniques add to the loss, alone and together. */
final class LossTermChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "train_contrastive", LossTermChecks::contrastive,
            "train_combined", LossTermChecks::combined);

    private static final long ARENA_BYTES = 64L << 20;
    private static final double TOLERANCE = 1e-5;

    // As the combined case was made; its json tells these in words.
    private static final int FIRST_ROUTED = 1;
    private static final int LAST_ROUTED = 2;
    private static final int ALIGNED_BLOCK = 1;

    private LossTermChecks() {}

    private static void contrastive(GoldenCase golden, Device device) {
        float lambda = golden.json().path("lambda").floatValue();
        try (TensorArena forward = device.arena(ARENA_BYTES);
                TensorArena backward = device.arena(ARENA_BYTES)) {
            try (Tape tape = Tape.recording(device.kernels(), forward, backward)) {
                Tensor prediction = tape.watch(GoldenTensors.floats(tape, golden.tensor("in.prediction")));
                Tensor total =
                        contrasted(tape, prediction, GoldenTensors.floats(tape, golden.tensor("in.target")), lambda);
                tape.backward(total);
                compare(golden, "loss", total);
                compare(golden, "grad.prediction", tape.gradient(prediction));
            }
            try (Tape tape = Tape.recording(device.kernels(), forward, backward)) {
                Tensor prediction = GoldenTensors.floats(tape, golden.tensor("in.prediction"))
                        .rows(0, 1);
                Tensor target =
                        GoldenTensors.floats(tape, golden.tensor("in.target")).rows(0, 1);
                compare(golden, "loss_batch_of_one", contrasted(tape, prediction, target, lambda));
            }
        }
    }

    private static Tensor contrasted(Tape tape, Tensor prediction, Tensor target, float lambda) {
        int batch = prediction.shape().size(0);
        float[] share = new float[batch];
        java.util.Arrays.fill(share, 1f / batch);
        Tensor mse = tape.weightedSum(tape.meanSquare(prediction, target), tape.constant(share, batch));
        var term = new ContrastiveFlowMatching(lambda);
        var step = new TrainedStep(target, target, prediction, prediction, target, new float[batch], NOTHING_AROUND);
        Optional<Tensor> value = term.value(tape, step);
        return value.map(v -> tape.add(mse, v)).orElse(mse);
    }

    private static final StepSurroundings NOTHING_AROUND = new StepSurroundings(
            List.of(), new PhiloxRandom(0), Optional.empty(), new BlockOutputs(List.of()), 1, null);

    private static void combined(GoldenCase golden, Device device) {
        JsonNode tread = golden.json().path("tread");
        TokenRouting routing = new TokenRouting(
                FIRST_ROUTED, LAST_ROUTED, 0.5, tread.path("seed").longValue(), false);
        int batch = golden.tensor("in.target_features").shape().size(0);
        int tokens = golden.tensor("in.target_features").shape().size(1);
        TokenRoute route =
                routing.route(routing.stepSeed(tread.path("batch_index").longValue(), 0), batch, tokens);
        RoutingChecks.compare(golden, "routed_idx", route.routed());
        RoutingChecks.compare(golden, "visible_idx", route.visible());
        try (var model = new GoldenDenoiser(golden, device, false, config -> config);
                TensorArena weights = device.arena(ARENA_BYTES);
                SafeTensors stored = SafeTensors.open(golden.folder().resolve("projector.safetensors"))) {
            Parameters parameters = new Parameters(weights, new PhiloxRandom(0));
            int width = golden.tensor("in.target_features").shape().size(2);
            var projector = new MlpProjector(parameters, model.denoiser.config().hiddenSize(), width);
            parameters.load(new StoredTensors(stored));
            List<LossTerm> terms = List.of(
                    new ContrastiveFlowMatching(0.05f),
                    new RepresentationAlignment(0.5f, ALIGNED_BLOCK, projector, false, new Recorded(golden, width)));
            try (Tape tape = Tape.recording(device.kernels(), model.activations, model.gradients)) {
                Loss loss = step(golden, tape, model, route, terms);
                compare(golden, "loss", loss.total());
                compare(golden, "prediction", loss.prediction());
                compare(golden, "target", loss.target());
                loss.parts().forEach((name, value) -> compare(golden, "loss.train." + name, value));
                tape.backward(loss.total());
            }
            List<Parameter> all = new ArrayList<>(model.denoiser.parameters().all());
            all.addAll(parameters.all());
            GoldenDenoiser.compareGradients(
                    golden,
                    all,
                    name -> parameters.all().stream().anyMatch(p -> p.name().equals(name))
                            ? "repa_loss.projector." + name
                            : name);
        }
    }

    private static Loss step(
            GoldenCase golden, Tape tape, GoldenDenoiser model, TokenRoute route, List<LossTerm> terms) {
        Tensor clean = GoldenTensors.floats(tape, golden.tensor("in.x0"));
        Tensor noise = GoldenTensors.floats(tape, golden.tensor("in.noise"));
        PrxText text = model.denoiser.text(
                tape,
                GoldenTensors.floats(tape, golden.tensor("in.text")),
                GoldenTensors.mask(tape, golden.tensor("in.mask")));
        BlockOutputs blocks = new BlockOutputs(terms);
        var around = new StepSurroundings(
                List.of(),
                new PhiloxRandom(0),
                Optional.of(route),
                blocks,
                model.denoiser.config().patchSize(),
                model.gradients);
        PrxSeams seams = new PrxSeams(blocks, Optional.of(route));
        return new FlowMatchingObjective(Prediction.CLEAN_IMAGE, terms)
                .loss(
                        tape,
                        new FlowMatchingObjective.Sample(clean, noise, golden.floats("in.t"), Optional.of(around)),
                        (t, noised, times) -> model.denoiser.forward(t, noised, times, text, seams));
    }

    private record Recorded(GoldenCase golden, int width) implements TeacherFeatures {
        @Override
        public Tensor of(Tape tape, TrainedStep step) {
            return GoldenTensors.floats(tape, golden.tensor("in.target_features"));
        }
    }

    private static void compare(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, TOLERANCE));
    }
}
