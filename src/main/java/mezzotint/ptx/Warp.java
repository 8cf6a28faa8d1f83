package mezzotint.ptx;

import java.util.Arrays;
import java.util.Map;

/** 32 threads: their registers, and where in the code they are. */
final class Warp {
    static final int LANES = 32;
    private static final int READY = 0;
    private static final int AT_BARRIER = 1;
    private static final int WAITING = 2;

    final Block block;
    final Multiprocessor processor;
    final int index;
    final int[][] ints;
    final long[][] longs;
    final float[][] floats;
    final double[][] doubles;
    final int[] predicates;
    /** A bit for each lane. */
    int carry;

    /** Addresses of the present access, and where its bytes lie: in {@link #page}, or in {@link #pages} if that is null. */
    final long[] address = new long[LANES];

    final int[] at = new int[LANES];
    byte[] page;
    final byte[][] pages = new byte[LANES][];
    final PageView[] views = new PageView[LANES];
    /** The instruction that runs. */
    Instruction current;

    final Timeline sharedTime = new Timeline();
    final Timeline globalTime = new Timeline();
    final AsyncCopies copies = new AsyncCopies();
    byte[] local = {};
    /** Factors and sums of a matrix product. */
    final float[] left = new float[256];

    final float[] right = new float[128];
    final float[] sums = new float[128];
    private final int[] spareInts = new int[LANES];
    private final long[] spareLongs = new long[LANES];
    private final float[] spareFloats = new float[LANES];
    private final double[] spareDoubles = new double[LANES];

    /** Lanes that have not exited, and those that the block has. */
    int live;

    int present;
    private int fragments;
    private final int[] pc = new int[LANES + 1];
    private final int[] mask = new int[LANES + 1];
    private final int[] state = new int[LANES + 1];
    /** The block's clock when all lanes last met, and for pairs of lanes when some did. */
    private int warpSync;

    private int[] laneSync;
    private int[] pairSync;
    private long turns;

    Warp(Block block, Multiprocessor processor, int index, Kernel kernel) {
        this.block = block;
        this.processor = processor;
        this.index = index;
        RegisterLayout layout = kernel.registers();
        ints = new int[layout.ints()][LANES];
        longs = new long[layout.longs()][LANES];
        floats = new float[layout.floats()][LANES];
        doubles = new double[layout.doubles()][LANES];
        predicates = new int[layout.predicates()];
        layout.intConstants().forEach((value, i) -> Arrays.fill(ints[i], value));
        layout.longConstants().forEach((value, i) -> Arrays.fill(longs[i], value));
        layout.floatConstants().forEach((value, i) -> Arrays.fill(floats[i], Float.intBitsToFloat(value)));
        layout.doubleConstants().forEach((value, i) -> Arrays.fill(doubles[i], Double.longBitsToDouble(value)));
        if (kernel.localBytes() > 0) {
            local = new byte[kernel.localBytes() * LANES];
        }
    }

    /** Starts the block's threads of this warp at the first instruction. */
    void begin(int threads, Map<SpecialRegister, Integer> specials) {
        int count = Math.min(LANES, threads - index * LANES);
        present = count == LANES ? -1 : (1 << count) - 1;
        live = present;
        fragments = 1;
        pc[0] = 0;
        mask[0] = live;
        state[0] = READY;
        warpSync = 0;
        laneSync = null;
        pairSync = null;
        turns = 0;
        copies.clear();
        specials.forEach((register, i) -> {
            for (int lane = 0; lane < LANES; lane++) {
                ints[i][lane] = register.value(block, index, lane);
            }
        });
        stamp();
    }

    /** Takes the block's clock over into the stamps of accesses from here on. */
    void stamp() {
        sharedTime.set(block.clock, block.syncClock, index * LANES);
        globalTime.set(block.clock, block.syncClock, index * LANES);
    }

    // Registers ------------------------------------------------------------------------------------------------------

    int[] intsFor(int z, int m) {
        return m == -1 ? ints[z] : spareInts;
    }

