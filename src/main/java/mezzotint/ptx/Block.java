package mezzotint.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import mezzotint.kernel.cuda.LaunchGrid;

/** The threads of one block: runs their warps one after the other, and holds them together at barriers. */
final class Block {
    private static final int BARRIERS = 16;

    private final Multiprocessor processor;
    private Launch launch;
    private final Warp[] warps;
    private final int[] arrivedThreads = new int[BARRIERS];
    private final int[][] arrivedClock = new int[BARRIERS][];
    /** Goes up whenever threads meet. */
    int clock;

    /** The clock when all threads of the block last met. */
    int syncClock;

    private long linear;
    private int x;
    private int y;
    private int z;

    Block(Multiprocessor processor, Kernel kernel, int warpCount) {
        this.processor = processor;
        this.warps = new Warp[warpCount];
        for (int w = 0; w < warps.length; w++) {
            warps[w] = new Warp(this, processor, w, kernel);
        }
    }

    int warpCount() {
        return warps.length;
    }

    /** Takes on the blocks of a launch of its kernel. */
    void serve(Launch next) {
        launch = next;
    }

    Launch launch() {
        return launch;
    }

    LaunchGrid grid() {
        return launch.grid();
    }

    Kernel kernel() {
        return launch.kernel();
    }

    byte[] parameters() {
        return launch.parameters();
    }

    int sharedBytes() {
        return launch.sharedBytes();
    }

    long linear() {
        return linear;
    }

    int x() {
        return x;
    }

    int y() {
        return y;
    }

    int z() {
        return z;
    }

    /** Moves the clock on. */
    int tick() {
        if (++clock == Stamp.MOST_CLOCK) {
            throw new KernelAbort();
        }
        return clock;
    }

    /** @param random decides the order of the warps, or null for their own order */
    void run(long index, long sharedSerial, Random random) {
        linear = index;
        x = (int) (index % grid().x());
        y = (int) (index / grid().x() % grid().y());
        z = (int) (index / grid().x() / grid().y());
        clock = 1;
        syncClock = 1;
        Arrays.fill(arrivedThreads, 0);
        Arrays.fill(arrivedClock, null);
        for (Warp warp : warps) {
            warp.sharedTime.begin(sharedSerial << Stamp.SERIAL_SHIFT, sharedSerial);
            warp.globalTime.begin(launch.floor(), launch.serial(index));
            warp.begin(grid().threads(), kernel().registers().specials());
        }
        Warp[] order = warps.clone();
        for (; ; ) {
            if (random != null) {
                java.util.Collections.shuffle(Arrays.asList(order), random);
            }
            for (Warp warp : order) {
                if (warp.live != 0) {
                    warp.control.run();
                }
            }
            if (liveThreads() == 0) {
                return;
            }
            boolean released = false;
            for (int b = 0; b < BARRIERS; b++) {
                released |= release(b);
            }
            if (!released) {
                stuck();
            }
        }
    }

    private int liveThreads() {
        int live = 0;
        for (Warp warp : warps) {
            live += Integer.bitCount(warp.live);
        }
        return live;
    }

    /** Some lanes of a warp that wait at a barrier. */
    private record Waiting(Warp warp, int fragment) {
        Instruction instruction() {
            return warp.control.instruction(fragment);
        }

        int lane() {
            return Lanes.next(warp.control.lanes(fragment));
        }
    }

    private List<Waiting> waiting(int barrier) {
        var found = new ArrayList<Waiting>();
        for (Warp warp : warps) {
            for (int f = 0; warp.live != 0 && f < warp.control.fragments(); f++) {
                if (warp.control.atBarrier(f)) {
                    var waiting = new Waiting(warp, f);
                    if (barrier < 0 || number(warp, waiting.instruction(), waiting.lane()) == barrier) {
                        found.add(waiting);
                    }
                }
            }
        }
        return found;
    }

    private static int number(Warp warp, Instruction instruction, int lane) {
        return warp.ints[instruction.barrier.barrier()][lane] & BARRIERS - 1;
    }

    /** Notes lanes that came to a barrier without waiting there. */
    void arrive(Warp warp, Instruction instruction, int lanes) {
        int barrier = number(warp, instruction, Lanes.next(lanes));
        arrivedThreads[barrier] += Warp.LANES;
        if (arrivedClock[barrier] == null) {
            arrivedClock[barrier] = new int[warps.length];
        }
        arrivedClock[barrier][warp.index] = tick();
        warp.stamp();
    }

