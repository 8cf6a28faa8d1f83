package mezzotint.cli.golden;

import java.util.Map;

/** Whole pipelines, from prompt to picture, and their schedulers. */
final class PipelineChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private PipelineChecks() {}
}