    long[] longsFor(int z, int m) {
        return m == -1 ? longs[z] : spareLongs;
    }

    float[] floatsFor(int z, int m) {
        return m == -1 ? floats[z] : spareFloats;
    }

    double[] doublesFor(int z, int m) {
        return m == -1 ? doubles[z] : spareDoubles;
    }

    void keepInts(int z, int m) {
        if (m != -1) {
            CompareLoops.select(ints[z], spareInts, spareInts, -1, m);
        }
    }

    void keepLongs(int z, int m) {
        if (m != -1) {
            CompareLoops.select(longs[z], spareLongs, spareLongs, -1, m);
        }
    }

    void keepFloats(int z, int m) {
        if (m != -1) {
            CompareLoops.select(floats[z], spareFloats, spareFloats, -1, m);
        }
    }

    void keepDoubles(int z, int m) {
        if (m != -1) {
            CompareLoops.select(doubles[z], spareDoubles, spareDoubles, -1, m);
        }
    }

    byte[] pageOf(int lane) {
        return page != null ? page : pages[lane];
    }

    String addressText(int lane) {
        return processor.describe(this, lane);
    }

    // Order ----------------------------------------------------------------------------------------------------------

    /** Whether an access of this block's, by {@code id} at {@code clock}, came before what {@code lane} does now. */
    boolean ordered(int id, int clock, int lane) {
        if (clock < block.syncClock) {
            return true;
        }
        int other = Stamp.warp(id & ~Stamp.ATOMIC);
        if (other < 0) {
            return false;
        }
        if (other != index) {
            return pairSync != null && clock < pairSync[other];
        }
        if (id == index * LANES + lane || clock < warpSync) {
            return true;
        }
        if (laneSync == null) {
            return false;
        }
        return clock < laneSync[lane * LANES + (id < Stamp.WARP ? id & LANES - 1 : lane)];
    }

    /** The lanes have met: what they did before comes before what they do next. */
    void meet(int lanes) {
        int now = block.tick();
        if ((lanes & live) == live) {
            warpSync = now;
        } else {
            if (laneSync == null) {
                laneSync = new int[LANES * LANES];
            }
            for (int a = lanes; a != 0; a &= a - 1) {
                for (int b = lanes; b != 0; b &= b - 1) {
                    laneSync[Lanes.next(a) * LANES + Lanes.next(b)] = now;
                }
            }
        }
        stamp();
    }

    /** This warp and another have met at a barrier that is not the whole block's. */
    void meetWarp(Warp other, int now) {
        if (pairSync == null) {
            pairSync = new int[LANES];
        }
        pairSync[other.index] = now;
    }

    // Control --------------------------------------------------------------------------------------------------------

