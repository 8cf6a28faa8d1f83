package mezzotint.ptx;

/** Finds unordered accesses and reads of unwritten memory, cell by cell. */
final class Sanitizer {
    /** How memory is touched. */
    enum Mode {
        READ,
        /** Through the read-only path. */
        READ_ONLY,
        WRITE,
        ATOMIC
    }

    private final Findings findings;
    /** Lanes of the present store that meet another unordered write: no finding when both wrote the same bytes. */
    int suspects;

    final String[] suspectDetails = new String[32];

    // The present access.
    private Warp warp;
    private Timeline time;
    private Shadow shadow;
    private int bytes;
    private byte[] valid;

    Sanitizer(Findings findings) {
        this.findings = findings;
    }

    private void begin(Warp by, Timeline when, Shadow where, int count) {
        warp = by;
        time = when;
        shadow = where;
        bytes = count;
        if ((count & -count) < 1 << where.shift) {
            where.refine(count & -count);
        }
    }

    /**
     * Notes that lanes read at their places {@link Warp#at} and checks this against earlier writes.
     *
     * @param written four bits for each word of written bytes of global memory; null for shared memory, where a cell counts as
     *     written only by this block
     */
    void read(Warp w, int m, Shadow where, int count, byte[] written, boolean readOnly) {
        begin(w, written == null ? w.sharedTime : w.globalTime, where, count);
        valid = written;
        int[] at = w.at;
        int shift = shadow.shift;
        if (!readOnly && (m & m - 1) != 0 && Traffic.same(at, m) && together(m)) {
            return;
        }
        long[] writes = shadow.writes;
        long[] reads = shadow.reads;
        long base = time.mine;
        long floor = time.floor;
        long blockFloor = time.blockFloor;
        long synced = time.synced;
        long mark = base & ~Stamp.ID | Stamp.WARP + w.index;
        boolean allValid = valid == Span.ALL;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int lane = Integer.numberOfTrailingZeros(rest);
            long mine = base | lane;
            int end = at[lane] + bytes >> shift;
            for (int c = at[lane] >> shift; c < end; c++) {
                long was = writes[c];
                if (was < floor
                        ? !allValid
                        : readOnly || (was < blockFloor || was >= synced) && !Stamp.sameThread(was, mine)) {
                    checkRead(lane, c, readOnly);
                }
                long r = reads[c];
                if (readOnly) {
                    reads[c] = blockFloor | Stamp.CLOCK | Stamp.READ_ONLY;
                } else if (r < floor || r >= blockFloor && r < synced || Stamp.sameThread(r, mine)) {
                    reads[c] = mine;
                } else if ((r ^ base) >>> 5 == 0) {
                    reads[c] = mark; // another lane of this warp, and nothing since
                } else if (r != mark && !standsForMore(r, mine)) {
                    join(lane, c, r, mine);
                }
            }
        }
    }

    /** The same when all lanes read one place; false, with nothing lost, where they have to be looked at one by one. */
    private boolean together(int m) {
        int lane = Lanes.next(m);
        long mark = time.mine & ~Stamp.ID | Stamp.WARP + warp.index;
        int end = warp.at[lane] + bytes >> shadow.shift;
        for (int c = warp.at[lane] >> shadow.shift; c < end; c++) {
            long was = shadow.writes[c];
            if (was < time.floor) {
                if (valid != Span.ALL) {
                    checkRead(lane, c, false);
                }
            } else if (was < time.blockFloor || was >= time.synced) {
                return false;
            }
            long r = shadow.reads[c];
            int id = (int) r & Stamp.ID;
            if (r < time.floor || r >= time.blockFloor && r < time.synced) {
                shadow.reads[c] = mark;
            } else if (r != mark && id != Stamp.BLOCKS && id != Stamp.READ_ONLY) {
                if (id != Stamp.MANY || !Stamp.sameBlock(r, mark)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void checkRead(int lane, int c, boolean readOnly) {
        if (shadow.writes[c] < time.floor) {
            checkWritten(lane, c);
        } else {
            checkWriter(lane, c, readOnly);
        }
    }

    /** Whether the readers that are noted already stand for one more: threads of several blocks, or of this one's warps. */
    private static boolean standsForMore(long r, long mine) {
        int id = (int) r & Stamp.ID;
        return id >= Stamp.BLOCKS || id == Stamp.MANY && Stamp.sameBlock(r, mine);
    }

    /** Notes one more reader beside those that are already there. */
    private void join(int lane, int c, long r, long mine) {
        int id = (int) r & Stamp.ID;
        if (!Stamp.sameBlock(r, mine)) {
            shadow.reads[c] = time.blockFloor | Stamp.CLOCK | Stamp.BLOCKS;
        } else if (warp.ordered(id, Stamp.clock(r), lane)) {
            shadow.reads[c] = mine;
        } else {
            int both = Stamp.warp(id) == warp.index ? Stamp.WARP + warp.index : Stamp.MANY;
            shadow.reads[c] = mine & ~Stamp.ID | both;
        }
    }

    private void checkWritten(int lane, int c) {
        int first = c << shadow.shift;
        if (valid != null) {
            int mask = (1 << (1 << shadow.shift)) - 1 << (first & 3);
            if ((valid[first >> 2] & mask) == mask) {
                return;
            }
        }
        report(
                FindingKind.UNWRITTEN,
                lane,
                "%d bytes of %s memory at %s, byte %d of them"
                        .formatted(bytes, valid == null ? "shared" : "global", place(lane), first - warp.at[lane]));
    }

    private void checkWriter(int lane, int c, boolean readOnly) {
        long was = shadow.writes[c];
        if (((int) was & Stamp.ID) == Stamp.IN_FLIGHT) {
            report(
                    FindingKind.COPY_IN_FLIGHT,
                    lane,
                    "shared memory at %s is read before the copy %s has been waited for"
                            .formatted(place(lane), writer(c)));
        } else if (readOnly) {
            report(
                    FindingKind.STALE_READ,
                    lane,
                    "%s is loaded through the read-only path, and written %s in this launch; load it without .nc"
                            .formatted(place(lane), writer(c)));
        } else if (!ordered(lane, was)) {
            report(FindingKind.RACE, lane, race("read after write", lane, was) + " " + writer(c));
        }
    }

    private boolean ordered(int lane, long stamp) {
        int id = (int) stamp & Stamp.ID & ~Stamp.ATOMIC;
        return Stamp.sameBlock(stamp, time.blockFloor) && warp.ordered(id, Stamp.clock(stamp), lane);
    }

    /** Notes that lanes write at their places {@link Warp#at} and checks this against earlier writes and reads. */
    void write(Warp w, int m, Timeline when, Shadow where, int count, boolean atomic) {
        begin(w, when, where, count);
        int shift = shadow.shift;
        long[] writes = shadow.writes;
        long[] reads = shadow.reads;
        int[] writers = shadow.writers;
        int[] at = w.at;
        long base = time.mine | (atomic ? Stamp.ATOMIC : 0);
        long floor = time.floor;
        long blockFloor = time.blockFloor;
        long synced = time.synced;
        int pc = w.current.pc;
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int lane = Integer.numberOfTrailingZeros(rest);
            long mine = base | lane;
            int end = at[lane] + bytes >> shift;
            for (int c = at[lane] >> shift; c < end; c++) {
                long was = writes[c];
                if (was >= floor && (was < blockFloor || was >= synced) && !Stamp.sameThread(was, mine)) {
                    checkOverwrite(lane, c, atomic);
                }
                long r = reads[c];
                if (r >= floor && (r < blockFloor || r >= synced) && !Stamp.sameThread(r, mine)) {
                    checkReaders(lane, r, mine);
                }
                writes[c] = mine;
                writers[c] = pc;
            }
        }
    }

    /** Notes that an asynchronous copy will write. */
    void fly(Warp w, int m, Shadow where, int count) {
        write(w, m, w.sharedTime, where, count, false);
        for (int rest = m; rest != 0; rest &= rest - 1) {
            int lane = Lanes.next(rest);
            if ((suspects >>> lane & 1) != 0) {
                suspects &= ~(1 << lane);
                confirm(w, lane);
            }
            int at = w.at[lane];
            for (int c = at >> shadow.shift; c < at + bytes >> shadow.shift; c++) {
                shadow.writes[c] = time.blockFloor | Stamp.CLOCK | Stamp.IN_FLIGHT;
            }
        }
    }

    /** Notes that an asynchronous copy of this lane's has written. */
    void land(Warp w, int lane, Shadow where, int at, int count) {
        for (int c = at >> where.shift; c < at + count >> where.shift; c++) {
            where.writes[c] = w.sharedTime.mine | lane;
        }
    }

    private void checkOverwrite(int lane, int c, boolean atomic) {
        long was = shadow.writes[c];
        int id = (int) was & Stamp.ID;
        if (id == Stamp.IN_FLIGHT) {
            report(
                    FindingKind.COPY_IN_FLIGHT,
                    lane,
                    "shared memory at %s is written before the copy %s has been waited for"
                            .formatted(place(lane), writer(c)));
            return;
        }
        boolean bothAtomic = atomic && id >= Stamp.ATOMIC;
        if (bothAtomic || ordered(lane, was)) {
            return;
        }
        String detail = race("write after write", lane, was) + " " + writer(c);
        if (atomic || id >= Stamp.ATOMIC || !Stamp.sameBlock(was, time.blockFloor)) {
            report(FindingKind.RACE, lane, detail);
        } else {
            suspects |= 1 << lane;
            suspectDetails[lane] = detail;
        }
    }

    private void checkReaders(int lane, long r, long mine) {
        int id = (int) r & Stamp.ID;
        if (id == Stamp.READ_ONLY) {
            report(
                    FindingKind.STALE_READ,
                    lane,
                    "%s is written, and loaded through the read-only path in this launch".formatted(place(lane)));
            return;
        }
        if (!Stamp.sameThread(r, mine & ~Stamp.ATOMIC) && !ordered(lane, r)) {
            report(FindingKind.RACE, lane, race("write after read", lane, r));
        }
    }

    /** Reports the present store's lanes that wrote other bytes than an unordered writer before. */
    void confirm(Warp w, int lane) {
        findings.report(FindingKind.RACE, w, lane, suspectDetails[lane]);
    }

    private void report(FindingKind kind, int lane, String detail) {
        findings.report(kind, warp, lane, detail);
    }

    private String place(int lane) {
        return warp.addressText(lane);
    }

    private String writer(int c) {
        return findings.line(warp, shadow.writers[c]);
    }

    private String race(String what, int lane, long other) {
        int id = (int) other & Stamp.ID & ~Stamp.ATOMIC;
        String who = switch (id) {
            case Stamp.BLOCKS -> "several blocks";
            case Stamp.MANY -> "several threads";
            default -> id < Stamp.WARP ? "thread " + id : "several lanes of warp " + (id - Stamp.WARP);
        };
        boolean same = Stamp.sameBlock(other, time.blockFloor) || id == Stamp.BLOCKS;
        long block = (other >>> Stamp.SERIAL_SHIFT) - warp.block.launch().firstSerial();
        return "%s at %s, with %s%s".formatted(what, place(lane), who, same ? "" : " of block " + block);
    }
}
