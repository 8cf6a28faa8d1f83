package mezzotint.training;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.io.AtomicFolders;
import mezzotint.io.SafeTensors;
import mezzotint.nn.StoredTensors;
import mezzotint.sampling.ModelFolder;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * All tensors that a run's future depends on, by name, in three files that each make sense alone.
 *
 * @param trained weights
 * @param average EMA of them
 * @param optimizer with its moments
 */
record TrainingState(List<Parameter> trained, WeightAverage average, Optimizer optimizer) {

    /**
     * Writes the three files.
     *
     * @param folder of a checkpoint
     * @throws NonFiniteStateException when a number is none
     */
    void write(Path folder) {
        AtomicFolders.make(folder.resolve(Checkpoint.WEIGHTS).getParent());
        write(folder.resolve(Checkpoint.WEIGHTS), weights());
        write(folder.resolve(Checkpoint.AVERAGE), averages());
        write(folder.resolve(Checkpoint.OPTIMIZER), optimizer.state());
    }

    private static void write(Path file, Map<String, Tensor> tensors) {
        tensors.forEach((name, tensor) -> requireFinite(file, name, tensor.toFloats()));
        ModelFolder.writeTensors(file, tensors, DType.F32);
    }

    private static void requireFinite(Path file, String name, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new NonFiniteStateException(file.getFileName().toString(), name, i, values[i]);
            }
        }
    }

    /**
     * Reads the three files back.
     *
     * @param folder of a checkpoint
     * @throws InvalidCheckpointException when they are those of another model or optimizer
     */
    void restore(Path folder) {
        restore(folder.resolve(Checkpoint.WEIGHTS), weights());
        restore(folder.resolve(Checkpoint.AVERAGE), averages());
        restore(folder.resolve(Checkpoint.OPTIMIZER), optimizer.state());
    }

    private static void restore(Path file, Map<String, Tensor> tensors) {
        try (SafeTensors stored = SafeTensors.open(file)) {
            StoredTensors source = new StoredTensors(stored);
            tensors.forEach((name, tensor) -> {
                if (!source.names().contains(name) || !source.shape(name).equals(tensor.shape())) {
                    throw new InvalidCheckpointException(
                            "%s: tensor %s %s expected, %s; the checkpoint is of another model"
                                    .formatted(
                                            file,
                                            name,
                                            tensor.shape(),
                                            source.names().contains(name)
                                                    ? "got " + source.shape(name)
                                                    : "it is missing"));
                }
                tensor.set(source.values(name));
            });
        }
    }

    private Map<String, Tensor> weights() {
        Map<String, Tensor> named = new LinkedHashMap<>();
        trained.forEach(p -> named.put(p.name(), p.value()));
        return named;
    }

    private Map<String, Tensor> averages() {
        Map<String, Tensor> named = new LinkedHashMap<>();
        average.byParameter().forEach((parameter, tensor) -> named.put(parameter.name(), tensor));
        return named;
    }
}
