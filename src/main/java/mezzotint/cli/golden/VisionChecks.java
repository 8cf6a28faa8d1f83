package mezzotint.cli.golden;

import java.util.Map;

/** Frozen vision encoders and perceptual networks. */
final class VisionChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private VisionChecks() {}
}
