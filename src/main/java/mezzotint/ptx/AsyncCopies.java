package mezzotint.ptx;

import java.util.Arrays;

/** The asynchronous copies of a warp's lanes that have been started and not waited for, oldest first. */
final class AsyncCopies {
    private int size;
    private int[] lane = new int[64];
    private int[] group = new int[64];
    private int[] target = new int[64];
    private int[] bytes = new int[64];
    private byte[][] data = new byte[64][];
    /** Groups that each lane has committed. */
    private final int[] committed = new int[Warp.LANES];

    void clear() {
        size = 0;
        Arrays.fill(committed, 0);
    }

    void add(int byLane, int to, byte[] bytesCopied) {
        if (size == lane.length) {
            lane = Arrays.copyOf(lane, 2 * size);
            group = Arrays.copyOf(group, 2 * size);
            target = Arrays.copyOf(target, 2 * size);
            bytes = Arrays.copyOf(bytes, 2 * size);
            data = Arrays.copyOf(data, 2 * size);
        }
        lane[size] = byLane;
        group[size] = committed[byLane];
        target[size] = to;
        bytes[size] = bytesCopied.length;
        data[size++] = bytesCopied;
    }

    void commit(int lanes) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            committed[Lanes.next(rest)]++;
        }
    }

    /**
     * Ends the copies of all but the {@code pending} youngest groups of each lane.
     *
     * @param pending −1 for every copy, committed or not
     */
    void finish(Warp w, int lanes, int pending) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            boolean mine = (lanes >>> lane[i] & 1) != 0;
            if (mine && (pending < 0 || group[i] < committed[lane[i]] - pending)) {
                w.processor.shared.land(w, lane[i], target[i], data[i]);
            } else {
                lane[kept] = lane[i];
                group[kept] = group[i];
                target[kept] = target[i];
                bytes[kept] = bytes[i];
                data[kept++] = data[i];
            }
        }
        size = kept;
    }
}
