package mezzotint.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import mezzotint.data.BatchLoader;
import mezzotint.io.AtomicFolders;
import mezzotint.io.Json;

/**
 * Where a run stood: everything that is not a tensor.
 *
 * @param config of the run, as YAML
 * @param step steps taken
 * @param averageActive whether the weight average had begun
 * @param loader where the data stood
 */
record Checkpoint(String config, long step, boolean averageActive, BatchLoader.State loader) {
    static final String WEIGHTS = "training/weights.safetensors";
    static final String AVERAGE = "training/average.safetensors";
    static final String OPTIMIZER = "training/optimizer.safetensors";
    private static final String STATE = "training/state.json";
    private static final String PREFIX = "checkpoint-";

    /** Folder of the checkpoint after {@code step} steps. */
    static Path folder(Path run, long step) {
        return run.resolve(PREFIX + "%08d".formatted(step));
    }

    /** Whole checkpoints of a run, oldest first. */
    static List<Path> all(Path run) {
        if (!Files.isDirectory(run)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(run)) {
            return entries.filter(path -> path.getFileName().toString().startsWith(PREFIX)
                            && !path.getFileName().toString().endsWith(AtomicFolders.PARTIAL)
                            && Files.isRegularFile(path.resolve(STATE)))
                    .sorted(Comparator.comparing(path -> path.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("run folder " + run + " cannot be listed", e);
        }
    }

    /** The newest whole checkpoint of a run. */
    static Optional<Path> newest(Path run) {
        List<Path> all = all(run);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    void write(Path folder) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", step);
        json.put("average_active", averageActive);
        json.putObject("loader")
                .put("seed", loader.seed())
                .put("images", loader.images())
                .put("epoch", loader.epoch())
                .put("position", loader.position())
                .put("batches", loader.batches());
        json.put("config", config);
        Json.write(folder.resolve(STATE), json);
    }

    /** @throws InvalidCheckpointException when the folder holds no checkpoint */
    static Checkpoint read(Path folder) {
        if (!Files.isRegularFile(folder.resolve(STATE))) {
            throw new InvalidCheckpointException(
                    folder + " is no checkpoint: it has no " + STATE + "; give a run folder or one of its checkpoints");
        }
        JsonNode json = Json.readObject(folder.resolve(STATE));
        JsonNode loader = json.path("loader");
        if (!json.path("step").isIntegralNumber() || !json.path("config").isTextual() || !loader.isObject()) {
            throw new InvalidCheckpointException(
                    folder + " is no checkpoint: " + STATE + " lacks step, config or loader");
        }
        return new Checkpoint(
                json.path("config").asText(),
                json.path("step").asLong(),
                json.path("average_active").asBoolean(),
                new BatchLoader.State(
                        loader.path("seed").asLong(),
                        loader.path("images").asInt(),
                        loader.path("epoch").asLong(),
                        loader.path("position").asInt(),
                        loader.path("batches").asLong()));
    }
}
