package mezzotint.cli.golden;

import java.util.Map;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.flow.TorchRandom;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.PrxConfigJson;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxText;
import mezzotint.sampling.FlowSampler;
import mezzotint.sampling.Guidance;
import mezzotint.sampling.GuidedDenoiser;
import mezzotint.sampling.Precision;
import mezzotint.sampling.SamplingListener;
import mezzotint.sampling.Solver;
import mezzotint.sampling.TimeGrid;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Whole pipelines, from prompt to picture, and PRX's own sampling loop. */
final class PipelineChecks {
    private static final PipelineCheck PIPELINE = new PipelineCheck();

    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "pipeline_pixel", PIPELINE,
            "pipeline_pixel_binned", PIPELINE,
            "pipeline_latent_kl", PIPELINE,
            "pipeline_latent_dc", PIPELINE,
            "native_generate_velocity", PipelineChecks::nativeGenerate,
            "native_generate_x_prediction", PipelineChecks::nativeGenerate);

    private static final long ARENA_BYTES = 64L << 20;
    private static final double TOLERANCE = 1e-5;

    private PipelineChecks() {}

    /** PRX's loop over stored token states: noise from the seed, times, and x after every step. */
    static void nativeGenerate(GoldenCase golden, Device device) {
        var json = golden.json();
        TimeGrid grid = TimeGrid.nativeGrid(
                json.path("steps").intValue(),
                new TimeShift(json.path("shift").floatValue()));
        Prediction prediction = json.path("prediction_type").asText().startsWith("x_")
                ? Prediction.CLEAN_IMAGE
                : Prediction.VELOCITY;
        try (TensorArena weights = device.arena(ARENA_BYTES);
                TensorArena scratch = device.arena(ARENA_BYTES);
                WeightsFolder folder = WeightsFolder.open(golden.folder().resolve("transformer"));
                Tape tape = Tape.inference(device.kernels(), scratch)) {
            Parameters parameters = Parameters.frozen(weights);
            var denoiser = new PrxDenoiser(PrxConfigJson.read(folder.config()), parameters);
            parameters.load(new StoredTensors(folder.weights()));
            Guidance guidance = Guidance.of(json.path("guidance_scale").floatValue());
            Tensor sample = GoldenTensors.floats(tape, golden.tensor("init_latents"));
            drawn(golden, json.path("seed").longValue(), json.path("noise_scale").floatValue());
            float[] times = new float[grid.steps()];
            float[] after = new float[Math.toIntExact(
                    golden.tensor("latents_after_step").shape().elements())];
            PrxText text = text(golden, tape, denoiser, guidance);
            new FlowSampler(grid, prediction, Solver.EULER)
                    .sample(
                            device.kernels(),
                            scratch,
                            sample,
                            new GuidedDenoiser(denoiser, text, guidance, Precision.FLOAT32, SamplingListener.NONE),
                            FlowSampler.Constraint.NONE,
                            step -> {
                                times[step.index()] = step.time();
                                float[] next = step.next().toFloats();
                                System.arraycopy(next, 0, after, step.index() * next.length, next.length);
                            });
            golden.compare("times", times, golden.tolerance("times", 1e-6)); // a float32 division
            golden.compare("latents_after_step", after, golden.tolerance("latents_after_step", TOLERANCE));
        }
    }

    private static PrxText text(GoldenCase golden, Tape tape, PrxDenoiser denoiser, Guidance guidance) {
        Tensor prompts = GoldenTensors.floats(tape, golden.tensor("in.text"));
        Tensor mask = GoldenTensors.mask(tape, golden.tensor("in.text_mask"));
        if (guidance instanceof Guidance.None) {
            return denoiser.text(tape, prompts, mask);
        }
        long count = prompts.shape().dim(0);
        long[] dims = prompts.shape().dims();
        dims[0] *= 2;
        Tensor both = tape.allocate(dims);
        both.rows(0, count).copyFrom(GoldenTensors.floats(tape, golden.tensor("in.negative")));
        both.rows(count, 2 * count).copyFrom(prompts);
        Tensor masks = tape.allocate(mezzotint.tensor.Shape.of(dims[0], dims[1]), mask.dtype());
        masks.rows(0, count).copyFrom(GoldenTensors.mask(tape, golden.tensor("in.negative_mask")));
        masks.rows(count, 2 * count).copyFrom(mask);
        return denoiser.text(tape, both, masks);
    }

    /** One generator for the whole batch. */
    private static void drawn(GoldenCase golden, long seed, float scale) {
        float[] recorded = golden.floats("init_latents");
        float[] noise = new TorchRandom(seed).normals(recorded.length);
        for (int i = 0; i < noise.length; i++) {
            noise[i] *= scale;
        }
        golden.compare("init_latents", noise, 1e-6); // as the case random_cpu allows
    }
}
