package mezzotint.cli.golden;

import java.util.Map;

/** Text encoders. */
final class TextChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private TextChecks() {}
}
