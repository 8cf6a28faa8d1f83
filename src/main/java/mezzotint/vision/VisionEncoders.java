package mezzotint.vision;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import mezzotint.image.ImageNormalization;
import mezzotint.io.SafeTensors;
import mezzotint.io.WeightsFolder;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.TensorArena;

/** Opens vision encoders from folders and files as they are published. */
public final class VisionEncoders {
    /** {@code model_type} of an Inception that Mezzotint converted. */
    static final String INCEPTION_MIXED5 = "inception_v3_mixed5";

    /** {@code model_type} of FID's whole Inception, for a folder that a user made of its published checkpoint. */
    static final String INCEPTION_FID = "inception_v3_fid";

    private static final List<String> TYPES = List.of(
            DinoV2.TYPE,
            DinoV2.TYPE_WITH_REGISTERS,
            DinoV3.TYPE,
            ClipVision.TYPE,
            ClipVision.TYPE_OF_BOTH,
            INCEPTION_MIXED5,
            INCEPTION_FID);

    private static final long PADDING = 64; // an arena's alignment, for each tensor

    private VisionEncoders() {}

    /**
     * Bytes an arena needs for the weights of a folder, float32.
     *
     * @throws mezzotint.io.FileReadException where a file is missing
     */
    public static long weightBytes(Path folder) {
        try (WeightsFolder opened = WeightsFolder.open(folder)) {
            return bytes(opened.weights());
        }
    }

    private static long bytes(SafeTensors tensors) {
        long bytes = 0;
        for (String name : tensors.names()) {
            bytes += 4 * tensors.get(name).shape().elements() + PADDING;
        }
        return bytes;
    }

    /**
     * Opens the encoder of a folder with {@code config.json} and {@code model.safetensors}, or shards of it.
     *
     * @param weights where its weights go, {@link #weightBytes} of them, widened to float32
     * @throws InvalidVisionConfigException for an unknown {@code model_type}, or a value that does not fit
     * @throws mezzotint.tensor.ShapeMismatchException where weights and configuration disagree
     * @throws mezzotint.io.FileReadException where a file is missing
     */
    public static VisionEncoder open(Path folder, TensorArena weights) {
        try (WeightsFolder opened = WeightsFolder.open(folder)) {
            return make(opened.config(), new StoredTensors(opened.weights()), weights);
        }
    }

    /**
     * Opens LPIPS.
     *
     * @param file safetensors with the tensors of the package lpips, network and all
     * @param weights where its weights go, {@link #lpipsBytes} of them, widened to float32
     * @throws mezzotint.tensor.ShapeMismatchException where a tensor is missing, unknown or misshapen
     * @throws mezzotint.io.FileReadException where the file is missing
     */
    public static Lpips openLpips(Path file, TensorArena weights) {
        try (SafeTensors stored = SafeTensors.open(file)) {
            return new Lpips(new StoredTensors(stored), Parameters.frozen(weights));
        }
    }

    /** Bytes an arena needs for the weights of {@link #openLpips}. */
    public static long lpipsBytes(Path file) {
        try (SafeTensors stored = SafeTensors.open(file)) {
            return bytes(stored);
        }
    }

    private static VisionEncoder make(JsonNode config, NamedTensors stored, TensorArena arena) {
        String type = config.path("model_type").asText();
        Parameters parameters = Parameters.frozen(arena);
        return switch (type) {
            case DinoV2.TYPE, DinoV2.TYPE_WITH_REGISTERS ->
                loaded(new DinoV2(config, parameters), parameters, stored, DinoV2.UNUSED);
            case ClipVision.TYPE, ClipVision.TYPE_OF_BOTH ->
                loaded(new ClipVision(config, parameters), parameters, stored, ClipVision.UNUSED);
            case DinoV3.TYPE -> {
                DinoV3 encoder = new DinoV3(config, parameters);
                NamedTensors rows = new RotatedRows(stored, DinoV3::isRotated, encoder.headWidth());
                yield loaded(encoder, parameters, rows, DinoV3.UNUSED);
            }
            case INCEPTION_MIXED5 ->
                new Inception(stored, InceptionCut.MIXED_6C, InceptionConversion.NORMALIZATION, parameters);
            case INCEPTION_FID -> new Inception(stored, InceptionCut.MIXED_7C, ImageNormalization.FID, parameters);
            default -> throw new InvalidVisionConfigException(stored.toString(), "model_type", "one of " + TYPES, type);
        };
    }

    private static VisionEncoder loaded(
            VisionEncoder encoder, Parameters parameters, NamedTensors stored, Predicate<String> unused) {
        parameters.load(new SelectedTensors(stored, unused));
        return encoder;
    }
}
