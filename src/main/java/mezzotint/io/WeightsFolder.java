package mezzotint.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A folder of the diffusers layout that holds one network: {@code config.json} and its weights, in one safetensors file
 * or in several with an index.
 */
public final class WeightsFolder implements AutoCloseable {
    // diffusers' name for its own networks, transformers' for text and vision encoders
    private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model");
    private static final String PICKLES = "*.{bin,pt,pth,ckpt,pkl,pickle,distcp}";

    private final Path folder;
    private final JsonNode config;
    private final SafeTensors weights;

    private WeightsFolder(Path folder, JsonNode config, SafeTensors weights) {
        this.folder = folder;
        this.config = config;
        this.weights = weights;
    }

    /**
     * Opens a folder.
     *
     * @param folder such as {@code pipeline/transformer}
     * @throws FileReadException where the folder, its {@code config.json}, its weights or a part of them is missing
     * @throws PickledWeightsException where the weights are there only as a pickle
     * @throws MalformedJsonException where the configuration or the index is no JSON object
     * @throws MalformedSafeTensorsException where a weights file breaks a rule of the format
     * @throws InconsistentShardsException where the index and the files disagree, or there are two sets of weights
     */
    public static WeightsFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new FileReadException(folder, "there is no such folder. Check the path.");
        }
        JsonNode config = Json.readObject(folder.resolve("config.json"));
        return new WeightsFolder(folder, config, SafeTensors.open(weightsFile(folder)));
    }

    /**
     * Where a folder's weights are, without opening them.
     *
     * @param folder such as {@code pipeline/transformer}
     * @return the safetensors file, or the index of several
     * @throws FileReadException where there are none
     * @throws PickledWeightsException where they are there only as a pickle
     * @throws InconsistentShardsException where there are two sets of weights
     */
    public static Path weightsFile(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new FileReadException(folder, "there is no such folder. Fetch the whole model.");
        }
        List<Path> files = STEMS.stream()
                .flatMap(stem -> List.of(stem + ".safetensors.index.json", stem + ".safetensors").stream())
                .map(folder::resolve)
                .filter(Files::exists)
                .toList();
        if (files.size() > 1) {
            throw new InconsistentShardsException(
                    folder,
                    "expected one set of weights, got both %s and %s"
                            .formatted(files.get(0).getFileName(), files.get(1).getFileName()));
        }
        if (files.isEmpty()) {
            refusePickles(folder);
            throw new FileReadException(
                    folder.resolve(STEMS.getFirst() + ".safetensors"),
                    "there is no such file, nor an index of several. Fetch the weights.");
        }
        return files.getFirst();
    }

    /**
     * Nothing for a folder without pickles.
     *
     * @throws PickledWeightsException where a folder holds weights as a Python pickle
     */
    public static void refusePickles(Path folder) {
        if (Files.isDirectory(folder)) {
            pickle(folder).ifPresent(path -> {
                throw new PickledWeightsException(path);
            });
        }
    }

    private static Optional<Path> pickle(Path folder) {
        try (DirectoryStream<Path> pickles = Files.newDirectoryStream(folder, PICKLES)) {
            for (Path path : pickles) {
                return Optional.of(path);
            }
            return Optional.empty();
        } catch (IOException e) {
            throw FileReadException.of(folder, e);
        }
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** A copy of its {@code config.json}, an object. */
    public JsonNode config() {
        return config.deepCopy();
    }

    /** Its weights; closed with the folder. */
    public SafeTensors weights() {
        return weights;
    }

    /** Unmaps the weights. */
    @Override
    public void close() {
        weights.close();
    }
}
