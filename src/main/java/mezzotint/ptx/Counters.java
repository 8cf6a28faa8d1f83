package mezzotint.ptx;

/** What each instruction of a kernel has done, by its index. */
final class Counters {
    final long[] warps;
    final long[] lanes;
    /** Bytes that the lanes asked for. */
    final long[] asked;
    /** Sectors of global memory or wavefronts of shared memory. */
    final long[] moved;
    /** The fewest that the same bytes could have taken. */
    final long[] ideal;

    long divergences;
    long barriers;

    Counters(int instructions) {
        warps = new long[instructions];
        lanes = new long[instructions];
        asked = new long[instructions];
        moved = new long[instructions];
        ideal = new long[instructions];
    }

    void add(Counters other) {
        for (int i = 0; i < warps.length; i++) {
            warps[i] += other.warps[i];
            lanes[i] += other.lanes[i];
            asked[i] += other.asked[i];
            moved[i] += other.moved[i];
            ideal[i] += other.ideal[i];
        }
        divergences += other.divergences;
        barriers += other.barriers;
    }
}
