package mezzotint.cli.golden;

import java.util.Map;

/** Tokenizers and prompt cleaners. */
final class TokenizerChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private TokenizerChecks() {}
}
