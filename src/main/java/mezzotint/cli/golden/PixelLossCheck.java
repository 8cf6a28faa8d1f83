package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.FlowMatchingObjective;
import mezzotint.training.FlowMatchingObjective.Loss;
import mezzotint.training.technique.BlockOutputs;
import mezzotint.training.technique.LossTerm;
import mezzotint.training.technique.PatchSimilarity;
import mezzotint.training.technique.PerceptualTerm;
import mezzotint.training.technique.PictureTransform;
import mezzotint.training.technique.StepSurroundings;
import mezzotint.training.technique.TrainedStep;
import mezzotint.vision.Lpips;
import mezzotint.vision.VisionEncoder;
import mezzotint.vision.VisionEncoders;

/** {@code train_pixel_losses}: LPIPS, P-DINO and both beside the loss of x-prediction; also what they add to its gradient. */
final class PixelLossCheck implements GoldenCheck {
    private static final long ARENA_BYTES = 128L << 20;
    private static final double TOLERANCE = 1e-5;

    @Override
    public void run(GoldenCase golden, Device device) {
        Path encoderFolder = golden.folder().resolve("pdino_encoder");
        try (TensorArena weights = device.arena(ARENA_BYTES);
                TensorArena forward = device.arena(ARENA_BYTES);
                TensorArena backward = device.arena(ARENA_BYTES);
                SafeTensors stored = SafeTensors.open(golden.folder().resolve("lpips_weights.safetensors"))) {
            Lpips lpips = new Lpips(new StoredTensors(stored), Parameters.frozen(weights));
            VisionEncoder encoder = VisionEncoders.open(encoderFolder, weights);
            LossTerm l = lpips(golden.json().path("lpips"), lpips);
            LossTerm d = dino(golden.json().path("pdino"), encoder);
            run(golden, device, "l.", List.of(l), forward, backward);
            run(golden, device, "d.", List.of(d), forward, backward);
            run(golden, device, "ld.", List.of(l, d), forward, backward);
        }
    }

    private static LossTerm lpips(JsonNode json, Lpips lpips) {
        return new PerceptualTerm(
                "lpips",
                json.path("weight").floatValue(),
                json.path("t_threshold").floatValue(),
                PictureTransform.of(0, json.path("resize_factor").floatValue()),
                lpips::distance);
    }

    private static LossTerm dino(JsonNode json, VisionEncoder encoder) {
        return new PerceptualTerm(
                "pdino",
                json.path("weight").floatValue(),
                json.path("t_threshold").floatValue(),
                new PictureTransform.Square(json.path("resize_resolution").intValue()),
                new PatchSimilarity(encoder));
    }

    private static void run(
            GoldenCase golden,
            Device device,
            String run,
            List<LossTerm> terms,
            TensorArena forward,
            TensorArena backward) {
        try (Tape tape = Tape.recording(device.kernels(), forward, backward)) {
            Tensor output = tape.watch(GoldenTensors.floats(tape, golden.tensor("in.denoiser_output")));
            Tensor clean = GoldenTensors.floats(tape, golden.tensor("in.x0"));
            Tensor noise = GoldenTensors.floats(tape, golden.tensor("in.noise"));
            var sample = new FlowMatchingObjective.Sample(
                    clean, noise, golden.floats("in.t"), Optional.of(around(backward)));
            Loss loss = new FlowMatchingObjective(Prediction.CLEAN_IMAGE, terms)
                    .loss(tape, sample, (t, noised, times) -> output);
            compare(golden, run + "total", loss.total());
            loss.parts().forEach((name, part) -> compare(golden, run + "loss.train." + name, part));
            tape.backward(loss.total());
            compare(golden, run + "grad.denoiser_output", tape.gradient(output));
        }
        try (Tape tape = Tape.recording(device.kernels(), forward, backward)) {
            Tensor output = tape.watch(GoldenTensors.floats(tape, golden.tensor("in.denoiser_output")));
            Tensor added = added(golden, tape, output, terms, around(backward));
            tape.backward(added);
            compare(golden, run + "grad_of_added_part_only", tape.gradient(output));
        }
    }

    private static StepSurroundings around(TensorArena scratch) {
        return new StepSurroundings(
                List.of(), new PhiloxRandom(0), Optional.empty(), new BlockOutputs(List.of()), 1, scratch);
    }

    private static Tensor added(
            GoldenCase golden, Tape tape, Tensor output, List<LossTerm> terms, StepSurroundings around) {
        float[] times = golden.floats("in.t");
        Tensor clean = GoldenTensors.floats(tape, golden.tensor("in.x0"));
        Tensor noise = GoldenTensors.floats(tape, golden.tensor("in.noise"));
        Tensor noised = FlowPath.noised(tape, clean, noise, times);
        Tensor target = Prediction.CLEAN_IMAGE.toVelocity(tape, noised, clean, times);
        var step = new TrainedStep(clean, noised, output, target, target, times, around);
        Tensor sum = tape.constant(new float[1], 1);
        for (LossTerm term : terms) {
            sum = tape.add(sum, tape.scale(term.value(tape, step).orElseThrow(), term.weight()));
        }
        return sum;
    }

    private static void compare(GoldenCase golden, String name, Tensor actual) {
        golden.compare(name, actual.toFloats(), golden.tolerance(name, TOLERANCE));
    }
}
