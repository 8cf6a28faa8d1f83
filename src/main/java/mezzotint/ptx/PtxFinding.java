package mezzotint.ptx;

/**
 * One thing that a kernel did wrong.
 *
 * @param kernel its name
 * @param line of the PTX text, from 1
 * @param instruction as written there
 * @param source {@code file:line} and where it was inlined; the empty word where the PTX names no source
 * @param block linear index of the block, x fastest
 * @param blockIndex the block as {@code (x, y, z)}
 * @param thread linear index in the block
 * @param detail addresses, sizes, and the other thread of a race
 */
public record PtxFinding(
        FindingKind kind,
        String kernel,
        int line,
        String instruction,
        String source,
        long block,
        String blockIndex,
        int thread,
        String detail) {

    /** In one line. */
    public String message() {
        return "%s: %s: %s; at PTX line %d `%s`%s, block %s, thread %d"
                .formatted(
                        kernel,
                        kind.words(),
                        detail,
                        line,
                        instruction,
                        source.isEmpty() ? "" : " (" + source + ")",
                        blockIndex,
                        thread);
    }
}
