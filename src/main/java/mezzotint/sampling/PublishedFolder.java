package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import mezzotint.io.FileReadException;
import mezzotint.io.Json;
import mezzotint.io.WeightsFolder;
import mezzotint.prx.InvalidPrxConfigException;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxConfigJson;
import mezzotint.sampling.PipelineIndex.Autoencoder;
import mezzotint.sampling.PipelineIndex.Pipeline;

/**
 * A PRX pipeline as it is published, in the layout of diffusers; its configuration is read and checked as a whole, its
 * weights are only looked for.
 *
 * <pre>
 * model_index.json
 * scheduler/scheduler_config.json
 * transformer/config.json, diffusion_pytorch_model.safetensors or several with an index
 * text_encoder/config.json, model.safetensors or several with an index
 * tokenizer/tokenizer.json, tokenizer_config.json
 * vae/config.json, diffusion_pytorch_model.safetensors           (latent pipelines only)
 * </pre>
 *
 * @param path the folder
 * @param index its {@code model_index.json}
 * @param scheduler its {@code scheduler/scheduler_config.json}
 * @param transformer its {@code transformer/config.json}
 */
public record PublishedFolder(Path path, PipelineIndex index, SchedulerConfig scheduler, PrxConfig transformer) {
    private static final int DEFAULT_MAX_TOKENS = 256;
    private static final long UNLIMITED = 1_000_000; // tokenizers without a limit store 10³⁰

    /**
     * Reads a folder's configuration and checks that its parts are there and fit together.
     *
     * @throws ModelFormatException where a value is none this version can run; the message names file, key, expected and got
     * @throws FileReadException where a file is missing
     * @throws mezzotint.io.PickledWeightsException where weights are there only as a pickle
     * @throws mezzotint.io.MalformedJsonException where a file is no JSON object
     */
    public static PublishedFolder open(Path path) {
        Path index = path.resolve(ModelFolder.INDEX);
        if (!Files.isRegularFile(index)) {
            WeightsFolder.refusePickles(path);
            throw new ModelFormatException("%s is no model folder: it has no %s".formatted(path, ModelFolder.INDEX));
        }
        PublishedFolder folder = new PublishedFolder(
                path,
                PipelineIndex.read(index),
                SchedulerConfig.read(path.resolve("scheduler/scheduler_config.json")),
                readTransformer(path.resolve("transformer/config.json")));
        folder.checkParts();
        return folder;
    }

    /** Whether a folder holds a pipeline as upstream publishes them, rather than a model this library has trained. */
    public static boolean isPublished(Path path) {
        Path index = path.resolve(ModelFolder.INDEX);
        return Files.isRegularFile(index)
                && !Json.readObject(index).path("mezzotint").isObject();
    }

    private static PrxConfig readTransformer(Path path) {
        ConfigFile file = ConfigFile.read(path);
        if (file.has("_class_name")) { // upstream's converter writes none
            file.className("_class_name", List.of(PipelineIndex.TRANSFORMER));
        }
        try {
            return PrxConfigJson.read(file.json());
        } catch (InvalidPrxConfigException e) {
            throw new ModelFormatException("%s: %s".formatted(path, e.getMessage()));
        }
    }

    private void checkParts() {
        WeightsFolder.weightsFile(transformerFolder());
        WeightsFolder.weightsFile(textEncoderFolder());
        requireFile(tokenizerFolder().resolve("tokenizer.json"));
        requireFile(tokenizerFolder().resolve("tokenizer_config.json"));
        autoencoderFolder().ifPresent(WeightsFolder::weightsFile);
        requireEqual("context_in_dim", transformer.contextDim(), textWidth(), textEncoderFolder());
        if (index.pipeline() == Pipeline.PIXEL) {
            if (transformer.inChannels() != 3) {
                throw wrong("in_channels", "3, the colours of a pixel", transformer.inChannels());
            }
        } else {
            requireEqual("in_channels", transformer.inChannels(), latentChannels(), path.resolve("vae"));
        }
    }

    private void requireEqual(String key, int got, int expected, Path folder) {
        if (got != expected) {
            throw wrong(key, "%d as in %s".formatted(expected, folder.resolve("config.json")), got);
        }
    }

    private ModelFormatException wrong(String key, String expected, int got) {
        return new ModelFormatException(
                transformerFolder().resolve("config.json"), key, expected, Integer.toString(got));
    }

    private int textWidth() {
        Path path = textEncoderFolder().resolve("config.json");
        ConfigFile file = ConfigFile.read(path);
        JsonNode section = file.object("encoder").orElse(file.json()); // T5Gemma: a full configuration, or the encoder's
        return width(path, section, "hidden_size");
    }

    private int latentChannels() {
        Path path = this.path.resolve("vae/config.json");
        ConfigFile file = ConfigFile.read(path);
        file.className("_class_name", List.of(index.codec().orElseThrow().className()));
        return width(path, file.json(), "latent_channels");
    }

    private static int width(Path path, JsonNode section, String key) {
        JsonNode node = section.path(key);
        if (!node.isInt() || node.intValue() < 1) {
            throw new ModelFormatException(
                    path, key, "a whole number of at least 1", node.isMissingNode() ? "no such key" : node.toString());
        }
        return node.intValue();
    }

    private static void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new FileReadException(file, "there is no such file. Fetch the whole model.");
        }
    }

    /** The denoiser's folder. */
    public Path transformerFolder() {
        return path.resolve("transformer");
    }

    /** The text tower's folder. */
    public Path textEncoderFolder() {
        return path.resolve("text_encoder");
    }

    /** The tokenizer's folder, with {@code tokenizer.json}. */
    public Path tokenizerFolder() {
        return path.resolve("tokenizer");
    }

    /** The autoencoder's folder; empty for a pipeline of pixels. */
    public Optional<Path> autoencoderFolder() {
        return index.codec().map((Autoencoder any) -> path.resolve("vae"));
    }

    /** To how many tokens prompts are padded or cut: the index's number, the tokenizer's, or 256. */
    public int promptMaxTokens() {
        if (index.promptMaxTokens().isPresent()) {
            return index.promptMaxTokens().getAsInt();
        }
        JsonNode length = Json.readObject(tokenizerFolder().resolve("tokenizer_config.json"))
                .path("model_max_length");
        boolean given = length.isNumber() && length.doubleValue() >= 1 && length.doubleValue() < UNLIMITED;
        return given ? length.intValue() : DEFAULT_MAX_TOKENS;
    }
}
