package mezzotint.ptx;

/**
 * Where the lanes of a warp are in the code: groups that run together, the one at the lowest instruction first, so that
 * groups which parted meet again.
 */
final class Lockstep {
    private static final int READY = 0;
    private static final int AT_BARRIER = 1;
    /** For the other lanes of its mask. */
    private static final int WAITING = 2;

    private final Warp warp;
    private int fragments;
    private final int[] pc = new int[Warp.LANES + 1];
    private final int[] mask = new int[Warp.LANES + 1];
    private final int[] state = new int[Warp.LANES + 1];
    private long turns;

    Lockstep(Warp warp) {
        this.warp = warp;
    }

    /** All lanes start at the first instruction. */
    void begin(int lanes) {
        fragments = 1;
        pc[0] = 0;
        mask[0] = lanes;
        state[0] = READY;
        turns = 0;
    }

    /** Runs until all lanes have exited or wait at a barrier. */
    void run() {
        warp.stamp();
        for (; ; ) {
            int next = -1;
            for (int f = 0; f < fragments; f++) {
                if (state[f] == READY && (next < 0 || pc[f] < pc[next])) {
                    next = f;
                }
            }
            if (next < 0) {
                if (!lost()) {
                    return;
                }
            } else {
                advance(next);
            }
        }
    }

    /** Reports lanes that wait for others of their mask which cannot come any more, and lets them go on. */
    private boolean lost() {
        for (int f = 0; f < fragments; f++) {
            if (state[f] == WAITING) {
                Instruction instruction = warp.block.kernel().code()[pc[f]];
                int wanted = wanted(instruction, mask[f]) & warp.live & ~mask[f];
                if (wanted == 0) {
                    state[f] = READY; // they have exited meanwhile
                    return true;
                }
                warp.current = instruction;
                report(Lanes.next(mask[f]), "lanes 0x%08x of its mask never come here".formatted(wanted));
                instruction.step.run(warp, mask[f]);
                pc[f]++;
                state[f] = READY;
                return true;
            }
        }
        return false;
    }

    private void advance(int f) {
        Instruction[] code = warp.block.kernel().code();
        Counters counters = warp.processor.counters;
        int at = pc[f];
        int m = mask[f];
        int limit = limit(f);
        for (; ; ) {
            if (at >= limit) {
                pc[f] = at;
                merge();
                return;
            }
            Instruction instruction = code[at];
            int active = m;
            if (instruction.guard >= 0) {
                int guard = warp.predicates[instruction.guard];
                active &= instruction.guardNegated ? ~guard : guard;
            }
            counters.warps[at]++;
            counters.lanes[at] += Integer.bitCount(active);
            if (instruction.kind == Instruction.Kind.PLAIN || active == 0) {
                if (active != 0) {
                    warp.current = instruction;
                    instruction.step.run(warp, active);
                }
                at++;
                continue;
            }
            pc[f] = at;
            warp.current = instruction;
            if (!control(f, instruction, active)) {
                return;
            }
            at = pc[f];
            m = mask[f];
        }
    }

    /** The instruction at which fragment f comes to the next of the others. */
    private int limit(int f) {
        int limit = Integer.MAX_VALUE;
        for (int other = 0; other < fragments; other++) {
            if (other != f && pc[other] > pc[f]) {
                limit = Math.min(limit, pc[other]);
            }
        }
        return limit;
    }

    /** Runs an instruction that steers; whether the fragment goes straight on from its {@link #pc}. */
    private boolean control(int f, Instruction instruction, int active) {
        return switch (instruction.kind) {
            case BRANCH -> branch(f, instruction, active);
            case TABLE -> table(f, instruction, active);
            case EXIT -> exit(f, active);
            case BARRIER -> wait(f, active);
            default -> converge(f, instruction, active);
        };
    }

    private boolean branch(int f, Instruction instruction, int active) {
        if (instruction.target <= instruction.pc && ++turns > warp.processor.options.turns()) {
            warp.processor.findings.report(
                    FindingKind.ENDLESS,
                    warp,
                    Lanes.next(active),
                    "more than %d backward branches".formatted(turns - 1));
            throw new KernelAbort();
        }
        if (active == mask[f]) {
            pc[f] = instruction.target;
            if (fragments == 1) {
                return true;
            }
        } else {
            warp.processor.counters.divergences++;
            split(f, active, instruction.target);
        }
        merge();
        return false;
    }

    /** The lanes {@code active} go to {@code target}, the others to the next instruction. */
    private void split(int f, int active, int target) {
        mask[f] &= ~active;
        pc[f]++;
        pc[fragments] = target;
        mask[fragments] = active;
        state[fragments++] = READY;
    }