    /** Lets the threads at a barrier go on if all that it waits for have come. */
    private boolean release(int barrier) {
        List<Waiting> waiting = waiting(barrier);
        if (waiting.isEmpty()) {
            return false;
        }
        BarrierOperation operation = waiting.getFirst().instruction().barrier;
        int come = 0;
        for (Waiting each : waiting) {
            come += Integer.bitCount(each.warp.control.lanes(each.fragment));
        }
        boolean everybody = come == liveThreads();
        if (operation.threads() >= 0) {
            Waiting first = waiting.getFirst();
            int expected = first.warp.ints[operation.threads()][first.lane()];
            if (!everybody && waiting.size() * Warp.LANES + arrivedThreads[barrier] < expected) {
                return false;
            }
        } else if (!everybody) {
            return false;
        } else {
            checkOne(waiting);
        }
        processor.counters.barriers++;
        if (!operation.reduction().isEmpty()) {
            reduce(waiting, operation);
        }
        order(waiting, barrier, everybody);
        for (Waiting each : waiting) {
            each.warp.control.release(each.fragment);
        }
        waiting.forEach(each -> each.warp.control.merge());
        return true;
    }

    private void checkOne(List<Waiting> waiting) {
        Waiting first = waiting.getFirst();
        for (Waiting each : waiting) {
            if (each.instruction() != first.instruction() && processor.options.checks()) {
                report(
                        first,
                        "this thread waits here and thread %d %s"
                                .formatted(
                                        each.warp.index * Warp.LANES + each.lane(),
                                        processor.findings.line(first.warp, each.instruction().pc)));
            }
        }
    }

    private void report(Waiting at, String detail) {
        processor.findings.report(
                FindingKind.DIVERGENT_BARRIER, this, at.instruction(), at.warp.index * Warp.LANES + at.lane(), detail);
    }

    private void order(List<Waiting> waiting, int barrier, boolean everybody) {
        int now = tick();
        if (everybody) {
            syncClock = now;
        } else {
            for (int w = 0; w < warps.length; w++) {
                int known = arrivedClock[barrier] == null ? 0 : arrivedClock[barrier][w];
                for (Waiting each : waiting) {
                    known = Math.max(known, each.warp.index == w ? now : each.warp.known(w));
                }
                for (Waiting each : waiting) {
                    each.warp.follow(w, known);
                }
            }
        }
        arrivedThreads[barrier] = 0;
        arrivedClock[barrier] = null;
    }

    private static void reduce(List<Waiting> waiting, BarrierOperation operation) {
        int count = 0;
        int all = 0;
        for (Waiting each : waiting) {
            int bits = each.warp.predicates[operation.source()];
            int lanes = each.warp.control.lanes(each.fragment);
            count += Integer.bitCount((operation.sourceNegated() ? ~bits : bits) & lanes);
            all += Integer.bitCount(lanes);
        }
        boolean holds = operation.reduction().equals("and") ? count == all : count > 0;
        for (Waiting each : waiting) {
            int lanes = each.warp.control.lanes(each.fragment);
            if (operation.reduction().equals("popc")) {
                for (int rest = lanes; rest != 0; rest &= rest - 1) {
                    each.warp.ints[operation.target()][Lanes.next(rest)] = count;
                }
            } else {
                int kept = each.warp.predicates[operation.target()] & ~lanes;
                each.warp.predicates[operation.target()] = kept | (holds ? lanes : 0);
            }
        }
    }

    /** No thread can go on: reports who waits where. */
    private void stuck() {
        List<Waiting> waiting = waiting(-1);
        Waiting first = waiting.getFirst();
        int here = 0;
        Waiting other = null;
        for (Waiting each : waiting) {
            if (each.instruction() == first.instruction()) {
                here += Integer.bitCount(each.warp.control.lanes(each.fragment));
            } else if (other == null) {
                other = each;
            }
        }
        String rest = other == null
                ? "no other thread comes"
                : "thread %d waits %s"
                        .formatted(
                                other.warp.index * Warp.LANES + other.lane(),
                                processor.findings.line(first.warp, other.instruction().pc));
        report(first, "%d of %d threads wait here, %s".formatted(here, liveThreads(), rest));
        throw new KernelAbort();
    }
}
