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

    Sanitizer(Findings findings) {
        this.findings = findings;
    }

    /**
     * Notes that lanes read at their places {@link Warp#at} and checks this against earlier writes.
     *
     * @param valid four bits for each word of written bytes, or null where a cell counts as written only by this block
     */
    void read(Warp w, int m, Timeline time, Shadow shadow, int bytes, byte[] valid, boolean readOnly) {
        refine(shadow, bytes);
        int[] at = w.at;
        int shift = shadow.shift;
        if (!readOnly && (m & m - 1) != 0 && Traffic.same(at, m) && together(w, m, time, shadow, bytes, valid)) {
            return;
        }
        long[] writes = shadow.writes;
        long[] reads = shadow.reads;
        long base = time.mine;
        long floor = time.floor;
        long blockFloor = time.blockFloor;
        long synced = time.synced;
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
                    checkRead(w, lane, time, shadow, c, bytes, valid, readOnly);
                }
                long r = reads[c];
                if (readOnly) {
                    reads[c] = blockFloor | Stamp.CLOCK | Stamp.READ_ONLY;
                } else if (r < floor || r >= blockFloor && r < synced || Stamp.sameThread(r, mine)) {
                    reads[c] = mine;
                } else {
                    join(w, lane, time, reads, c, r, mine);
                }
            }
        }
    }

    private static void refine(Shadow shadow, int bytes) {
        if ((bytes & -bytes) < 1 << shadow.shift) {
            shadow.refine(bytes & -bytes);
        }
    }

    /** The same when all lanes read one place; false, with nothing lost, where they have to be looked at one by one. */
    private boolean together(Warp w, int m, Timeline time, Shadow shadow, int bytes, byte[] valid) {
        int lane = Lanes.next(m);
        long mark = time.mine & ~Stamp.ID | Stamp.WARP + w.index;
        int end = w.at[lane] + bytes >> shadow.shift;
        for (int c = w.at[lane] >> shadow.shift; c < end; c++) {
            long was = shadow.writes[c];
            if (was < time.floor) {
                if (valid != Span.ALL) {
                    checkRead(w, lane, time, shadow, c, bytes, valid, false);
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

    private void checkRead(
            Warp w, int lane, Timeline time, Shadow shadow, int c, int bytes, byte[] valid, boolean readOnly) {
        long was = shadow.writes[c];
        if (was < time.floor) {
            checkWritten(w, lane, shadow, c, bytes, valid);
        } else {
            checkWriter(w, lane, time, shadow, c, was, readOnly);
        }
    }

    /** Notes one more reader beside those that are already there. */
    private static void join(Warp w, int lane, Timeline time, long[] reads, int c, long r, long mine) {
        int id = (int) r & Stamp.ID;
        if (id == Stamp.BLOCKS || id == Stamp.READ_ONLY) {
            return;
        }
        if (!Stamp.sameBlock(r, mine)) {
            reads[c] = time.blockFloor | Stamp.CLOCK | Stamp.BLOCKS;
        } else if (id == Stamp.MANY) {
            return; // it stands for threads since the last barrier, whatever its clock
        } else if (w.ordered(id, Stamp.clock(r), lane)) {
            reads[c] = mine;
        } else {
            int both = Stamp.warp(id) == w.index ? Stamp.WARP + w.index : Stamp.MANY;
            reads[c] = mine & ~Stamp.ID | both;
        }
    }

    private void checkWritten(Warp w, int lane, Shadow shadow, int cell, int bytes, byte[] valid) {
        int first = cell << shadow.shift;
        if (valid != null) {
            int mask = (1 << (1 << shadow.shift)) - 1 << (first & 3);
            if ((valid[first >> 2] & mask) == mask) {
                return;
            }
        }
        findings.report(
                FindingKind.UNWRITTEN,
                w,
                lane,
                "%d bytes of %s memory at %s, byte %d of them"
                        .formatted(bytes, place(valid), w.addressText(lane), first - w.at[lane]));
    }

    private static String place(byte[] valid) {
        return valid == null ? "shared" : "global";
    }

    private void checkWriter(Warp w, int lane, Timeline time, Shadow shadow, int c, long was, boolean readOnly) {
        int id = (int) was & Stamp.ID;
        if (id == Stamp.IN_FLIGHT) {
            findings.report(
                    FindingKind.COPY_IN_FLIGHT,
                    w,
                    lane,
                    "shared memory at %s is read before the copy %s has been waited for"
                            .formatted(w.addressText(lane), findings.line(w, shadow.writers[c])));
        } else if (readOnly) {
            findings.report(
                    FindingKind.STALE_READ,
                    w,
                    lane,
                    "%s is loaded through the read-only path, and written %s in this launch; load it without .nc"
                            .formatted(w.addressText(lane), findings.line(w, shadow.writers[c])));
        } else if (!ordered(w, lane, time, was)) {
            race(w, lane, time, "read after write", was, " " + findings.line(w, shadow.writers[c]));
        }
    }

    private static boolean ordered(Warp w, int lane, Timeline time, long stamp) {
        return Stamp.sameBlock(stamp, time.blockFloor) && w.ordered((int) stamp & Stamp.ID, Stamp.clock(stamp), lane);
    }

    /** Notes that lanes write at their places {@link Warp#at} and checks this against earlier writes and reads. */
    void write(Warp w, int m, Timeline time, Shadow shadow, int bytes, boolean atomic) {
        refine(shadow, bytes);
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
                    checkOverwrite(w, lane, time, shadow, c, was, atomic);
                }
                long r = reads[c];
                if (r >= floor && (r < blockFloor || r >= synced) && !Stamp.sameThread(r, mine)) {
                    checkReaders(w, lane, time, r, mine);
                }
                writes[c] = mine;
                writers[c] = pc;
            }
        }
    }

    /** Notes that an asynchronous copy will write. */
    void fly(Warp w, int m, Timeline time, Shadow shadow, int bytes) {
        write(w, m, time, shadow, bytes, false);
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
    void land(int lane, Timeline time, Shadow shadow, int at, int bytes) {
        for (int c = at >> shadow.shift; c < at + bytes >> shadow.shift; c++) {
            shadow.writes[c] = time.mine | lane;
        }
    }

    private void checkOverwrite(Warp w, int lane, Timeline time, Shadow shadow, int c, long was, boolean atomic) {
        int id = (int) was & Stamp.ID;
        String line = findings.line(w, shadow.writers[c]);
        if (id == Stamp.IN_FLIGHT) {
            findings.report(
                    FindingKind.COPY_IN_FLIGHT,
                    w,
                    lane,
                    "shared memory at %s is written before the copy %s has been waited for"
                            .formatted(w.addressText(lane), line));
            return;
        }
        boolean bothAtomic = atomic && id >= Stamp.ATOMIC;
        if (bothAtomic || ordered(w, lane, time, was & ~Stamp.ATOMIC)) {
            return;
        }
        String detail = raceText(w, lane, time, "write after write", was, " " + line);
        if (atomic || id >= Stamp.ATOMIC || !Stamp.sameBlock(was, time.blockFloor)) {
            findings.report(FindingKind.RACE, w, lane, detail);
        } else {
            suspects |= 1 << lane;
            suspectDetails[lane] = detail;
        }
    }

    private void checkReaders(Warp w, int lane, Timeline time, long r, long mine) {
        int id = (int) r & Stamp.ID;
        if (id == Stamp.READ_ONLY) {
            findings.report(
                    FindingKind.STALE_READ,
                    w,
                    lane,
                    "%s is written, and loaded through the read-only path in this launch"
                            .formatted(w.addressText(lane)));
            return;
        }
        boolean sameThread = ((int) mine & ~Stamp.ATOMIC & Stamp.ID) == id && Stamp.sameBlock(r, mine);
        if (!sameThread && !ordered(w, lane, time, r)) {
            race(w, lane, time, "write after read", r, "");
        }
    }

    /** Reports the present store's lanes that wrote other bytes than an unordered writer before. */
    void confirm(Warp w, int lane) {
        findings.report(FindingKind.RACE, w, lane, suspectDetails[lane]);
    }

    private void race(Warp w, int lane, Timeline time, String what, long other, String line) {
        findings.report(FindingKind.RACE, w, lane, raceText(w, lane, time, what, other, line));
    }

    private static String raceText(Warp w, int lane, Timeline time, String what, long other, String line) {
        return "%s at %s, with %s%s".formatted(what, w.addressText(lane), who(time, other), line);
    }

    private static String who(Timeline time, long stamp) {
        int id = (int) stamp & Stamp.ID & ~Stamp.ATOMIC;
        boolean same = Stamp.sameBlock(stamp, time.blockFloor);
        String block = same ? "" : "another block's ";
        if (id == Stamp.BLOCKS || id == Stamp.MANY) {
            return id == Stamp.MANY ? block + "several threads" : "several blocks";
        }
        return id < Stamp.WARP ? block + "thread " + id : block + "several lanes of warp " + (id - Stamp.WARP);
    }
}
