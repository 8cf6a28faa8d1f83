package mezzotint.ptx;

/** What a kernel can do wrong. */
public enum FindingKind {
    /** An access outside of every span, or beyond its shared or local memory. */
    OUT_OF_BOUNDS("access out of bounds"),
    /** An address that is no multiple of the access's size. */
    MISALIGNED("misaligned access"),
    /** A read of bytes that nothing has written. */
    UNWRITTEN("read of unwritten memory"),
    /** Two threads touch one place, one of them writes, and nothing orders them. */
    RACE("race"),
    /** A read of the target of an asynchronous copy that has not been waited for. */
    COPY_IN_FLIGHT("asynchronous copy in flight"),
    /** A read through the read-only path of what the launch writes. */
    STALE_READ("read-only load of written memory"),
    /** Threads of a block wait at different barriers, or at one that others never reach. */
    DIVERGENT_BARRIER("divergent barrier"),
    /** A lane outside of its own member mask, a mask that names lanes which do not come, or a shuffle from such a lane. */
    LANE_MASK("wrong lane mask"),
    /** A warp that runs on without end. */
    ENDLESS("kernel without end"),
    /** The kernel itself stopped with a trap. */
    TRAP("trap"),
    /** The host reads bytes that nothing has written. */
    HOST_READ("host read of unwritten memory");

    private final String words;

    FindingKind(String words) {
        this.words = words;
    }

    /** In words. */
    public String words() {
        return words;
    }
}
