package mezzotint.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mezzotint.io.AtomicFolders;

/** The folder of a run, with its checkpoints. */
public final class TrainingRuns {
    private TrainingRuns() {}

    /**
     * The checkpoint that a run folder, or a checkpoint's own folder, stands for.
     *
     * @throws InvalidCheckpointException when there is none
     */
    public static Path newestCheckpoint(Path folder) {
        if (Files.isRegularFile(folder.resolve("training/state.json"))) {
            return folder;
        }
        return Checkpoint.newest(folder)
                .orElseThrow(() -> new InvalidCheckpointException(
                        Files.isDirectory(folder)
                                ? folder + " has no checkpoint to resume from"
                                : folder + " does not exist, so there is nothing to resume from"));
    }

    /** Whether a run folder has a checkpoint. */
    public static boolean hasCheckpoint(Path run) {
        return Checkpoint.newest(run).isPresent();
    }

    /**
     * The configuration a checkpoint was trained with.
     *
     * @throws InvalidCheckpointException when the folder is no checkpoint
     */
    public static TrainingConfig configOf(Path checkpoint) {
        return new TrainingConfigFile()
                .parse(Checkpoint.read(checkpoint).config(), TrainingConfig.QUICKSTART, checkpoint.toString());
    }

    static void deleteAllBut(Path run, int kept) {
        List<Path> all = Checkpoint.all(run);
        for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
            try {
                AtomicFolders.delete(old);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("old checkpoint " + old + " cannot be deleted", e);
            }
        }
    }
}
