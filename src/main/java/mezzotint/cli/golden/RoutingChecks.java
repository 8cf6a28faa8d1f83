package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Device;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxExtensions;
import mezzotint.prx.PrxSeams;
import mezzotint.prx.PrxTap;
import mezzotint.prx.PrxText;
import mezzotint.prx.TokenRoute;
import mezzotint.prx.TokenRouting;
import mezzotint.tensor.Tensor;

/** Token routes, fusion and resolution conditioning inside the denoiser. */
final class RoutingChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "train_tread_indices", RoutingChecks::indices,
            "train_tread", RoutingChecks::tread,
            "train_sprint", RoutingChecks::sprint,
            "train_resolution_vec", RoutingChecks::resolution,
            "train_resolution_token", RoutingChecks::resolution);

    private static final float SELF_GUIDANCE = 3.5f;
    private static final double TOLERANCE = 1e-5;

    private RoutingChecks() {}

    private static void indices(GoldenCase golden, Device device) {
        for (JsonNode row : golden.json().path("rows")) {
            String name = row.path("index").asText() + ".";
            TokenRouting routing = new TokenRouting(
                    0, 1, row.path("p").doubleValue(), row.path("base_seed").longValue(), false);
            long seed = routing.stepSeed(
                    row.path("batch_index").longValue(), row.path("rank").intValue());
            golden.compareExactly(
                    name + "step_seed", seed, row.path("step_seed").longValue());
            int tokens = row.path("N").intValue();
            golden.compareExactly(
                    name + "num_routed",
                    routing.routedOf(tokens),
                    row.path("num_routed").intValue());
            TokenRoute route = routing.route(seed, row.path("B").intValue(), tokens);
            compare(golden, name + "routed", route.routed());
            compare(golden, name + "visible", route.visible());
        }
    }

    static void compare(GoldenCase golden, String name, int[][] actual) {
        List<Long> indices = Arrays.stream(actual)
                .flatMapToInt(Arrays::stream)
                .asLongStream()
                .boxed()
                .toList();
        golden.compareExactly(
                name,
                indices,
                Arrays.stream(golden.tensor(name).toLongs()).boxed().toList());
    }

    private static TokenRouting routing(GoldenCase golden) {
        JsonNode json = golden.json();
        return new TokenRouting(
                json.path("route_start").intValue(),
                json.path("route_end").intValue(),
                json.path("routing_probability").doubleValue(),
                json.path("seed").longValue(),
                json.path("detach").booleanValue());
    }

    private static TokenRoute route(GoldenCase golden, long batchIndex) {
        int batch = golden.tensor("routed_idx").shape().size(0);
        int tokens = golden.tensor("routed_idx").shape().size(1)
                + golden.tensor("visible_idx").shape().size(1);
        TokenRouting routing = routing(golden);
        return routing.route(routing.stepSeed(batchIndex, 0), batch, tokens);
    }

    private static void tread(GoldenCase golden, Device device) {
        TokenRoute route = route(golden, golden.json().path("batch_index").longValue());
        compare(golden, "routed_idx", route.routed());
        compare(golden, "visible_idx", route.visible());
        for (boolean recompute : new boolean[] {false, true}) {
            try (var model = new GoldenDenoiser(golden, device, recompute, config -> config)) {
                train(golden, device, model, PrxSeams.of(route), "train.");
                if (!recompute) {
                    selfGuidance(golden, device, model);
                }
            }
        }
    }

    private static void selfGuidance(GoldenCase golden, Device device, GoldenDenoiser model) {
        TokenRoute route = route(
                golden, golden.json().path("inference_seed_for_self_guidance").longValue());
        compare(golden, "self_guidance.routed_idx", route.routed());
        compare(golden, "self_guidance.visible_idx", route.visible());
        try (Tape tape = Tape.inference(device.kernels(), model.activations)) {
            Inputs in = Inputs.of(golden, tape, model);
            Tensor full = in.forward(tape, model, PrxSeams.NONE);
            Tensor routed = in.forward(tape, model, PrxSeams.of(route));
            compare(golden, "self_guidance.full", full);
            compare(golden, "self_guidance.routed", routed);
            Tensor mixed = tape.add(tape.scale(routed, 1 - SELF_GUIDANCE), tape.scale(full, SELF_GUIDANCE));
            compare(golden, "self_guidance.scale_3p5", mixed);
        }
    }

    private static void sprint(GoldenCase golden, Device device) {
        TokenRoute route = route(golden, golden.json().path("batch_index").longValue());
        compare(golden, "routed_idx", route.routed());
        compare(golden, "visible_idx", route.visible());
        var span = new PrxExtensions.Sprint(route.first(), route.last(), true);
        UnaryOperator<PrxConfig> fused = config -> config.withExtensions(new PrxExtensions(false, Optional.of(span)));
        for (boolean recompute : new boolean[] {false, true}) {
            try (var model = new GoldenDenoiser(golden, device, recompute, fused)) {
                train(golden, device, model, PrxSeams.of(route), "train.");
                try (Tape tape = Tape.inference(device.kernels(), model.activations)) {
                    compare(golden, "eval.out", Inputs.of(golden, tape, model).forward(tape, model, PrxSeams.NONE));
                }
            }
        }
    }

    private static void resolution(GoldenCase golden, Device device) {
        boolean tokens = golden.json().path("mode").asText().equals("token");
        UnaryOperator<PrxConfig> conditioned = config -> tokens
                ? config.withExtensions(new PrxExtensions(true, Optional.empty()))
                : config.withResolutionEmbeds(true);
        for (boolean recompute : new boolean[] {false, true}) {
            try (var model = new GoldenDenoiser(golden, device, recompute, conditioned)) {
                train(golden, device, model, PrxSeams.of(PrxTap.NONE), "");
            }
        }
    }

    /** Output, and the gradients of sum(out · go). */
    private static void train(GoldenCase golden, Device device, GoldenDenoiser model, PrxSeams seams, String prefix) {
        try (Tape tape = Tape.recording(device.kernels(), model.activations, model.gradients)) {
            Inputs in = Inputs.of(golden, tape, model);
            Tensor out = in.forward(tape, model, seams);
            compare(golden, prefix + "out", out);
            tape.backward(out, GoldenTensors.floats(tape, golden.tensor("in.go")));
            compare(golden, prefix + "grad.x", tape.gradient(in.image));
            compare(golden, prefix + "grad.text", tape.gradient(in.embeddings));
            GoldenDenoiser.compareGradients(golden, model.denoiser.parameters().trainable(), name -> name);
        }
    }

    private static void compare(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, TOLERANCE));
    }

    private record Inputs(Tensor image, Tensor times, Tensor embeddings, PrxText text) {
        static Inputs of(GoldenCase golden, Tape tape, GoldenDenoiser model) {
            Tensor embeddings = tape.watch(GoldenTensors.floats(tape, golden.tensor("in.c")));
            Tensor mask = GoldenTensors.mask(tape, golden.tensor("in.mask"));
            return new Inputs(
                    tape.watch(GoldenTensors.floats(tape, golden.tensor("in.x"))),
                    GoldenTensors.floats(tape, golden.tensor("in.t")),
                    embeddings,
                    model.denoiser.text(tape, embeddings, mask));
        }

        Tensor forward(Tape tape, GoldenDenoiser model, PrxSeams seams) {
            return model.denoiser.forward(tape, image, times, text, seams);
        }
    }
}
