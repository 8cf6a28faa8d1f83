package mezzotint.ptx;

/** A block's shared memory, which one worker uses for all its blocks in turn. */
final class SharedMemory {
    private final Multiprocessor processor;
    private byte[] data = {};
    private Shadow shadow;
    private int size;
    private long serial;

    SharedMemory(Multiprocessor processor) {
        this.processor = processor;
    }

    /** Makes room for the blocks of a launch. */
    void resize(int bytes) {
        size = bytes;
        if (data.length < bytes + 3 || shadow == null) {
            data = new byte[bytes + 16];
            shadow = new Shadow(data.length);
        }
    }

    /** The next block's serial number; its memory counts as unwritten. */
    long nextBlock() {
        if (++serial == Stamp.MOST_SERIALS) {
            shadow.clear();
            serial = 1;
        }
        return serial;
    }

    byte[] data() {
        return data;
    }

    /** Finds the bytes at the warp's addresses and checks them; gives the lanes that may go on. */
    int reach(Warp w, int m, int bytes, Sanitizer.Mode mode) {
        int ok = locate(w, m, bytes);
        w.page = data;
        if (ok != 0) {
            processor.traffic.shared(processor.counters, w.current.pc, w.at, ok, bytes);
            if (processor.options.checks()) {
                check(w, ok, bytes, mode);
            }
        }
        return ok;
    }

    int locate(Warp w, int m, int bytes) {
        int ok = m;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int lane = Lanes.next(rest);
            long a = w.address[lane];
            w.at[lane] = (int) a;
            if (a < 0 || a > size - bytes || (a & bytes - 1) != 0) {
                bad(w, lane, a, bytes);
                ok &= ~(1 << lane);
            }
        }
        return ok;
    }

    private void bad(Warp w, int lane, long a, int bytes) {
        boolean inside = a >= 0 && a <= size - bytes;
        processor.findings.report(
                inside ? FindingKind.MISALIGNED : FindingKind.OUT_OF_BOUNDS,
                w,
                lane,
                inside
                        ? "%d bytes of shared memory at %d".formatted(bytes, a)
                        : "%d bytes at %d of %d bytes of shared memory".formatted(bytes, a, size));
    }

    private void check(Warp w, int m, int bytes, Sanitizer.Mode mode) {
        if (mode == Sanitizer.Mode.READ || mode == Sanitizer.Mode.READ_ONLY) {
            processor.sanitizer.read(w, m, shadow, bytes, null, false);
        } else {
            processor.sanitizer.write(w, m, w.sharedTime, shadow, bytes, mode == Sanitizer.Mode.ATOMIC);
        }
    }

    /** Asynchronous copies are about to write where the lanes' {@link Warp#at} say. */
    void fly(Warp w, int m, int bytes) {
        if (processor.options.checks()) {
            processor.sanitizer.fly(w, m, shadow, bytes);
        }
    }

    /** An asynchronous copy has been waited for. */
    void land(Warp w, int lane, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, data, at, bytes.length);
        if (processor.options.checks()) {
            processor.sanitizer.land(w, lane, shadow, at, bytes.length);
        }
    }
}
