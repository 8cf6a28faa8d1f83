package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import mezzotint.sampling.ModelFolder;
import mezzotint.sampling.TextModules;
import mezzotint.training.TrainingRuns;

/** Finds the model that a user means. */
final class ModelSource {
    /** Where the model that comes along lies on the class path. */
    static final String BUILT_IN = "/mezzotint/model/";

    private static final String INDEX = "model_index.json";

    private ModelSource() {}

    /**
     * Reads a model but for its weights.
     *
     * @param folder a model, a checkpoint or a run, whose newest whole checkpoint is taken; empty for the one that comes along
     * @param skipped told in a sentence of each newer checkpoint that is damaged
     * @throws UserMistake when there is none
     */
    static ModelFolder read(Optional<Path> folder, TextModules texts, Consumer<String> skipped) {
        if (folder.isPresent()) {
            return ModelFolder.read(model(folder.get(), skipped), texts::saved);
        }
        if (ModelSource.class.getResource(BUILT_IN + INDEX) == null) {
            throw new UserMistake(
                    "this build has no built-in model; train one with `mezzotint quickstart` and draw with "
                            + "--model runs/quickstart");
        }
        return ModelFolder.readResource(BUILT_IN, texts::saved);
    }

    /**
     * The model folder that a model, a checkpoint or a run stands for.
     *
     * @param skipped told in a sentence of each newer checkpoint that is damaged
     * @throws UserMistake when there is none
     */
    static Path model(Path folder, Consumer<String> skipped) {
        if (!Files.isDirectory(folder)) {
            throw new UserMistake("%s is no folder; --model wants a model, a checkpoint or a run", folder);
        }
        if (Files.isRegularFile(folder.resolve(INDEX))) {
            return folder;
        }
        if (Files.isRegularFile(folder.resolve("model").resolve(INDEX))) {
            return folder.resolve("model");
        }
        if (TrainingRuns.hasCheckpoint(folder)) {
            return TrainingRuns.newestCheckpoint(folder, skipped).resolve("model");
        }
        throw new UserMistake("%s holds no model: expected a %s there, or a run with a checkpoint", folder, INDEX);
    }
}
