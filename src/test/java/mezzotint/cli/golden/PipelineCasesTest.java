package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.flow.FlowPath;
import mezzotint.flow.Prediction;
import mezzotint.io.Json;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines and schedulers as upstream ran them, and proof that a wrong one would be noticed. */
class PipelineCasesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path scratch;

    @TestFactory
    Stream<DynamicTest> agreesWithUpstream() {
        Map<String, Integer> kinds = new LinkedHashMap<>();
        kinds.put("sched_flow_match_euler", 489); // two lists and every boundary of 31 grids, and two paths
        kinds.put("sched_aspect_bins", 705); // 219 bins; six lists of buckets with 40 pictures and 40 crops each
        kinds.put("native_generate_velocity", 3);
        kinds.put("native_generate_x_prediction", 3);
        // A run: sigmas, ids, mask, states of each prompt, noise, four numbers or tensors a step, picture and bytes.
        kinds.put("pipeline_pixel", 139);
        kinds.put("pipeline_pixel_binned", 38);
        kinds.put("pipeline_latent_kl", 119);
        kinds.put("pipeline_latent_dc", 25);
        return kinds.entrySet().stream()
                .map(kind -> DynamicTest.dynamicTest(kind.getKey(), () -> {
                    List<Comparison> comparisons = run(GOLDEN.resolve(kind.getKey()), kind.getKey());
                    assertEquals(List.of(), failures(comparisons));
                    assertEquals(kind.getValue(), comparisons.size());
                }));
    }

    /** A change of a recording's files, and the first comparison that it has to break. */
    private record Mutant(String kind, String run, String file, String broken, Change change) {}

    @FunctionalInterface
    private interface Change {
        void apply(ObjectNode json);
    }

    private static List<Mutant> mutants() {
        String call = "runs/%s/case.json";
        String pixel = "cfg_empty_negative_8steps";
        String latent = "cfg_nobin";
        return List.of(
                new Mutant(
                        "pipeline_pixel",
                        pixel,
                        "scheduler/scheduler_config.json",
                        "sigmas",
                        json -> json.put("shift", 2.9)),
                new Mutant(
                        "pipeline_pixel",
                        pixel,
                        "model_index.json",
                        "init_latents",
                        json -> json.put("noise_scale", 1)),
                new Mutant(
                        "pipeline_pixel",
                        pixel,
                        "model_index.json",
                        "token_ids",
                        json -> json.put("prompt_max_tokens", 23)),
                new Mutant(
                        "pipeline_pixel",
                        pixel,
                        call.formatted(pixel),
                        "init_latents",
                        json -> json.put("generator_seed", 4)),
                // the halves of guidance, the other way round
                new Mutant("pipeline_latent_kl", latent, call.formatted(latent), "step.0.model_out", json -> {
                    ObjectNode asked = (ObjectNode) json.get("call");
                    JsonNode prompt = asked.get("prompt");
                    asked.set("prompt", asked.get("negative_prompt"));
                    asked.set("negative_prompt", prompt);
                }),
                new Mutant(
                        "pipeline_latent_kl",
                        latent,
                        call.formatted(latent),
                        "step.0.latents",
                        json -> ((ObjectNode) json.get("call")).put("guidance_scale", 4.01)),
                new Mutant(
                        "pipeline_latent_kl",
                        latent,
                        "vae/config.json",
                        "image_float",
                        json -> json.put("scaling_factor", 0.3612)),
                new Mutant(
                        "pipeline_latent_kl",
                        "skip_cleaning_maxlen",
                        call.formatted("skip_cleaning_maxlen"),
                        "token_ids",
                        json -> ((ObjectNode) json.get("call")).put("skip_text_cleaning", false)),
                new Mutant(
                        "pipeline_latent_kl",
                        "cfg_binned",
                        call.formatted("cfg_binned"),
                        "image_float",
                        json -> ((ObjectNode) json.get("call")).put("height", 61)),
                new Mutant(
                        "native_generate_x_prediction",
                        "",
                        "case.json",
                        "latents_after_step",
                        json -> json.put("guidance_scale", 4.01)),
                new Mutant(
                        "sched_flow_match_euler",
                        "",
                        "case.json",
                        "12.sigmas",
                        json -> ((ObjectNode) json.at("/rows/12")).put("shift", 3.001)),
                new Mutant(
                        "sched_aspect_bins",
                        "",
                        "case.json",
                        "bin of 1×1 at 256",
                        json -> ((ArrayNode) json.at("/diffusers/3")).set(3, 224)));
    }

    @TestFactory
    Stream<DynamicTest> noticesAnotherPipeline() {
        return mutants().stream()
                .map(mutant -> DynamicTest.dynamicTest(
                        mutant.kind + " " + mutant.broken + " by " + mutant.file, () -> assertNoticed(mutant)));
    }

    private void assertNoticed(Mutant mutant) throws IOException {
        Path folder = copyOf(mutant.kind);
        if (!mutant.run.isEmpty()) {
            onlyRun(folder, mutant.run);
        }
        ObjectNode json = (ObjectNode) Json.readObject(folder.resolve(mutant.file));
        mutant.change.apply(json);
        Json.write(folder.resolve(mutant.file), json);
        String broken = mutant.run.isEmpty() ? mutant.broken : mutant.run + ": " + mutant.broken;
        List<Comparison> failed = failures(run(folder, mutant.kind));
        assertTrue(failed.stream().anyMatch(c -> c.name().equals(broken)), () -> broken + " is not among " + failed);
    }

    private static void onlyRun(Path folder, String run) {
        ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("case.json"));
        json.putArray("runs").add(run);
        Json.write(folder.resolve("case.json"), json);
    }

    /** At the last time of diffusers' grid, 0.0089, the conversion divides by 0.05: the recorded step, and what it is not. */
    @Test
    void theClampOfTheLastStepIsSeen() {
        try (GoldenCase run = new GoldenCase(GOLDEN.resolve("pipeline_pixel/runs/cfg_empty_negative_8steps"))) {
            float[] before = run.floats("step.6.latents");
            float[] both = run.floats("step.7.model_out");
            float[] sigmas = run.floats("sigmas");
            float scale = run.json().path("call").path("guidance_scale").floatValue();
            float time = run.floats("step.7.model_time")[0];
            assertTrue(time < Prediction.CLAMP);
            FlowPath.Coefficients clamped = Prediction.CLEAN_IMAGE.velocityAt(time);
            double[] recorded = Tensors.doubles(run.floats("step.7.latents"));
            List<Double> errors = new ArrayList<>();
            for (float divisor : new float[] {1 / clamped.gamma(), time}) {
                float[] after = new float[before.length];
                for (int i = 0; i < after.length; i++) {
                    float clean = both[i] + scale * (both[i + after.length] - both[i]);
                    after[i] = before[i] - (sigmas[7] - sigmas[8]) * (before[i] - clean) / divisor;
                }
                errors.add(RelativeError.of(after, recorded));
            }
            assertTrue(errors.get(0) < 1e-6, errors::toString); // float32, a handful of operations
            assertTrue(errors.get(1) > 0.01, errors::toString);
        }
    }

    private static List<Comparison> failures(List<Comparison> comparisons) {
        return comparisons.stream().filter(c -> !c.passes()).toList();
    }

    private static List<Comparison> run(Path folder, String kind) {
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(2));
                GoldenCase golden = new GoldenCase(folder)) {
            GoldenChecks.of(kind).orElseThrow().run(golden, device);
            return List.copyOf(golden.comparisons());
        }
    }

    private Path copyOf(String name) throws IOException {
        Path from = GOLDEN.resolve(name);
        Path to = Files.createTempDirectory(scratch, name).resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        return to;
    }
}
