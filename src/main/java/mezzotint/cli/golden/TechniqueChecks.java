package mezzotint.cli.golden;

import java.util.Map;

/** Training techniques. */
final class TechniqueChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private TechniqueChecks() {}
}
