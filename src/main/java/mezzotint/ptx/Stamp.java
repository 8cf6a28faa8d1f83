package mezzotint.ptx;

/** The parts of a stamp; see {@link Shadow}. */
final class Stamp {
    static final int SERIAL_SHIFT = 38;
    static final int CLOCK_SHIFT = 12;
    static final long MOST_SERIALS = 1L << 25;
    static final int MOST_CLOCK = (1 << 26) - 1;
    static final long CLOCK = (long) MOST_CLOCK << CLOCK_SHIFT;
    static final int ID = 0xfff;

    /** Several lanes of one warp, whose number is added. */
    static final int WARP = 1024;
    /** Threads of several warps. */
    static final int MANY = 2044;
    /** Threads of several blocks. */
    static final int BLOCKS = 2045;
    /** Somebody, through the read-only path. */
    static final int READ_ONLY = 2046;
    /** An asynchronous copy that nobody has waited for. */
    static final int IN_FLIGHT = 2047;
    /** Added to the thread of an atomic operation. */
    static final int ATOMIC = 2048;

    private Stamp() {}

    static long of(long serial, int clock, int id) {
        return serial << SERIAL_SHIFT | (long) clock << CLOCK_SHIFT | id;
    }

    static int clock(long stamp) {
        return (int) (stamp >>> CLOCK_SHIFT) & MOST_CLOCK;
    }

    static boolean sameBlock(long a, long b) {
        return (a ^ b) >>> SERIAL_SHIFT == 0;
    }

    /** Whether both are the same thread's, at whatever time. */
    static boolean sameThread(long a, long b) {
        return ((a ^ b) & ~CLOCK) == 0;
    }

    /** The warp that a mark stands for, or −1 when it is more than one. */
    static int warp(int id) {
        return id < WARP ? id >> 5 : id < WARP + 32 ? id - WARP : -1;
    }
}
