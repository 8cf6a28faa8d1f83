package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The {@code model_index.json} of a published pipeline: its components and what was saved of its settings.
 *
 * @param pipeline which of the two pipelines
 * @param text the text tower
 * @param codec the autoencoder; empty for a pipeline of pixels
 * @param defaultSampleSize side of the pictures it was trained on, in pixels: 256, 512 or 1024; upstream's default if absent
 * @param noiseScale standard deviation of the noise at t = 1; 1 for latents, upstream's 2 for pixels if absent
 * @param promptMaxTokens to which prompts are padded or cut; empty where the tokenizer's own length counts
 */
public record PipelineIndex(
        Pipeline pipeline,
        TextTower text,
        Optional<Autoencoder> codec,
        int defaultSampleSize,
        float noiseScale,
        OptionalInt promptMaxTokens) {

    /** Pipelines by their class in diffusers. */
    public enum Pipeline {
        /** {@code PRXPipeline}: the denoiser works on an autoencoder's latents and predicts the velocity. */
        LATENT("PRXPipeline", 512),
        /** {@code PRXPixelPipeline}: the denoiser works on pixels and predicts the clean picture. */
        PIXEL("PRXPixelPipeline", 1024);

        private final String className;
        private final int defaultSampleSize;

        Pipeline(String className, int defaultSampleSize) {
            this.className = className;
            this.defaultSampleSize = defaultSampleSize;
        }

        /** Its name in diffusers. */
        public String className() {
            return className;
        }
    }

    /** Text towers by their class upstream. */
    public enum TextTower {
        /** The encoder half of T5Gemma. */
        T5_GEMMA("prx", "T5GemmaEncoder", Set.of("prx", "diffusers", "transformers")),
        /** The language model of Qwen3-VL. */
        QWEN3_VL("transformers", "Qwen3VLTextModel", Set.of("transformers"));

        private final String library;
        private final String className;
        private final Set<String> libraries;

        TextTower(String library, String className, Set<String> libraries) {
            this.library = library;
            this.className = className;
            this.libraries = libraries;
        }

        /** Its class. */
        public String className() {
            return className;
        }

        /** The library to write beside the class: the one that loads. */
        public String library() {
            return library;
        }
    }

    /** Autoencoders by their class in diffusers. */
    public enum Autoencoder {
        /** {@code AutoencoderKL}. */
        KL("AutoencoderKL"),
        /** {@code AutoencoderDC}. */
        DC("AutoencoderDC");

        private final String className;

        Autoencoder(String className) {
            this.className = className;
        }

        /** Its class. */
        public String className() {
            return className;
        }
    }

    static final String SCHEDULER = "FlowMatchEulerDiscreteScheduler";
    static final String TRANSFORMER = "PRXTransformer2DModel";

    private static final Set<String> TOKENIZERS = Set.of(
            "TokenizersBackend",
            "PreTrainedTokenizerFast",
            "GemmaTokenizer",
            "GemmaTokenizerFast",
            "Qwen2Tokenizer",
            "Qwen2TokenizerFast");
    private static final Set<String> KEYS = Set.of(
            "scheduler",
            "text_encoder",
            "tokenizer",
            "transformer",
            "vae",
            "default_sample_size",
            "noise_scale",
            "prompt_max_tokens");

    /**
     * Reads the file.
     *
     * @throws ModelFormatException for a class or value that is not one of a PRX pipeline
     */
    static PipelineIndex read(Path path) {
        ConfigFile file = ConfigFile.read(path);
        String name = file.className("_class_name", List.of(Pipeline.LATENT.className, Pipeline.PIXEL.className));
        Pipeline pipeline = name.equals(Pipeline.PIXEL.className) ? Pipeline.PIXEL : Pipeline.LATENT;
        file.requireKnownKeys(KEYS);
        component(file, "scheduler", Set.of("diffusers"), Set.of(SCHEDULER));
        component(file, "transformer", Set.of("diffusers"), Set.of(TRANSFORMER));
        component(file, "tokenizer", Set.of("transformers"), TOKENIZERS);
        boolean pixels = pipeline == Pipeline.PIXEL;
        return new PipelineIndex(
                pipeline,
                textTower(file),
                autoencoder(file, pixels),
                file.positiveInt("default_sample_size").orElse(pipeline.defaultSampleSize),
                pixels ? file.positiveFloat("noise_scale").orElse(2f) : 1f,
                pixels ? OptionalInt.of(file.positiveInt("prompt_max_tokens").orElse(256)) : OptionalInt.empty());
    }

    private static TextTower textTower(ConfigFile file) {
        JsonNode entry = file.json().path("text_encoder");
        for (TextTower tower : TextTower.values()) {
            if (tower.className.equals(entry.path(1).asText())) {
                component(file, "text_encoder", tower.libraries, Set.of(tower.className));
                return tower;
            }
        }
        throw file.wrong("text_encoder", "[\"prx\",\"T5GemmaEncoder\"] or [\"transformers\",\"Qwen3VLTextModel\"]", entry);
    }

    private static Optional<Autoencoder> autoencoder(ConfigFile file, boolean pixels) {
        JsonNode entry = file.json().path("vae");
        boolean absent = entry.isMissingNode() || entry.path(1).isNull();
        if (pixels && !absent) {
            throw file.wrong("vae", "none in a pipeline of pixels", entry);
        }
        if (pixels) {
            return Optional.empty();
        }
        for (Autoencoder autoencoder : Autoencoder.values()) {
            if (autoencoder.className.equals(entry.path(1).asText())) {
                component(file, "vae", Set.of("diffusers"), Set.of(autoencoder.className));
                return Optional.of(autoencoder);
            }
        }
        throw file.wrong("vae", "[\"diffusers\",\"AutoencoderKL\"] or [\"diffusers\",\"AutoencoderDC\"]", entry);
    }

    private static void component(ConfigFile file, String key, Set<String> libraries, Set<String> classes) {
        JsonNode entry = file.json().path(key);
        boolean fits = entry.isArray()
                && entry.size() == 2
                && libraries.contains(entry.path(0).asText())
                && classes.contains(entry.path(1).asText());
        if (!fits) {
            String expected = "[%s, %s]".formatted(shown(libraries), shown(classes));
            throw file.wrong(key, expected, entry);
        }
    }

    private static String shown(Set<String> names) {
        return names.stream().sorted().map(name -> '"' + name + '"').reduce((a, b) -> a + " or " + b).orElse("");
    }
}
