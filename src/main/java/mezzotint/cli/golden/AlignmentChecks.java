package mezzotint.cli.golden;

import java.util.Map;
import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.technique.AlignmentProjector;
import mezzotint.training.technique.AttentionProjector;
import mezzotint.training.technique.ConvolutionProjector;
import mezzotint.training.technique.MlpProjector;
import mezzotint.training.technique.RepresentationAlignment;
import mezzotint.training.technique.SpatialNormalization;
import mezzotint.training.technique.TeacherFeatures;
import mezzotint.training.technique.TrainedStep;

/** REPA and iREPA on stored activations and stored teacher features. */
final class AlignmentChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "train_repa", AlignmentChecks::run,
            "train_irepa_attention", AlignmentChecks::run,
            "train_irepa_conv", AlignmentChecks::run);

    private static final long ARENA_BYTES = 16L << 20;
    private static final double TOLERANCE = 1e-5;

    private AlignmentChecks() {}

    private static void run(GoldenCase golden, Device device) {
        Shape activations = golden.tensor("in.activations").shape();
        Shape targets = golden.tensor("in.target_features").shape();
        String kind = golden.json().path("kind").asText();
        try (TensorArena weights = device.arena(ARENA_BYTES);
                TensorArena forward = device.arena(ARENA_BYTES);
                TensorArena backward = device.arena(ARENA_BYTES);
                SafeTensors stored = SafeTensors.open(golden.folder().resolve("projector.safetensors"))) {
            Parameters parameters = new Parameters(weights, new PhiloxRandom(0));
            AlignmentProjector projector = projector(kind, parameters, activations.size(2), targets.size(2));
            parameters.load(new StoredTensors(stored));
            float lambda = golden.json().path("lambda").floatValue();
            var term = new RepresentationAlignment(
                    lambda, 1, projector, !kind.equals("repa"), new NoTeacher(targets.size(2)));
            for (String run : new String[] {"all.", "visible."}) {
                if (!golden.has(run + "loss")) {
                    continue; // a convolution has no visible tokens
                }
                parameters.zeroGradients();
                try (Tape tape = Tape.recording(device.kernels(), forward, backward)) {
                    loss(golden, tape, term, run);
                }
                for (Parameter parameter : parameters.all()) {
                    compare(
                            golden,
                            run + "grad.projector." + parameter.name(),
                            parameter.gradient().orElseThrow());
                }
            }
        }
    }

    private static AlignmentProjector projector(String kind, Parameters parameters, int width, int teacher) {
        return switch (kind) {
            case "repa" -> new MlpProjector(parameters, width, teacher);
            case "irepa_attn" -> new AttentionProjector(parameters, width, teacher);
            case "irepa_conv" -> new ConvolutionProjector(parameters, width, teacher);
            default -> throw new IllegalArgumentException("alignment case: unknown kind " + kind);
        };
    }

    private static void loss(GoldenCase golden, Tape tape, RepresentationAlignment term, String run) {
        Tensor targets = GoldenTensors.floats(tape, golden.tensor("in.target_features"));
        Tensor all = GoldenTensors.floats(tape, golden.tensor("in.activations"));
        if (golden.has("normalised_target")) {
            compare(golden, "normalised_target", SpatialNormalization.of(tape, targets));
        }
        Optional<int[][]> visible = run.equals("all.") ? Optional.empty() : Optional.of(rows(golden));
        Tensor features = tape.watch(
                visible.map(rows -> tape.gather(all, index(tape, rows))).orElse(all));
        var grid = new AlignmentProjector.Grid(
                golden.json().path("token_grid").path(0).intValue(),
                golden.json().path("token_grid").path(1).intValue());
        Tensor loss = term.loss(tape, features, targets, grid, visible);
        compare(golden, run + "loss", loss);
        tape.backward(loss);
        compare(golden, run + "grad.activations", tape.gradient(features));
    }

    private static int[][] rows(GoldenCase golden) {
        long[] flat = golden.tensor("in.visible_idx").toLongs();
        Shape shape = golden.tensor("in.visible_idx").shape();
        int[][] rows = new int[shape.size(0)][shape.size(1)];
        for (int i = 0; i < flat.length; i++) {
            rows[i / shape.size(1)][i % shape.size(1)] = Math.toIntExact(flat[i]);
        }
        return rows;
    }

    private static Tensor index(Tape tape, int[][] rows) {
        int[] flat = java.util.Arrays.stream(rows)
                .flatMapToInt(java.util.Arrays::stream)
                .toArray();
        return tape.allocate(Shape.of(rows.length, rows[0].length), DType.I32).set(flat);
    }

    private static void compare(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, TOLERANCE));
    }

    /** The case gives the features. */
    private record NoTeacher(int width) implements TeacherFeatures {
        @Override
        public Tensor of(Tape tape, TrainedStep step) {
            throw new UnsupportedOperationException("the case gives the teacher's features");
        }
    }
}
