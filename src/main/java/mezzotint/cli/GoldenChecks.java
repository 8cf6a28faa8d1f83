package mezzotint.cli;

import java.util.Map;
import java.util.Optional;

/** The kinds of recorded cases that this version runs, by the names of their folders. */
final class GoldenChecks {
    private static final Map<String, GoldenCheck> BY_NAME = Map.of(
            "train_flow_matching_loss", TrainingPartChecks::flowMatchingLoss,
            "train_adamw", TrainingPartChecks::adamW,
            "train_ema", TrainingPartChecks::weightAverage,
            "train_grad_clip", TrainingPartChecks::gradientClipping,
            "train_lr_schedule", TrainingPartChecks::learningRate,
            "sched_native", SchedulerChecks::nativeScheduler,
            "sched_training_times", SchedulerChecks::trainingTimes);

    private GoldenChecks() {}

    /** The check for a case's folder; empty for a kind it does not know. */
    static Optional<GoldenCheck> of(String folderName) {
        if (folderName.startsWith("transformer_")) {
            return Optional.of(new TransformerCheck());
        }
        if (folderName.startsWith("trajectory_")) {
            return Optional.of(new TrajectoryCheck());
        }
        return Optional.ofNullable(BY_NAME.get(folderName));
    }
}
