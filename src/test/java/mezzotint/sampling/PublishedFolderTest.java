package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FileReadException;
import mezzotint.io.Json;
import mezzotint.io.MalformedJsonException;
import mezzotint.io.PickledWeightsException;
import mezzotint.sampling.PipelineIndex.Autoencoder;
import mezzotint.sampling.PipelineIndex.Pipeline;
import mezzotint.sampling.PipelineIndex.TextTower;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class PublishedFolderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path scratch;

    private Path copyOf(String name) throws IOException {
        Path folder = Files.createTempDirectory(scratch, name);
        for (String part : new String[] {"", "scheduler", "transformer", "text_encoder", "tokenizer", "vae"}) {
            Path from = GOLDEN.resolve(name).resolve(part);
            if (Files.isDirectory(from)) {
                Files.createDirectories(folder.resolve(part));
                try (Stream<Path> files = Files.list(from)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        Files.copy(file, folder.resolve(part).resolve(file.getFileName()));
                    }
                }
            }
        }
        return folder;
    }

    @Test
    void readsAPipelineOfPixels() {
        PublishedFolder folder = PublishedFolder.open(GOLDEN.resolve("pipeline_pixel"));
        assertEquals(
                new PipelineIndex(Pipeline.PIXEL, TextTower.QWEN3_VL, Optional.empty(), 1024, 2f, OptionalInt.of(24)),
                folder.index());
        assertEquals(3f, folder.scheduler().shift().factor());
        assertEquals(1000, folder.scheduler().trainTimesteps());
        assertEquals(24, folder.promptMaxTokens());
        assertEquals(24, folder.transformer().bottleneck().getAsInt());
        assertEquals(Optional.empty(), folder.autoencoderFolder());
        assertTrue(PublishedFolder.isPublished(folder.path()));
    }

    @Test
    void readsAPipelineOfLatents() {
        PublishedFolder folder = PublishedFolder.open(GOLDEN.resolve("pipeline_latent_kl"));
        assertEquals(
                new PipelineIndex(
                        Pipeline.LATENT, TextTower.T5_GEMMA, Optional.of(Autoencoder.KL), 256, 1f, OptionalInt.empty()),
                folder.index());
        assertEquals(20, folder.promptMaxTokens()); // the tokenizer's
        assertEquals(Optional.of(folder.path().resolve("vae")), folder.autoencoderFolder());
    }

    /** What the converter leaves out, and what saving a pipeline again upstream writes differently. */
    @Test
    void readsBothFormsOfTheIndexAndUpstreamsDefaults() throws IOException {
        Path folder = copyOf("pipeline_latent_kl");
        edit(folder, "transformer/config.json", json -> json.remove("_class_name"));
        edit(folder, "text_encoder/config.json", json -> {
            ObjectNode encoder = (ObjectNode) json.get("encoder"); // flat, as upstream saves it
            json.removeAll();
            json.setAll(encoder);
        });
        for (String library : new String[] {"diffusers", "transformers", "prx"}) {
            edit(folder, "model_index.json", json -> {
                json.putArray("text_encoder").add(library).add("T5GemmaEncoder");
                json.remove("default_sample_size");
            });
            PublishedFolder opened = PublishedFolder.open(folder);
            assertEquals(TextTower.T5_GEMMA, opened.index().text());
            assertEquals(512, opened.index().defaultSampleSize());
        }
        edit(folder, "tokenizer/tokenizer_config.json", json -> json.put("model_max_length", 1e30));
        assertEquals(256, PublishedFolder.open(folder).promptMaxTokens());

        Path pixels = copyOf("pipeline_pixel");
        edit(pixels, "model_index.json", json -> {
            json.remove("noise_scale");
            json.remove("prompt_max_tokens");
            json.putArray("vae").addNull().addNull();
        });
        PublishedFolder opened = PublishedFolder.open(pixels);
        assertEquals(2f, opened.index().noiseScale());
        assertEquals(256, opened.promptMaxTokens());
    }

    /** A change of one value of one file, and what is said to it. */
    private record Mutant(String folder, String file, String key, String value, String expected, String got) {}

    @TestFactory
    Stream<DynamicTest> namesFileKeyExpectedAndGot() {
        return Stream.of(
                        new Mutant(
                                "pipeline_pixel",
                                "model_index.json",
                                "_class_name",
                                "\"FluxPipeline\"",
                                "PRXPipeline or PRXPixelPipeline",
                                "\"FluxPipeline\""),
                        new Mutant(
                                "pipeline_pixel",
                                "model_index.json",
                                "feature_extractor",
                                "[null,null]",
                                "no such key, only default_sample_size, noise_scale",
                                "[null,null]"),
                        new Mutant(
                                "pipeline_pixel",
                                "model_index.json",
                                "transformer",
                                "[\"diffusers\",\"UNet\"]",
                                "[\"diffusers\", \"PRXTransformer2DModel\"]",
                                "[\"diffusers\",\"UNet\"]"),
                        new Mutant(
                                "pipeline_pixel",
                                "model_index.json",
                                "text_encoder",
                                "[\"transformers\",\"CLIP\"]",
                                "[\"prx\",\"T5GemmaEncoder\"] or [\"transformers\",\"Qwen3VLTextModel\"]",
                                "[\"transformers\",\"CLIP\"]"),
                        new Mutant(
                                "pipeline_pixel",
                                "model_index.json",
                                "text_encoder",
                                "[\"mezzotint\",\"Qwen3VLTextModel\"]",
                                "[\"transformers\", \"Qwen3VLTextModel\"]",
                                "[\"mezzotint\",\"Qwen3VLTextModel\"]"),
                        new Mutant(
                                "pipeline_pixel",
                                "model_index.json",
                                "vae",
                                "[\"diffusers\",\"AutoencoderKL\"]",
                                "none in a pipeline of pixels",
                                "[\"diffusers\",\"AutoencoderKL\"]"),
                        new Mutant("pipeline_pixel", "model_index.json", "noise_scale", "-1", "a number above 0", "-1"),
                        new Mutant(
                                "pipeline_pixel",
                                "model_index.json",
                                "default_sample_size",
                                "\"1k\"",
                                "a whole number of at least 1",
                                "\"1k\""),
                        new Mutant(
                                "pipeline_latent_kl",
                                "model_index.json",
                                "vae",
                                "[null,null]",
                                "[\"diffusers\",\"AutoencoderKL\"] or [\"diffusers\",\"AutoencoderDC\"]",
                                "[null,null]"),
                        new Mutant(
                                "pipeline_latent_kl",
                                "scheduler/scheduler_config.json",
                                "_class_name",
                                "\"DDIM\"",
                                "FlowMatchEulerDiscreteScheduler",
                                "\"DDIM\""),
                        new Mutant(
                                "pipeline_latent_kl",
                                "scheduler/scheduler_config.json",
                                "use_karras_sigmas",
                                "true",
                                "false",
                                "true"),
                        new Mutant(
                                "pipeline_latent_kl",
                                "scheduler/scheduler_config.json",
                                "shift_terminal",
                                "0.02",
                                "null",
                                "0.02"),
                        new Mutant(
                                "pipeline_latent_kl",
                                "scheduler/scheduler_config.json",
                                "shift",
                                "0",
                                "a number above 0",
                                "0"),
                        new Mutant(
                                "pipeline_latent_kl",
                                "transformer/config.json",
                                "_class_name",
                                "\"FluxTransformer\"",
                                "PRXTransformer2DModel",
                                "\"FluxTransformer\""),
                        new Mutant(
                                "pipeline_latent_kl",
                                "transformer/config.json",
                                "context_in_dim",
                                "48",
                                "32 as in ",
                                "48"),
                        new Mutant(
                                "pipeline_latent_kl", "transformer/config.json", "in_channels", "16", "4 as in ", "16"),
                        new Mutant(
                                "pipeline_pixel",
                                "transformer/config.json",
                                "in_channels",
                                "4",
                                "3, the colours of a pixel",
                                "4"),
                        new Mutant(
                                "pipeline_latent_kl",
                                "vae/config.json",
                                "_class_name",
                                "\"AutoencoderDC\"",
                                "AutoencoderKL",
                                "\"AutoencoderDC\""))
                .map(mutant -> DynamicTest.dynamicTest(
                        mutant.file + " " + mutant.key + " " + mutant.value, () -> assertRefused(mutant)));
    }

    private void assertRefused(Mutant mutant) throws IOException {
        Path folder = copyOf(mutant.folder);
        JsonNode value = JSON.readTree(mutant.value);
        edit(folder, mutant.file, json -> json.set(mutant.key, value));
        var thrown = assertThrows(ModelFormatException.class, () -> PublishedFolder.open(folder));
        String start = "%s: %s: expected %s".formatted(folder.resolve(mutant.file), mutant.key, mutant.expected);
        assertTrue(thrown.getMessage().startsWith(start), thrown::getMessage);
        assertTrue(thrown.getMessage().endsWith(", got " + mutant.got), thrown::getMessage);
    }

    @Test
    void namesTheFileOfAnImpossibleDenoiser() throws IOException {
        Path folder = copyOf("pipeline_pixel");
        edit(folder, "transformer/config.json", json -> json.put("num_heads", 5));
        var thrown = assertThrows(ModelFormatException.class, () -> PublishedFolder.open(folder));
        assertEquals(
                folder.resolve("transformer/config.json")
                        + ": PRX configuration: hidden_size expected a multiple of num_heads 5, got 64",
                thrown.getMessage());
        edit(folder, "transformer/config.json", json -> json.put("num_heads", 4).put("guidance_embeds", true));
        thrown = assertThrows(ModelFormatException.class, () -> PublishedFolder.open(folder));
        assertTrue(thrown.getMessage().contains("guidance_embeds expected one of the known keys"), thrown::getMessage);
    }

    @Test
    void missesAPartBeforeAnythingIsLoaded() throws IOException {
        for (String part : new String[] {
            "scheduler/scheduler_config.json",
            "tokenizer/tokenizer.json",
            "tokenizer/tokenizer_config.json",
            "text_encoder/model.safetensors",
            "text_encoder/config.json",
            "transformer/diffusion_pytorch_model.safetensors"
        }) {
            Path folder = copyOf("pipeline_pixel");
            Files.delete(folder.resolve(part));
            var thrown = assertThrows(FileReadException.class, () -> PublishedFolder.open(folder), part);
            assertTrue(
                    thrown.getMessage()
                            .contains(folder.resolve(part).getParent().toString()),
                    thrown::getMessage);
        }
        Path folder = copyOf("pipeline_latent_kl");
        AtomicFolders.delete(folder.resolve("vae"));
        assertThrows(FileReadException.class, () -> PublishedFolder.open(folder));
        assertThrows(ModelFormatException.class, () -> PublishedFolder.open(scratch.resolve("nowhere")));
        Files.writeString(folder.resolve("model_index.json"), "[]");
        assertThrows(MalformedJsonException.class, () -> PublishedFolder.open(folder));
    }

    @Test
    void refusesPickles() throws IOException {
        Path folder = copyOf("pipeline_pixel");
        Files.move(
                folder.resolve("transformer/diffusion_pytorch_model.safetensors"),
                folder.resolve("transformer/diffusion_pytorch_model.bin"));
        var thrown = assertThrows(PickledWeightsException.class, () -> PublishedFolder.open(folder));
        assertTrue(thrown.getMessage().contains("is a Python pickle"), thrown::getMessage);
        for (String name : new String[] {"model.pt", "last.ckpt", "__0_0.distcp", "weights.pth"}) {
            Path training = Files.createTempDirectory(scratch, "training");
            Files.writeString(training.resolve(name), "");
            assertThrows(PickledWeightsException.class, () -> PublishedFolder.open(training), name);
        }
    }

    @Test
    void aModelOfOurOwnIsNotPublished() throws IOException {
        Path folder = copyOf("pipeline_pixel");
        edit(folder, "model_index.json", json -> json.putObject("mezzotint").put("prediction", "x"));
        assertFalse(PublishedFolder.isPublished(folder));
        assertFalse(PublishedFolder.isPublished(folder.resolve("transformer")));
    }

    private interface Edit {
        void apply(ObjectNode json);
    }

    private static void edit(Path folder, String file, Edit edit) {
        ObjectNode json = (ObjectNode) Json.readObject(folder.resolve(file));
        edit.apply(json);
        Json.write(folder.resolve(file), json);
    }
}
