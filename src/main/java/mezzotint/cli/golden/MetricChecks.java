package mezzotint.cli.golden;

import java.util.Map;

/** Metrics of sets of pictures. */
final class MetricChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private MetricChecks() {}
}
