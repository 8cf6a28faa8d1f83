package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.kernel.Device;
import mezzotint.sampling.Canvas;
import mezzotint.sampling.Guidance;
import mezzotint.sampling.InitialNoise;
import mezzotint.sampling.Precision;
import mezzotint.sampling.PublishedFolder;
import mezzotint.sampling.PublishedPipeline;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.SamplingSettings;
import mezzotint.sampling.TimeGrid;
import mezzotint.text.Prompt;

/** A published folder and calls of its pipeline: tokens, token states, noise, every step, and the picture. */
final class PipelineCheck implements GoldenCheck {
    private static final int DEFAULT_STEPS = 28;

    @Override
    public void run(GoldenCase golden, Device device) {
        PublishedFolder folder = PublishedFolder.open(golden.folder());
        for (JsonNode name : golden.json().path("runs")) {
            Path path = golden.folder().resolve("runs").resolve(name.asText());
            try (GoldenCase run = new GoldenCase(path);
                    PublishedPipeline pipeline = PublishedPipeline.open(device, folder, options(run))) {
                SamplingRequest request = request(run, pipeline);
                PipelineRun.compare(run, pipeline, request);
                for (Comparison c : run.comparisons()) {
                    golden.comparisons().add(new Comparison(name.asText() + ": " + c.name(), c.error(), c.tolerance()));
                }
            }
        }
    }

    private static PublishedPipeline.Options options(GoldenCase run) {
        JsonNode call = run.json().path("call");
        return new PublishedPipeline.Options(
                run.json().path("dtype").asText().equals("bfloat16") ? Precision.BFLOAT16 : Precision.FLOAT32,
                !call.path("skip_text_cleaning").asBoolean(false),
                call.has("tokenizer_max_length")
                        ? OptionalInt.of(call.path("tokenizer_max_length").intValue())
                        : OptionalInt.empty());
    }

    private static SamplingRequest request(GoldenCase run, PublishedPipeline pipeline) {
        JsonNode call = run.json().path("call");
        List<Prompt> prompts = new ArrayList<>();
        for (String prompt : strings(call.path("prompt"))) {
            prompts.addAll(Collections.nCopies(call.path("num_images_per_prompt").asInt(1), Prompt.of(prompt)));
        }
        var shift = pipeline.folder().scheduler().shift();
        TimeGrid grid = call.has("timesteps")
                ? TimeGrid.ofTimesteps(SchedulerChecks.floats(call.path("timesteps")), shift)
                : TimeGrid.diffusersGrid(call.path("num_inference_steps").asInt(DEFAULT_STEPS), shift);
        JsonNode seed = run.json().path("generator_seed");
        List<Long> seeds = new ArrayList<>();
        seed.forEach(each -> seeds.add(each.longValue()));
        boolean together = seeds.isEmpty();
        InitialNoise noise = together ? new InitialNoise.TorchTogether() : new InitialNoise.TorchPerPicture();
        return new SamplingRequest(
                prompts,
                List.of(Prompt.of(call.path("negative_prompt").asText(""))),
                together ? Collections.nCopies(prompts.size(), seed.longValue()) : seeds,
                new Canvas(
                        call.path("height").intValue(),
                        call.path("width").intValue(),
                        call.path("use_resolution_binning").asBoolean(true)),
                SamplingSettings.of(grid, Guidance.of(call.path("guidance_scale").floatValue()))
                        .withNoise(noise));
    }

    static List<String> strings(JsonNode node) {
        if (node.isTextual()) {
            return List.of(node.asText());
        }
        List<String> strings = new ArrayList<>();
        node.forEach(each -> strings.add(each.asText()));
        return strings;
    }
}
