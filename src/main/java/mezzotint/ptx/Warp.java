package mezzotint.ptx;

import java.util.Arrays;
import java.util.Map;

/** 32 threads: their registers, and where in the code they are. */
final class Warp {
    static final int LANES = 32;

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
    final Lockstep control = new Lockstep(this);
    byte[] local = {};
    /** Factors and sums of a matrix product. */
    final float[] left = new float[256];

    final float[] right = new float[128];
    final float[] sums = new float[128];
    /** The registers of each kind that hold no constant. */
    private final int[][] variables;

    private final int[] spareInts = new int[LANES];
    private final long[] spareLongs = new long[LANES];
    private final float[] spareFloats = new float[LANES];
    private final double[] spareDoubles = new double[LANES];

    /** Lanes that have not exited, and those that the block has. */
    int live;

    int present;
    /** The block's clock when all lanes last met, and for pairs of lanes when some did. */
    private int warpSync;

    private int[] laneSync;
    private int[] pairSync;

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
        variables = layout.variables();
        if (kernel.localBytes() > 0) {
            local = new byte[kernel.localBytes() * LANES];
        }
    }

    /** Starts the block's threads of this warp at the first instruction. */
    void begin(int threads, Map<SpecialRegister, Integer> specials) {
        int count = Math.min(LANES, threads - index * LANES);
        present = count == LANES ? -1 : (1 << count) - 1;
        live = present;
        control.begin(live);
        warpSync = 0;
        laneSync = null;
        pairSync = null;
        copies.clear();
        clearRegisters();
        specials.forEach((register, i) -> {
            for (int lane = 0; lane < LANES; lane++) {
                ints[i][lane] = register.value(block, index, lane);
            }
        });
        stamp();
    }

    /** A register that is read before it is written holds zero, whatever the block before left there. */
    private void clearRegisters() {
        for (int i : variables[0]) {
            Arrays.fill(ints[i], 0);
        }
        for (int i : variables[1]) {
            Arrays.fill(longs[i], 0);
        }
        for (int i : variables[2]) {
            Arrays.fill(floats[i], 0);
        }
        for (int i : variables[3]) {
            Arrays.fill(doubles[i], 0);
        }
        Arrays.fill(predicates, 0);
        Arrays.fill(local, (byte) 0);
        carry = 0;
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
        int other = Stamp.warp(id);
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

    /** The lanes have met: what they did before, and what they knew of, comes before what they do next. */
    void meet(int lanes) {
        int now = block.tick();
        if ((lanes & live) == live) {
            warpSync = now;
        } else {
            if (laneSync == null) {
                laneSync = new int[LANES * LANES];
            }
            for (int other = 0; other < LANES; other++) {
                int known = (lanes >>> other & 1) != 0 ? now : 0;
                for (int rest = lanes; rest != 0; rest &= rest - 1) {
                    known = Math.max(known, laneSync[Lanes.next(rest) * LANES + other]);
                }
                for (int rest = lanes; rest != 0; rest &= rest - 1) {
                    laneSync[Lanes.next(rest) * LANES + other] = known;
                }
            }
        }
        stamp();
    }

    /** What warp {@code other} did before {@code when} comes before what this one does next. */
    void follow(int other, int when) {
        if (pairSync == null) {
            pairSync = new int[LANES];
        }
        pairSync[other] = Math.max(pairSync[other], when);
        if (other == index) {
            warpSync = Math.max(warpSync, when);
        }
    }

    /** Until when this warp knows what {@code other} did. */
    int known(int other) {
        return pairSync == null ? 0 : pairSync[other];
    }
}
