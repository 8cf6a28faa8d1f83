package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.io.AtomicFolders;
import mezzotint.io.Json;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.kernel.Device;
import mezzotint.latent.CodecFolder;
import mezzotint.latent.IdentityCodec;
import mezzotint.latent.ImageCodec;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxConfigJson;
import mezzotint.prx.PrxDenoiser;
import mezzotint.sampling.ModelDescription.TextModule;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.text.TextEncoder;

/**
 * Models on disk, in the layout of diffusers.
 *
 * <pre>
 * model_index.json
 * scheduler/scheduler_config.json
 * transformer/config.json, diffusion_pytorch_model.safetensors
 * text_encoder/config.json, model.safetensors
 * vae/config.json, diffusion_pytorch_model.safetensors    for one of latents
 * </pre>
 */
public final class ModelFolder {
    static final String INDEX = "model_index.json";
    private static final String SCHEDULER = "scheduler/scheduler_config.json";
    private static final String TRANSFORMER_CONFIG = "transformer/config.json";
    private static final String TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors";
    private static final String TEXT_CONFIG = "text_encoder/config.json";
    private static final String TEXT = "text_encoder/model.safetensors";
    private static final String CODEC = "vae";

    private final ModelFiles files;
    private final ModelDescription description;

    private ModelFolder(ModelFiles files, BiFunction<String, JsonNode, TextModule> textModules) {
        this.files = files;
        JsonNode index = files.json(INDEX);
        JsonNode own = index.path("mezzotint");
        if (!own.isObject() || !own.path("prediction").isTextual()) {
            throw new ModelFormatException(
                    "%s: %s names no prediction; expected a model that this library has saved".formatted(files, INDEX));
        }
        PrxConfig config = PrxConfigJson.read(files.json(TRANSFORMER_CONFIG));
        TextModule text = textModules.apply(own.path("text_encoder").asText(), files.json(TEXT_CONFIG));
        description = new ModelDescription(
                config,
                text,
                Prediction.named(own.path("prediction").asText()),
                (float) index.path("noise_scale").asDouble(1),
                new TimeShift((float) files.json(SCHEDULER).path("shift").asDouble(1)),
                index.path("default_sample_size").asInt(config.patchSize() * 8),
                files.folder(CODEC));
    }

    /**
     * Reads what a folder holds, but not the weights.
     *
     * @param textModules makes a text encoder of a name and the settings it was saved with
     * @throws ModelFormatException when it is no model folder
     */
    public static ModelFolder read(Path folder, BiFunction<String, JsonNode, TextModule> textModules) {
        return new ModelFolder(new ModelFiles.Folder(folder), textModules);
    }

    /**
     * Reads a model on the class path, but not the weights.
     *
     * @param base absolute path of its files, ending in a slash
     * @throws ModelFormatException when there is none
     */
    public static ModelFolder readResource(String base, BiFunction<String, JsonNode, TextModule> textModules) {
        return new ModelFolder(new ModelFiles.Resources(base), textModules);
    }

    /** What the folder holds. */
    public ModelDescription description() {
        return description;
    }

    /**
     * Loads the weights into {@code weights}, frozen.
     *
     * @throws mezzotint.tensor.ShapeMismatchException when they are those of another model
     */
    public TextToImage load(Device device, TensorArena weights) {
        Parameters denoiser = Parameters.frozen(weights);
        Parameters text = Parameters.frozen(weights);
        TextToImage model = build(device, description, codec(weights), denoiser, text, false);
        try (SafeTensors stored = files.tensors(TRANSFORMER)) {
            denoiser.load(new StoredTensors(stored));
        }
        if (!text.all().isEmpty()) {
            try (SafeTensors stored = files.tensors(TEXT)) {
                text.load(new StoredTensors(stored));
            }
        }
        return model;
    }

    private ImageCodec codec(TensorArena weights) {
        if (description.codec().isEmpty()) {
            return new IdentityCodec();
        }
        try (CodecFolder codec = CodecFolder.open(description.codec().get())) {
            return codec.load(weights);
        }
    }

    private static long codecBytes(ModelDescription description) {
        if (description.codec().isEmpty()) {
            return 0;
        }
        try (CodecFolder codec = CodecFolder.open(description.codec().get())) {
            return codec.weightBytes();
        }
    }

    /** Bytes that {@link #load} needs for the weights. */
    public long weightBytes() {
        // Text weights are not known before they are made; small ones share the slack, and each tensor is padded to 64
        // bytes.
        return description.config().parameterCount() * 4 + codecBytes(description) + (256L << 20);
    }

    /**
     * A model of pixels whose weights are made among the given parameters; those of the text encoder start with {@code
     * text_encoder.}.
     *
     * @param recompute as in {@link PrxDenoiser#PrxDenoiser(PrxConfig, Parameters, boolean)}
     */
    public static TextToImage build(
            Device device, ModelDescription description, Parameters denoiser, Parameters text, boolean recompute) {
        return build(device, description, new IdentityCodec(), denoiser, text, recompute);
    }

