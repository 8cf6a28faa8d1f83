package mezzotint.ptx;

/**
 * A place in the source.
 *
 * @param file its number in the PTX's table of files, 0 where the PTX names no place
 * @param inlinedAt where the function it stands in was inlined, or null
 */
record SourceLine(int file, int line, int column, SourceLine inlinedAt) {
    static final SourceLine NONE = new SourceLine(0, 0, 0, null);
}