    /** Runs until all lanes have exited or wait at a barrier. */
    void run() {
        stamp();
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
                Instruction instruction = block.kernel().code()[pc[f]];
                int wanted = wanted(instruction, mask[f]) & live & ~mask[f];
                if (wanted == 0) {
                    state[f] = READY; // they have exited meanwhile
                    return true;
                }
                current = instruction;
                processor.findings.report(
                        FindingKind.LANE_MASK,
                        this,
                        Lanes.next(mask[f]),
                        "lanes 0x%08x of its mask never come here".formatted(wanted));
                instruction.step.run(this, mask[f]);
                pc[f]++;
                state[f] = READY;
                return true;
            }
        }
        return false;
    }

    private void advance(int f) {
        Instruction[] code = block.kernel().code();
        Counters counters = processor.counters;
        int at = pc[f];
        int m = mask[f];
        int limit = Integer.MAX_VALUE;
        for (int other = 0; other < fragments; other++) {
            if (other != f && pc[other] > at) {
                limit = Math.min(limit, pc[other]);
            }
        }
        for (; ; ) {
            if (at >= limit) {
                pc[f] = at;
                merge();
                return;
            }
            Instruction instruction = code[at];
            int active = m;
            if (instruction.guard >= 0) {
                int guard = predicates[instruction.guard];
                active &= instruction.guardNegated ? ~guard : guard;
            }
            counters.warps[at]++;
            counters.lanes[at] += Integer.bitCount(active);
            if (instruction.kind == Instruction.Kind.PLAIN) {
                if (active != 0) {
                    current = instruction;
                    instruction.step.run(this, active);
                }
                at++;
                continue;
            }
            if (active == 0) {
                at++;
                continue;
            }
            pc[f] = at;
            current = instruction;
            if (!control(f, instruction, active)) {
                return;
            }
            at = pc[f];
            m = mask[f];
        }
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
        if (instruction.target <= instruction.pc && ++turns > processor.options.turns()) {
            processor.findings.report(
                    FindingKind.ENDLESS,
                    this,
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
            processor.counters.divergences++;
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
            int choice = ints[instruction.register][lane];
            if (choice < 0 || choice >= instruction.targets.length) {
                processor.findings.report(
                        FindingKind.OUT_OF_BOUNDS,
                        this,
                        lane,
                        "branch %d of %d".formatted(choice, instruction.targets.length));
                throw new KernelAbort();
            }
            int same = 0;
            for (int others = rest; others != 0; others &= others - 1) {
                int other = Lanes.next(others);
                same |= ints[instruction.register][other] == choice ? 1 << other : 0;
            }
            rest &= ~same;
            processor.counters.divergences += rest != 0 ? 1 : 0;
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
        live &= ~active;
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
        if (current.barrier.arriveOnly()) {
            block.arrive(this, current, active);
            pc[f]++;
            merge();
            return false;
        }
        state[f] = AT_BARRIER;
        return false;
    }

    private int wanted(Instruction instruction, int active) {
        if (instruction.register < 0) {
            return live;
        }
        return ints[instruction.register][Lanes.next(active)] & present;
    }

    private boolean converge(int f, Instruction instruction, int active) {
        int wanted = wanted(instruction, active);
        if ((wanted & live & ~active) != 0 && active == mask[f]) {
            state[f] = WAITING;
            return false;
        }
        checkMask(instruction, active, wanted);
        meet(active);
        instruction.step.run(this, active);
        pc[f]++;
        return true;
    }

    private void checkMask(Instruction instruction, int active, int wanted) {
        if (!processor.options.checks()) {
            return;
        }
        if ((wanted & ~active) != 0) {
            String which = (wanted & ~live) != 0 ? "exited" : "do not run it";
            processor.findings.report(
                    FindingKind.LANE_MASK,
                    this,
                    Lanes.next(active),
                    "its mask 0x%08x names lanes 0x%08x, which %s".formatted(wanted, wanted & ~active, which));
        }
        if (instruction.register < 0) {
            return;
        }
        for (int rest = active; rest != 0; rest &= rest - 1) {
            int lane = Lanes.next(rest);
            int own = ints[instruction.register][lane];
            if ((own >>> lane & 1) == 0) {
                processor.findings.report(
                        FindingKind.LANE_MASK,
                        this,
                        lane,
                        "its mask 0x%08x does not name its own lane %d".formatted(own, lane));
            } else if ((own & present) != wanted) {
                processor.findings.report(
                        FindingKind.LANE_MASK,
                        this,
                        lane,
                        "lanes of one instruction have masks 0x%08x and 0x%08x".formatted(wanted, own));
            }
        }
    }

    private void drop(int f) {
        fragments--;
        pc[f] = pc[fragments];
        mask[f] = mask[fragments];
        state[f] = state[fragments];
    }

    /** Joins fragments that are at the same instruction. */
    private void merge() {
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

    // Barriers -------------------------------------------------------------------------------------------------------

    int fragments() {
        return fragments;
    }

    boolean atBarrier(int f) {
        return state[f] == AT_BARRIER;
    }

    Instruction instruction(int f) {
        return block.kernel().code()[pc[f]];
    }

    int lanes(int f) {
        return mask[f];
    }

    /** Lets a fragment that waits at a barrier go on. */
    void release(int f) {
        state[f] = READY;
        pc[f]++;
    }

    void mergeReleased() {
        merge();
    }
}