    /**
     * Like {@link #build(Device, ModelDescription, Parameters, Parameters, boolean)}, of any model.
     *
     * @param codec the autoencoder that the description names; its weights outlive the model
     * @param recompute as in {@link PrxDenoiser#PrxDenoiser(PrxConfig, Parameters, boolean)}
     */
    public static TextToImage build(
            Device device,
            ModelDescription description,
            ImageCodec codec,
            Parameters denoiser,
            Parameters text,
            boolean recompute) {
        TextEncoder encoder = description.text().make().apply(text.scope("text_encoder"));
        PrxDenoiser network = new PrxDenoiser(description.config(), denoiser, recompute);
        return new TextToImage(device, network, encoder, description.prediction(), description.noiseScale(), codec);
    }

    /**
     * Writes a model, whole or not at all.
     *
     * @param folder to write or replace
     * @param denoiser weights by name
     * @param text weights by name, empty for an encoder that brings its own
     * @param dtype F32, or BF16 for half the size
     */
    public static void write(
            Path folder,
            ModelDescription description,
            Map<String, Tensor> denoiser,
            Map<String, Tensor> text,
            DType dtype) {
        AtomicFolders.write(folder, partial -> fill(partial, description, denoiser, text, dtype));
    }

    private static void fill(
            Path folder,
            ModelDescription description,
            Map<String, Tensor> denoiser,
            Map<String, Tensor> text,
            DType dtype) {
        for (String room : new String[] {"transformer", "text_encoder", "scheduler"}) {
            AtomicFolders.make(folder.resolve(room));
        }
        Json.write(folder.resolve(TRANSFORMER_CONFIG), PrxConfigJson.write(description.config()));
        writeTensors(folder.resolve(TRANSFORMER), denoiser, dtype);
        Json.write(folder.resolve(TEXT_CONFIG), description.text().settings());
        if (!text.isEmpty()) {
            writeTensors(folder.resolve(TEXT), text, dtype);
        }
        ObjectNode scheduler = JsonNodeFactory.instance.objectNode();
        scheduler.put("_class_name", "FlowMatchEulerDiscreteScheduler");
        scheduler.put("num_train_timesteps", 1000);
        scheduler.put("shift", description.shift().factor());
        Json.write(folder.resolve(SCHEDULER), scheduler);
        description.codec().ifPresent(codec -> CodecFolder.copy(codec, folder.resolve(CODEC)));
        Json.write(folder.resolve(INDEX), index(description));
    }

    private static ObjectNode index(ModelDescription description) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        ObjectNode index = nodes.objectNode();
        boolean pixels = description.codec().isEmpty();
        index.put("_class_name", pixels ? "PRXPixelPipeline" : "PRXPipeline");
        index.put("default_sample_size", description.imageSize());
        index.put("noise_scale", description.noiseScale());
        index.putArray("scheduler").add("diffusers").add("FlowMatchEulerDiscreteScheduler");
        index.putArray("transformer").add("diffusers").add("PRXTransformer2DModel");
        index.putArray("text_encoder").add("mezzotint").add(description.text().name());
        if (pixels) {
            index.putArray("vae").addNull().addNull();
        } else {
            index.putArray("vae").add("diffusers").add("AutoencoderKL");
        }
        ObjectNode own = index.putObject("mezzotint");
        own.put("prediction", description.prediction().symbol());
        own.put("text_encoder", description.text().name());
        return index;
    }

    /**
     * Copies a model, with its weights in another type, whole or not at all.
     *
     * @param target to write or replace
     * @param dtype F32, or BF16 for half the size
     * @throws ModelFormatException when {@code source} is no model folder
     */
    public static void convert(Path source, Path target, DType dtype) {
        convert(source, target, dtype, Optional.empty());
    }

    /**
     * Copies a model, with other values for some of its weights, whole or not at all.
     *
     * @param instead open; its tensors take the place of those of the same name, and those that the model lacks are left out
     * @throws ModelFormatException when {@code source} is no model folder
     */
    public static void convert(Path source, Path target, DType dtype, Optional<SafeTensors> instead) {
        ModelFiles files = new ModelFiles.Folder(source);
        AtomicFolders.write(target, partial -> {
            for (String json : new String[] {TRANSFORMER_CONFIG, TEXT_CONFIG, SCHEDULER, INDEX}) {
                AtomicFolders.make(partial.resolve(json).getParent());
                Json.write(partial.resolve(json), files.json(json));
            }
            for (String tensors : new String[] {TRANSFORMER, TEXT}) {
                if (Files.exists(source.resolve(tensors))) {
                    convertTensors(files, tensors, partial, dtype, instead);
                }
            }
            files.folder(CODEC).ifPresent(codec -> CodecFolder.copy(codec, partial.resolve(CODEC)));
        });
    }

    private static void convertTensors(
            ModelFiles files, String path, Path target, DType dtype, Optional<SafeTensors> instead) {
        SafeTensorsWriter writer = new SafeTensorsWriter(Map.of("format", "pt"));
        try (SafeTensors stored = files.tensors(path)) {
            for (SafeTensor tensor : stored.tensors()) {
                SafeTensor used =
                        instead.flatMap(other -> other.find(tensor.name())).orElse(tensor);
                writer.add(tensor.name(), dtype, tensor.shape(), used.toFloats());
            }
        }
        writer.write(target.resolve(path));
    }

    /** Writes tensors of a device in {@code dtype}. */
    public static void writeTensors(Path file, Map<String, Tensor> tensors, DType dtype) {
        SafeTensorsWriter writer = new SafeTensorsWriter(Map.of("format", "pt"));
        tensors.forEach((name, tensor) -> writer.add(name, dtype, tensor.shape(), tensor.toFloats()));
        writer.write(file);
    }
}
