package mezzotint.ptx;

/** An address operand, its space and its width: finds and checks the bytes for a warp. */
final class Access {
    /** A state space. */
    enum Space {
        GLOBAL,
        SHARED,
        LOCAL,
        GENERIC
    }

    final Space space;
    final int bytes;
    private final Sanitizer.Mode mode;
    private final int base;
    private final boolean wide;
    private final long offset;

    /**
     * @param base register with the address
     * @param wide whether it has 64 bits
     */
    Access(Space space, int bytes, Sanitizer.Mode mode, int base, boolean wide, long offset) {
        this.space = space;
        this.bytes = bytes;
        this.mode = mode;
        this.base = base;
        this.wide = wide;
        this.offset = offset;
    }

    /** Works the lanes' addresses out. */
    void aim(Warp w) {
        long[] address = w.address;
        if (wide) {
            long[] from = w.longs[base];
            for (int k = 0; k < 32; k++) {
                address[k] = from[k] + offset;
            }
        } else {
            int[] from = w.ints[base];
            for (int k = 0; k < 32; k++) {
                address[k] = (from[k] & 0xffffffffL) + offset;
            }
        }
    }

    /** Runs {@code move} for the lanes that may go on, in groups of one space. */
    void run(Warp w, int m, Step move) {
        aim(w);
        if (space != Space.GENERIC) {
            run(w, m, space, move);
            return;
        }
        int shared = window(w, m, KernelPlan.SHARED_WINDOW);
        int local = window(w, m, KernelPlan.LOCAL_WINDOW);
        int global = m & ~shared & ~local;
        if (global != 0) {
            run(w, global, Space.GLOBAL, move);
        }
        if (shared != 0) {
            run(w, shared, Space.SHARED, move);
        }
        if (local != 0) {
            run(w, local, Space.LOCAL, move);
        }
    }

    /** The lanes whose address lies in a window; it is taken off their addresses. */
    private static int window(Warp w, int m, long window) {
        int lanes = 0;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            if (w.address[k] >>> DeviceMemory.SPAN_SHIFT == window >>> DeviceMemory.SPAN_SHIFT) {
                lanes |= 1 << k;
                w.address[k] -= window;
            }
        }
        return lanes;
    }

    private void run(Warp w, int m, Space in, Step move) {
        int ok = switch (in) {
            case SHARED -> w.processor.shared.reach(w, m, bytes, mode);
            case LOCAL -> local(w, m);
            default -> w.processor.global.reach(w, m, bytes, mode);
        };
        if (ok != 0) {
            move.run(w, ok);
        }
    }

    private int local(Warp w, int m) {
        int size = w.local.length / 32;
        int ok = m;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int k = Lanes.next(rest);
            long a = w.address[k];
            if (a < 0 || a > size - bytes || (a & bytes - 1) != 0) {
                w.processor.findings.report(
                        a < 0 || a > size - bytes ? FindingKind.OUT_OF_BOUNDS : FindingKind.MISALIGNED,
                        w,
                        k,
                        "%d bytes at %d of %d bytes of local memory".formatted(bytes, a, size));
                ok &= ~(1 << k);
            } else {
                w.at[k] = k * size + (int) a;
            }
        }
        w.page = w.local;
        return ok;
    }
}
