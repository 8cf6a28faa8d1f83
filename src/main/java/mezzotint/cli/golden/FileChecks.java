package mezzotint.cli.golden;

import java.util.Map;

/** Files and random numbers: safetensors files, PyTorch's CPU generator. */
final class FileChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of();

    private FileChecks() {}
}
