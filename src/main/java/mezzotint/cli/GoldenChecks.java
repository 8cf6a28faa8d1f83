package mezzotint.cli;

import java.util.Optional;

/** The kinds of recorded cases that this version runs, by the names of their folders. */
final class GoldenChecks {
    private GoldenChecks() {}

    /** The check for a case's folder; empty for a kind it does not know. */
    static Optional<GoldenCheck> of(String folderName) {
        if (folderName.startsWith("transformer_")) {
            return Optional.of(new TransformerCheck());
        }
        if (folderName.startsWith("trajectory_")) {
            return Optional.of(new TrajectoryCheck());
        }
        return Optional.empty();
    }
}
