package mezzotint.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.data.BatchLoader;
import mezzotint.io.FileReadException;
import mezzotint.io.FolderManifest;
import mezzotint.io.Json;
import mezzotint.io.MalformedJsonException;

/**
 * Where a run stood: everything that is not a tensor.
 *
 * <pre>
 * checkpoint-00000500/
 *   model/                        to sample with
 *   training/weights.safetensors  as trained
 *   training/average.safetensors  EMA
 *   training/optimizer.safetensors
 *   training/state.json           this record
 *   manifest.json                 size and SHA-256 of all of these, written last
 * </pre>
 *
 * @param config of the run, as YAML
 * @param counters how far it was
 * @param loader where the data stood
 */
record Checkpoint(String config, Counters counters, BatchLoader.State loader) {
    static final String WEIGHTS = "training/weights.safetensors";
    static final String AVERAGE = "training/average.safetensors";
    static final String OPTIMIZER = "training/optimizer.safetensors";
    static final String STATE = "training/state.json";

    /**
     * How far a run is; random numbers are functions of the seed and of these.
     *
     * @param step batches used
     * @param optimizerSteps steps that changed weights
     * @param skipped batches left out, since loss or gradient was no number
     * @param averageActive whether the weight average had begun
     * @param losses by time since the last line of the log
     */
    record Counters(long step, long optimizerSteps, long skipped, boolean averageActive, LossByTime.State losses) {}

    long step() {
        return counters.step();
    }

    void write(Path folder) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", counters.step());
        json.put("optimizer_steps", counters.optimizerSteps());
        json.put("skipped", counters.skipped());
        json.put("average_active", counters.averageActive());
        ObjectNode losses = json.putObject("loss_by_time");
        ArrayNode sums = losses.putArray("sums");
        counters.losses().sums().forEach(sums::add);
        ArrayNode counts = losses.putArray("counts");
        counters.losses().counts().forEach(counts::add);
        json.putObject("loader")
                .put("seed", loader.seed())
                .put("images", loader.images())
                .put("epoch", loader.epoch())
                .put("position", loader.position())
                .put("batches", loader.batches());
        json.put("config", config);
        Json.write(folder.resolve(STATE), json);
    }

    /**
     * Reads a checkpoint's state.
     *
     * @throws InvalidCheckpointException when the folder holds no whole checkpoint; its tensors are not looked at
     */
    static Checkpoint read(Path folder) {
        if (!Files.isRegularFile(folder.resolve(STATE))) {
            throw new InvalidCheckpointException(
                    folder + " is no checkpoint: it has no " + STATE + "; give a run folder or one of its checkpoints");
        }
        try {
            return parsed(Json.readObject(folder.resolve(STATE)));
        } catch (MalformedJsonException | FileReadException | IllegalArgumentException e) {
            throw new InvalidCheckpointException(folder + " is no checkpoint: " + STATE
                    + " lacks step, config or loader, or has them wrong; resume from another checkpoint");
        }
    }

    private static Checkpoint parsed(JsonNode json) {
        JsonNode loader = json.path("loader");
        if (!json.path("step").isIntegralNumber() || !json.path("config").isTextual() || !loader.isObject()) {
            throw new IllegalArgumentException("incomplete");
        }
        List<Double> sums = new ArrayList<>();
        json.path("loss_by_time").path("sums").forEach(sum -> sums.add(sum.asDouble()));
        List<Long> counts = new ArrayList<>();
        json.path("loss_by_time").path("counts").forEach(count -> counts.add(count.asLong()));
        return new Checkpoint(
                json.path("config").asText(),
                new Counters(
                        json.path("step").asLong(),
                        json.path("optimizer_steps").asLong(),
                        json.path("skipped").asLong(),
                        json.path("average_active").asBoolean(),
                        new LossByTime.State(sums, counts)),
                new BatchLoader.State(
                        loader.path("seed").asLong(),
                        loader.path("images").asInt(),
                        loader.path("epoch").asLong(),
                        loader.path("position").asInt(),
                        loader.path("batches").asLong()));
    }

    /** Writes the manifest of a checkpoint that has everything else. */
    static void seal(Path folder) {
        FolderManifest.write(folder);
    }
}
