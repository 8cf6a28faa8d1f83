package mezzotint.cli.golden;

import java.util.Map;

/** Autoencoders. */
final class CodecChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private CodecChecks() {}
}
