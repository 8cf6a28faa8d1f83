package mezzotint.cli.golden;

import java.util.Map;

/** Pictures: resizing, aspect-ratio bins. */
final class ImageChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private ImageChecks() {}
}
