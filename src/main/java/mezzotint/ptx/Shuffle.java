package mezzotint.ptx;

/**
 * Each lane takes the value of another.
 *
 * @param mode the first letter of {@code bfly}, {@code up}, {@code down} or {@code idx}
 * @param z target register
 * @param a source register
 * @param b register with the distance, the mask or the lane
 * @param c register with the clamp and, eight bits up, the mask of segments
 * @param p predicate that tells whether the source lay inside of the segment, or −1
 */
record Shuffle(char mode, int z, int a, int b, int c, int p) implements Step {

    @Override
    public void run(Warp w, int m) {
        int[] from = w.ints[a].clone();
        int[] to = w.ints[z];
        int valid = 0;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            int source = source(k, w.ints[b][k] & 31, w.ints[c][k] & 31, w.ints[c][k] >> 8 & 31);
            if (source < 0) {
                source = k;
            } else {
                valid |= 1 << k;
            }
            if ((m >>> source & 1) == 0) {
                w.processor.findings.report(
                        FindingKind.LANE_MASK,
                        w,
                        k,
                        "lane %d shuffles from lane %d, which takes no part".formatted(k, source));
                source = k;
            }
            to[k] = from[source];
        }
        if (p >= 0) {
            w.predicates[p] = w.predicates[p] & ~m | valid;
        }
    }

    /** The lane that lane k reads, or −1 when that lies outside of its segment. */
    private int source(int k, int by, int clamp, int segments) {
        int most = k & segments | clamp & ~segments;
        int source = switch (mode) {
            case 'b' -> k ^ by;
            case 'u' -> k - by;
            case 'd' -> k + by;
            default -> k & segments | by & ~segments;
        };
        boolean inside = mode == 'u' ? source >= most : source <= most;
        return inside ? source : -1;
    }
}
