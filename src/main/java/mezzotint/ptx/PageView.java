package mezzotint.ptx;

/**
 * A page of global memory as one worker sees it in one launch.
 *
 * @param key the bits of its addresses above those within a page
 * @param valid which of its bytes had been written before the launch
 * @param limit bytes of the page that belong to the span
 * @param shadow null without checks
 */
record PageView(long key, Span span, int page, byte[] data, byte[] valid, int limit, Shadow shadow) {}
