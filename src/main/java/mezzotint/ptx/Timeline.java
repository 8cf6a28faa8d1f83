package mezzotint.ptx;

/** A warp's place in the order of accesses to one kind of memory: what came before, and its own stamp. */
final class Timeline {
    /** The stamp of lane 0 now. */
    long mine;
    /** Stamps below it belong to earlier launches, or to earlier blocks of shared memory. */
    long floor;
    /** The smallest stamp of this block. */
    long blockFloor;
    /** Stamps of this block below it came before its last barrier. */
    long synced;

    void begin(long launchFloor, long serial) {
        floor = launchFloor;
        blockFloor = serial << Stamp.SERIAL_SHIFT;
    }

    void set(int clock, int blockSync, int firstThread) {
        mine = blockFloor | (long) clock << Stamp.CLOCK_SHIFT | firstThread;
        synced = blockFloor | (long) blockSync << Stamp.CLOCK_SHIFT;
    }
}
