package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import mezzotint.kernel.cuda.LaunchGrid;

/** Runs kernels with one output that must be caught, or must not. */
final class Caught {
    private static final int OUTPUT_BYTES = 4096;

    private Caught() {}

    /** Runs kernel {@code k(out)}, whose output was never written. */
    static LaunchReport clean(String ptx, LaunchGrid grid) {
        try (var bench = new PtxWorkbench()) {
            bench.load(ptx);
            long out = bench.allocate(OUTPUT_BYTES);
            return bench.launch("k", grid, a -> a.wide(out));
        }
    }

    /** The finding that kernel {@code k(out)} must end with. */
    static PtxFinding finding(FindingKind kind, String ptx, LaunchGrid grid) {
        var fault = assertThrows(KernelFaultException.class, () -> clean(ptx, grid));
        assertEquals(kind, fault.finding().kind(), fault.getMessage());
        return fault.finding();
    }

    /** As above; it must be at the line of the text that contains {@code at}. */
    static PtxFinding finding(FindingKind kind, String ptx, LaunchGrid grid, String at) {
        PtxFinding finding = finding(kind, ptx, grid);
        assertEquals(PtxText.lineOf(ptx, at), finding.line(), finding.message());
        return finding;
    }
}
