package mezzotint.ablation;

import java.nio.file.Path;
import mezzotint.training.TrainingConfig;

/** Trains and judges one run; the command line starts a process for each, so that runs share nothing. */
@FunctionalInterface
public interface RunExecutor {
    /**
     * Makes a run, or goes on with one that was interrupted.
     *
     * @param folder the run's own, perhaps with checkpoints of an earlier attempt
     * @throws FailedRunException when it cannot be finished; the reason goes into the logbook
     */
    RunResult execute(RunKey key, TrainingConfig config, Judging judging, Path folder);
}
