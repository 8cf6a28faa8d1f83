package mezzotint.cli.golden;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kinds of recorded cases that this version runs, by the names of their folders. */
public final class GoldenChecks {
    private static final List<Map<String, GoldenCheck>> FAMILIES = List.of(
            TrainingPartChecks.KINDS,
            SchedulerChecks.KINDS,
            FileChecks.KINDS,
            ImageChecks.KINDS,
            TokenizerChecks.KINDS,
            TextChecks.KINDS,
            CodecChecks.KINDS,
            VisionChecks.KINDS,
            PipelineChecks.KINDS,
            TechniqueChecks.KINDS,
            MetricChecks.KINDS);

    private GoldenChecks() {}

    /** The check for a case's folder; empty for a kind it does not know. */
    public static Optional<GoldenCheck> of(String folderName) {
        if (folderName.startsWith("transformer_")) {
            return Optional.of(new TransformerCheck());
        }
        if (folderName.startsWith("trajectory_")) {
            return Optional.of(new TrajectoryCheck());
        }
        return FAMILIES.stream()
                .flatMap(family -> Optional.ofNullable(family.get(folderName)).stream())
                .findFirst();
    }
}
