package mezzotint.ptx;

import java.util.Arrays;

/** Counts what a warp's access costs: sectors of global memory, wavefronts of shared memory. */
final class Traffic {
    private static final int SECTOR = 32;
    private static final int BANKS = 32;

    private final long[] sorted = new long[Warp.LANES];
    private final int[] head = new int[BANKS];
    private final int[] next = new int[Warp.LANES];
    private final int[] depth = new int[BANKS];
    private final int[] unit = new int[Warp.LANES];

    /** Counts the 32-byte sectors of one request and the fewest that its distinct bytes need. */
    void global(Counters counters, int pc, long[] address, int lanes, int bytes) {
        int n = 0;
        boolean ascending = true;
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            long a = address[Lanes.next(rest)];
            ascending &= n == 0 || a >= sorted[n - 1];
            sorted[n++] = a;
        }
        if (!ascending) {
            Arrays.sort(sorted, 0, n);
        }
        int sectors = 0;
        int distinct = 0;
        long lastSector = -1;
        long last = -1;
        for (int i = 0; i < n; i++) {
            if (sorted[i] / SECTOR != lastSector) {
                lastSector = sorted[i] / SECTOR;
                sectors++;
            }
            if (sorted[i] != last) {
                last = sorted[i];
                distinct++;
            }
        }
        counters.asked[pc] += (long) n * bytes;
        counters.moved[pc] += sectors;
        counters.ideal[pc] += (distinct * bytes + SECTOR - 1) / SECTOR;
    }

    /**
     * Counts the wavefronts of one request to shared memory and the fewest its distinct words need: a bank gives one word a
     * wavefront; accesses of 8 and 16 bytes go by halves and quarters of the warp, unless all lanes want the same.
     */
    void shared(Counters counters, int pc, int[] at, int lanes, int bytes) {
        counters.asked[pc] += (long) Integer.bitCount(lanes) * bytes;
        int size = Math.max(bytes, 4);
        if (same(at, lanes)) {
            counters.moved[pc]++;
            counters.ideal[pc]++;
            return;
        }
        int group = 128 / size;
        if (size > 4 && (paired(at, lanes, 1) || paired(at, lanes, 2))) {
            group *= 2;
        }
        for (int first = 0; first < Warp.LANES; first += group) {
            int members = group >= 32 ? lanes : lanes & (1 << group) - 1 << first;
            if (members != 0) {
                wavefronts(counters, pc, at, members, size);
            }
        }
    }

    /** Whether all lanes want the same place. */
    static boolean same(int[] at, int lanes) {
        int first = at[Lanes.next(lanes)];
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            if (at[Lanes.next(rest)] != first) {
                return false;
            }
        }
        return true;
    }

    /** Whether every lane wants what the lane at this distance wants. */
    private static boolean paired(int[] at, int lanes, int distance) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            int lane = Lanes.next(rest);
            if ((lanes >>> (lane ^ distance) & 1) != 0 && at[lane] != at[lane ^ distance]) {
                return false;
            }
        }
        return true;
    }

    private void wavefronts(Counters counters, int pc, int[] at, int members, int size) {
        int banks = 128 / size;
        int shift = Integer.numberOfTrailingZeros(size);
        Arrays.fill(head, 0, banks, -1);
        Arrays.fill(depth, 0, banks, 0);
        int deepest = 0;
        int distinct = 0;
        for (int rest = members; rest != 0; rest &= rest - 1) {
            int lane = Lanes.next(rest);
            int u = at[lane] >> shift;
            int bank = u & banks - 1;
            int seen = head[bank];
            while (seen >= 0 && unit[seen] != u) {
                seen = next[seen];
            }
            if (seen < 0) {
                unit[lane] = u;
                next[lane] = head[bank];
                head[bank] = lane;
                distinct++;
                deepest = Math.max(deepest, ++depth[bank]);
            }
        }
        counters.moved[pc] += deepest;
        counters.ideal[pc] += (distinct + banks - 1) / banks;
    }
}