    private boolean table(int f, Instruction instruction, int active) {
        for (int rest = active; rest != 0; ) {
            int lane = Lanes.next(rest);
            int choice = warp.ints[instruction.register][lane];
            if (choice < 0 || choice >= instruction.targets.length) {
                warp.processor.findings.report(
                        FindingKind.OUT_OF_BOUNDS,
                        warp,
                        lane,
                        "branch %d of %d".formatted(choice, instruction.targets.length));
                throw new KernelAbort();
            }
            int same = 0;
            for (int others = rest; others != 0; others &= others - 1) {
                int other = Lanes.next(others);
                same |= warp.ints[instruction.register][other] == choice ? 1 << other : 0;
            }
            rest &= ~same;
            warp.processor.counters.divergences += rest != 0 ? 1 : 0;
            pc[fragments] = instruction.targets[choice];
            mask[fragments] = same;
            state[fragments++] = READY;
        }
        mask[f] &= ~active;
        pc[f]++;
        if (mask[f] == 0) {
            drop(f);
        }
        merge();
        return false;
    }

    private boolean exit(int f, int active) {
        warp.live &= ~active;
        mask[f] &= ~active;
        if (mask[f] == 0) {
            drop(f);
            return false;
        }
        pc[f]++;
        return true;
    }

    private boolean wait(int f, int active) {
        if (active != mask[f]) {
            int passing = mask[f] & ~active;
            mask[f] = active;
            pc[fragments] = pc[f] + 1;
            mask[fragments] = passing;
            state[fragments++] = READY;
        }
        if (warp.current.barrier.arriveOnly()) {
            warp.block.arrive(warp, warp.current, active);
            pc[f]++;
            merge();
            return false;
        }
        state[f] = AT_BARRIER;
        return false;
    }

    /** All lanes that are named by the masks of {@code active}, of those that the block has. */
    private int wanted(Instruction instruction, int active) {
        if (instruction.register < 0) {
            return warp.live;
        }
        int wanted = 0;
        for (int rest = active; rest != 0; rest &= rest - 1) {
            wanted |= warp.ints[instruction.register][Lanes.next(rest)];
        }
        return wanted & warp.present;
    }

    /** Lanes of one mask run the instruction together; the masks of one warp may part it into groups. */
    private boolean converge(int f, Instruction instruction, int active) {
        int elsewhere = warp.live & ~mask[f];
        if ((wanted(instruction, active) & elsewhere) != 0 && active == mask[f]) {
            state[f] = WAITING;
            return false;
        }
        for (int rest = active; rest != 0; ) {
            int group = rest;
            if (instruction.register >= 0) {
                group = sameMask(warp.ints[instruction.register], rest);
            }
            if (warp.processor.options.checks()) {
                checkMask(instruction, group);
            }
            warp.meet(group);
            instruction.step.run(warp, group);
            rest &= ~group;
        }
        pc[f]++;
        return true;
    }

    private static int sameMask(int[] masks, int lanes) {
        int own = masks[Lanes.next(lanes)];
        int same = 0;
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            int lane = Lanes.next(rest);
            same |= masks[lane] == own ? 1 << lane : 0;
        }
        return same;
    }

    private void checkMask(Instruction instruction, int group) {
        int lane = Lanes.next(group);
        int wanted = wanted(instruction, group);
        if ((wanted & ~group) != 0) {
            String which = (wanted & ~warp.live) != 0 ? "have exited" : "do not run it with this mask";
            report(lane, "its mask 0x%08x names lanes 0x%08x, which %s".formatted(wanted, wanted & ~group, which));
        }
        int strangers = instruction.register < 0 ? 0 : group & ~warp.ints[instruction.register][lane];
        if (strangers != 0) {
            int stranger = Lanes.next(strangers);
            report(stranger, "its mask 0x%08x does not name its own lane %d".formatted(wanted, stranger));
        }
    }

    private void report(int lane, String detail) {
        warp.processor.findings.report(FindingKind.LANE_MASK, warp, lane, detail);
    }

    private void drop(int f) {
        fragments--;
        pc[f] = pc[fragments];
        mask[f] = mask[fragments];
        state[f] = state[fragments];
    }

    /** Joins fragments that are at the same instruction. */
    void merge() {
        for (int a = 0; a < fragments; a++) {
            for (int b = a + 1; b < fragments; b++) {
                if (pc[a] == pc[b]) {
                    mask[a] |= mask[b];
                    state[a] = READY;
                    drop(b);
                    b = a;
                }
            }
        }
    }

    int fragments() {
        return fragments;
    }

    boolean atBarrier(int f) {
        return state[f] == AT_BARRIER;
    }

    Instruction instruction(int f) {
        return warp.block.kernel().code()[pc[f]];
    }

    int lanes(int f) {
        return mask[f];
    }

    /** Lets a fragment that waits at a barrier go on. */
    void release(int f) {
        state[f] = READY;
        pc[f]++;
    }
}
