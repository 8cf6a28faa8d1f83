package mezzotint.latent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.io.AtomicFolders;
import mezzotint.io.Json;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.io.WeightsFolder;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * An autoencoder on disk, as diffusers saves it: {@code config.json} and its weights, such as the folder {@code vae} of a
 * pipeline.
 */
public final class CodecFolder implements AutoCloseable {
    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    /** What the folder's configuration says. */
    private sealed interface Kind {
        /** {@link AutoencoderKl}. */
        record Kl(AutoencoderKl.Config config) implements Kind {}

        /** {@link AutoencoderDc}. */
        record Dc(AutoencoderDc.Config config) implements Kind {}
    }

    private final WeightsFolder files;
    private final Kind kind;

    private CodecFolder(WeightsFolder files, Kind kind) {
        this.files = files;
        this.kind = kind;
    }

    /**
     * Opens a folder and reads its configuration, but not the weights.
     *
     * @throws InvalidCodecConfigException for a class, a key or a value that this library does not know
     * @throws mezzotint.io.FileReadException where a file is missing or unreadable
     * @throws mezzotint.io.PickledWeightsException where the weights are there only as a pickle
     * @throws mezzotint.io.MalformedJsonException where the configuration is no JSON object
     * @throws mezzotint.io.MalformedSafeTensorsException where the weights break a rule of the format
     */
    public static CodecFolder open(Path folder) {
        WeightsFolder files = WeightsFolder.open(folder);
        try {
            return new CodecFolder(files, kind(files.config()));
        } catch (InvalidCodecConfigException e) {
            files.close();
            throw e.in(folder.resolve("config.json"));
        } catch (RuntimeException | Error e) {
            files.close();
            throw e;
        }
    }

    private static Kind kind(JsonNode config) {
        String name = config.path(Settings.CLASS).asText();
        return switch (name) {
            case AutoencoderKlJson.CLASS_NAME -> new Kind.Kl(AutoencoderKlJson.read(config));
            case AutoencoderDcJson.CLASS_NAME -> new Kind.Dc(AutoencoderDcJson.read(config));
            default -> throw new InvalidCodecConfigException(
                    Settings.CLASS,
                    "%s or %s".formatted(AutoencoderKlJson.CLASS_NAME, AutoencoderDcJson.CLASS_NAME),
                    config.path(Settings.CLASS).isMissingNode() ? "nothing" : config.path(Settings.CLASS));
        };
    }

    /** Pixels along a side of a latent cell. */
    public int ratio() {
        return switch (kind) {
            case Kind.Kl(AutoencoderKl.Config config) -> config.ratio();
            case Kind.Dc(AutoencoderDc.Config config) -> config.ratio();
        };
    }

    /** Bytes of an arena that {@link #load} fills. */
    public long weightBytes() {
        long bytes = 0;
        for (SafeTensor tensor : files.weights().tensors()) {
            bytes += Extent.padded(tensor.shape().elements() * Float.BYTES);
        }
        return bytes;
    }

    /**
     * The autoencoder, its weights frozen in {@code weights}.
     *
     * @throws mezzotint.tensor.ShapeMismatchException when the weights are not those of the configuration
     */
    public ImageCodec load(TensorArena weights) {
        Parameters parameters = Parameters.frozen(weights);
        ImageCodec codec = make(parameters);
        parameters.load(new StoredTensors(files.weights()));
        return codec;
    }

    /**
     * The autoencoder with its weights among {@code parameters}, which may be trainable.
     *
     * @param parameters none yet
     * @throws mezzotint.tensor.ShapeMismatchException when the weights are not those of the configuration
     */
    public ImageCodec load(Parameters parameters) {
        ImageCodec codec = make(parameters);
        parameters.load(new StoredTensors(files.weights()));
        return codec;
    }

    private ImageCodec make(Parameters parameters) {
        return switch (kind) {
            case Kind.Kl(AutoencoderKl.Config config) -> new AutoencoderKl(config, parameters);
            case Kind.Dc(AutoencoderDc.Config config) -> new AutoencoderDc(config, parameters);
        };
    }

    /**
     * Writes an autoencoder so that diffusers reads it, whole or not at all.
     *
     * @param folder to write or replace
     * @param dtype F32, or BF16 for half the size
     * @throws mezzotint.io.FileWriteException where the file system refuses
     */
    public static void write(Path folder, AutoencoderKl codec, DType dtype) {
        write(folder, AutoencoderKlJson.write(codec.config()), codec.parameters(), dtype);
    }

    /** Like {@link #write(Path, AutoencoderKl, DType)}. */
    public static void write(Path folder, AutoencoderDc codec, DType dtype) {
        write(folder, AutoencoderDcJson.write(codec.config()), codec.parameters(), dtype);
    }

    private static void write(Path folder, ObjectNode config, Parameters parameters, DType dtype) {
        SafeTensorsWriter writer = new SafeTensorsWriter(Map.of("format", "pt"));
        for (Parameter parameter : parameters.all()) {
            Tensor value = parameter.value();
            writer.add(parameter.name(), dtype, value.shape(), value.toFloats());
        }
        AtomicFolders.write(folder, partial -> {
            Json.write(partial.resolve("config.json"), config);
            writer.write(partial.resolve(WEIGHTS));
        });
    }

    /** Unmaps the weights. */
    @Override
    public void close() {
        files.close();
    }
}
