package mezzotint.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import mezzotint.io.AtomicFolders;
import mezzotint.io.FolderManifest;

/**
 * The folder of a run, with its checkpoints.
 *
 * <p>A checkpoint is written beside and renamed, so that a process that dies leaves the older ones as they were; and it is read
 * only if it agrees with its manifest, so that a disk that forgot something costs one interval and not the run.
 */
public final class TrainingRuns {
    private static final String PREFIX = "checkpoint-";

    private TrainingRuns() {}

    /** Folder of the checkpoint after {@code step} steps. */
    static Path checkpoint(Path run, long step) {
        return run.resolve(PREFIX + "%08d".formatted(step));
    }

    /**
     * The checkpoint that a run folder, or a checkpoint's own folder, stands for: of a run the newest that is whole.
     *
     * @param skipped told in a sentence of each newer one that is damaged
     * @throws InvalidCheckpointException when there is none, or the one that was named is damaged
     */
    public static Path newestCheckpoint(Path folder, Consumer<String> skipped) {
        if (isCheckpoint(folder)) {
            FolderManifest.damage(folder).ifPresent(damage -> {
                throw new InvalidCheckpointException(
                        "checkpoint %s is damaged: %s; give another one, or the run's folder for its newest whole one"
                                .formatted(folder, damage));
            });
            return folder;
        }
        List<Path> all = checkpoints(folder);
        for (Path checkpoint : all.reversed()) {
            Optional<String> damage = FolderManifest.damage(checkpoint);
            if (damage.isEmpty()) {
                return checkpoint;
            }
            skipped.accept("left out checkpoint %s, which is damaged: %s".formatted(checkpoint, damage.get()));
        }
        if (!Files.exists(folder)) {
            throw new InvalidCheckpointException(folder + " does not exist, so there is nothing to resume from");
        }
        throw new InvalidCheckpointException(
                !Files.isDirectory(folder)
                        ? folder + " is a file; expected the folder of a run or of a checkpoint"
                        : all.isEmpty()
                                ? folder + " has no checkpoint to resume from"
                                : "%s has no whole checkpoint to resume from: %s; start a new run in another folder"
                                        .formatted(
                                                folder,
                                                all.size() == 1
                                                        ? "its only one is damaged"
                                                        : "all " + all.size() + " are damaged"));
    }

    /** Like {@link #newestCheckpoint(Path, Consumer)}, without a word about damaged ones. */
    public static Path newestCheckpoint(Path folder) {
        return newestCheckpoint(folder, _ -> {});
    }

    private static boolean isCheckpoint(Path folder) {
        return Files.isDirectory(folder)
                && (Files.exists(folder.resolve(Checkpoint.STATE))
                        || Files.exists(folder.resolve(FolderManifest.NAME)));
    }

    /** Whether a run folder has a checkpoint, whole or damaged. */
    public static boolean hasCheckpoint(Path run) {
        return !checkpoints(run).isEmpty();
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

    /**
     * Writes a checkpoint into a run's folder, whole or not at all, with its manifest, and then deletes what is older but for
     * the one before. A whole one of the same step stays as it is: the same run wrote it.
     *
     * @param content fills the folder it is given
     * @throws mezzotint.io.FileWriteException where the file system refuses; older checkpoints are then as they were
     */
    static Path save(Path run, long step, int kept, Consumer<Path> content) {
        Path folder = checkpoint(run, step);
        if (!isCheckpoint(folder) || FolderManifest.damage(folder).isPresent()) {
            AtomicFolders.write(folder, partial -> {
                content.accept(partial);
                Checkpoint.seal(partial);
            });
        }
        deleteAllBut(run, step, kept);
        return folder;
    }

    /** Checkpoints of a run, whole or damaged, oldest first. */
    static List<Path> checkpoints(Path run) {
        return named(run, name -> name.startsWith(PREFIX) && !name.endsWith(AtomicFolders.PARTIAL));
    }

    /** Deletes checkpoints before {@code step} but for the newest, and what processes that died left half-written. */
    private static void deleteAllBut(Path run, long step, int kept) {
        Path newest = checkpoint(run, step);
        List<Path> upTo = checkpoints(run).stream()
                .filter(path -> name(path).compareTo(name(newest)) <= 0)
                .toList();
        List<Path> old = upTo.subList(0, Math.max(0, upTo.size() - kept));
        Stream.concat(
                        old.stream(),
                        named(run, name -> name.startsWith(PREFIX) && name.endsWith(AtomicFolders.PARTIAL)).stream())
                .forEach(path -> {
                    try {
                        AtomicFolders.delete(path);
                    } catch (IOException e) {
                        throw new UncheckedIOException("old checkpoint " + path + " cannot be deleted", e);
                    }
                });
    }

    private static List<Path> named(Path run, Predicate<String> wanted) {
        if (!Files.isDirectory(run)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(run)) {
            return entries.filter(path -> wanted.test(name(path)) && Files.isDirectory(path))
                    .sorted(Comparator.comparing(TrainingRuns::name))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("run folder " + run + " cannot be listed", e);
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }
}
