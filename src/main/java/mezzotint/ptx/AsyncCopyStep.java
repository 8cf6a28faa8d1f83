package mezzotint.ptx;

/**
 * Starts a copy from global to shared memory for each lane. The source is read now; the bytes arrive when the lane waits, so
 * whoever reads the target too early gets what was there before.
 *
 * @param size register with the number of bytes to read; the rest is filled with zeros
 */
record AsyncCopyStep(Access to, Access from, int size) implements Step {

    @Override
    public void run(Warp w, int m) {
        int reading = 0;
        int bytes = to.bytes;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            int want = w.ints[size][k];
            if (want < 0 || want > bytes) {
                w.processor.findings.report(
                        FindingKind.OUT_OF_BOUNDS, w, k, "a copy of %d bytes reads %d".formatted(bytes, want));
            } else if (want > 0) {
                reading |= 1 << k;
            }
        }
        to.aim(w);
        int ok = w.processor.shared.locate(w, m, bytes);
        int[] target = w.at.clone();
        w.processor.shared.fly(w, ok, bytes);
        byte[][] data = new byte[Warp.LANES][];
        for (int rest = ok; rest != 0; rest &= rest - 1) {
            data[Lanes.next(rest)] = new byte[bytes];
        }
        read(w, reading & ok, data);
        for (int rest = ok; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            w.copies.add(k, target[k], data[k]);
        }
    }

    private void read(Warp w, int reading, byte[][] data) {
        from.aim(w);
        int whole = 0;
        for (int rest = reading; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            whole |= w.ints[size][k] == from.bytes ? 1 << k : 0;
        }
        take(w, whole, from.bytes, data);
        for (int rest = reading & ~whole; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            take(w, 1 << k, w.ints[size][k], data);
        }
    }

    private void take(Warp w, int lanes, int bytes, byte[][] data) {
        int found = lanes == 0 ? 0 : w.processor.global.reach(w, lanes, bytes, from.bytes, Sanitizer.Mode.READ);
        for (int rest = found; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            System.arraycopy(w.pageOf(k), w.at[k], data[k], 0, bytes);
        }
    }
}
