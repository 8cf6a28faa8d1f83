package mezzotint.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;
import mezzotint.io.AtomicFolders;
import mezzotint.io.Json;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.sampling.ModelFolder;
import mezzotint.tensor.DType;

/** Takes one part out of a checkpoint, to be used without the others. */
public final class CheckpointExport {
    /** What a checkpoint is made of. */
    public enum Part {
        /** The model to draw with: the average once it has begun, the weights before. */
        MODEL,
        /** The model with its weights as trained. */
        WEIGHTS,
        /** The model with the weights' moving average (EMA). */
        AVERAGE,
        /** The optimizer's moments, and how many steps it has taken. */
        OPTIMIZER
    }

    private CheckpointExport() {}

    /**
     * Writes a part of a checkpoint, whole or not at all: a model folder, or for {@link Part#OPTIMIZER} a folder with
     * {@code optimizer.safetensors} and {@code optimizer.json}.
     *
     * @param checkpoint a whole one, see {@link TrainingRuns#newestCheckpoint(Path)}
     * @param target to write or replace
     * @param dtype F32, or BF16 for half the size; the optimizer's moments are always F32
     * @throws InvalidCheckpointException when the average is asked for and had not begun
     */
    public static void write(Path checkpoint, Part part, Path target, DType dtype) {
        Checkpoint.Counters counters = Checkpoint.read(checkpoint).counters();
        Path model = checkpoint.resolve("model");
        switch (part) {
            case MODEL -> ModelFolder.convert(model, target, dtype);
            case WEIGHTS -> withWeights(checkpoint.resolve(Checkpoint.WEIGHTS), model, target, dtype);
            case AVERAGE -> {
                if (!counters.averageActive()) {
                    throw new InvalidCheckpointException(
                            "%s: the average had not begun at step %d; export the weights, or a later checkpoint"
                                    .formatted(checkpoint, counters.step()));
                }
                withWeights(checkpoint.resolve(Checkpoint.AVERAGE), model, target, dtype);
            }
            case OPTIMIZER -> AtomicFolders.write(target, partial -> writeOptimizer(checkpoint, counters, partial));
        }
    }

    private static void withWeights(Path weights, Path model, Path target, DType dtype) {
        try (SafeTensors tensors = SafeTensors.open(weights)) {
            ModelFolder.convert(model, target, dtype, Optional.of(tensors));
        }
    }

    private static void writeOptimizer(Path checkpoint, Checkpoint.Counters counters, Path folder) {
        SafeTensorsWriter writer = new SafeTensorsWriter();
        try (SafeTensors stored = SafeTensors.open(checkpoint.resolve(Checkpoint.OPTIMIZER))) {
            stored.tensors()
                    .forEach(tensor -> writer.add(tensor.name(), tensor.dtype(), tensor.shape(), tensor.data()));
            writer.write(folder.resolve("optimizer.safetensors"));
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", counters.step());
        json.put("optimizer_steps", counters.optimizerSteps());
        Json.write(folder.resolve("optimizer.json"), json);
    }
}
