package mezzotint.ptx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a launch did, or several launches together. */
public final class LaunchReport {
    private final String kernel;
    private final long blocks;
    private final int threadsPerBlock;
    private final int sharedBytes;
    private final Map<InstructionClass, Long> warpInstructions = new EnumMap<>(InstructionClass.class);
    private final Map<InstructionClass, Long> threadInstructions = new EnumMap<>(InstructionClass.class);
    private long flops;
    private MemoryTraffic globalLoad = MemoryTraffic.NONE;
    private MemoryTraffic globalStore = MemoryTraffic.NONE;
    private MemoryTraffic shared = MemoryTraffic.NONE;
    private final long barriers;
    private final long divergences;
    private final Supplier<List<LineCost>> hotSpots;
    private final List<PtxFinding> findings;

    LaunchReport(Launch launch, Counters counters, List<PtxFinding> findings) {
        this.kernel = launch.kernel().name();
        this.blocks = launch.grid().blocks();
        this.threadsPerBlock = launch.grid().threads();
        this.sharedBytes = launch.sharedBytes();
        this.barriers = counters.barriers;
        this.divergences = counters.divergences;
        this.findings = List.copyOf(findings);
        this.hotSpots = () -> lines(launch.kernel(), counters);
        long[] warps = new long[InstructionClass.values().length];
        long[] threads = new long[warps.length];
        for (Instruction instruction : launch.kernel().code()) {
            if (counters.warps[instruction.pc] > 0) {
                count(instruction, counters);
                warps[instruction.group.ordinal()] += counters.warps[instruction.pc];
                threads[instruction.group.ordinal()] += counters.lanes[instruction.pc];
            }
        }
        for (InstructionClass group : InstructionClass.values()) {
            if (warps[group.ordinal()] > 0) {
                warpInstructions.put(group, warps[group.ordinal()]);
                threadInstructions.put(group, threads[group.ordinal()]);
            }
        }
    }

    private LaunchReport(LaunchReport a, LaunchReport b) {
        this.kernel = a.kernel.equals(b.kernel) ? a.kernel : a.kernel + "+" + b.kernel;
        this.blocks = a.blocks + b.blocks;
        this.threadsPerBlock = Math.max(a.threadsPerBlock, b.threadsPerBlock);
        this.sharedBytes = Math.max(a.sharedBytes, b.sharedBytes);
        this.barriers = a.barriers + b.barriers;
        this.divergences = a.divergences + b.divergences;
        this.flops = a.flops + b.flops;
        this.globalLoad = a.globalLoad.plus(b.globalLoad);
        this.globalStore = a.globalStore.plus(b.globalStore);
        this.shared = a.shared.plus(b.shared);
        for (LaunchReport each : List.of(a, b)) {
            each.warpInstructions.forEach((group, count) -> warpInstructions.merge(group, count, Long::sum));
            each.threadInstructions.forEach((group, count) -> threadInstructions.merge(group, count, Long::sum));
        }
        var both = new ArrayList<>(a.findings);
        both.addAll(b.findings);
        this.findings = List.copyOf(both);
        this.hotSpots = List::of;
    }

    private void count(Instruction instruction, Counters counters) {
        int pc = instruction.pc;
        flops += counters.lanes[pc] * instruction.flops;
        MemoryTraffic traffic = traffic(counters, pc);
        switch (instruction.group) {
            case GLOBAL_LOAD, ASYNC_COPY -> globalLoad = globalLoad.plus(traffic);
            case GLOBAL_STORE -> globalStore = globalStore.plus(traffic);
            case SHARED_LOAD, SHARED_STORE, MATRIX_LOAD -> shared = shared.plus(traffic);
            default -> {}
        }
    }

    private static MemoryTraffic traffic(Counters counters, int pc) {
        return new MemoryTraffic(counters.asked[pc], counters.moved[pc], counters.ideal[pc]);
    }

    private static List<LineCost> lines(Kernel kernel, Counters counters) {
        var lines = new ArrayList<LineCost>();
        for (Instruction instruction : kernel.code()) {
            int pc = instruction.pc;
            if (counters.warps[pc] > 0) {
                lines.add(new LineCost(
                        instruction.statement.line(),
                        kernel.program().lines.line(instruction.statement.source()),
                        instruction.statement.text(),
                        instruction.group,
                        counters.warps[pc],
                        counters.lanes[pc],
                        traffic(counters, pc)));
            }
        }
        return lines;
    }

    /** The kernel's name; of several, their names joined by a plus. */
    public String kernel() {
        return kernel;
    }

    /** How many blocks ran. */
    public long blocks() {
        return blocks;
    }

    /** Threads of a block, the most of any launch. */
    public int threadsPerBlock() {
        return threadsPerBlock;
    }

    /** Bytes of shared memory of a block, static and dynamic, the most of any launch. */
    public int sharedBytes() {
        return sharedBytes;
    }

    /** Instructions by class, one for all lanes of a warp. */
    public Map<InstructionClass, Long> warpInstructions() {
        return Collections.unmodifiableMap(warpInstructions);
    }

    /** Instructions of one class, one for all lanes of a warp. */
    public long warpInstructions(InstructionClass of) {
        return warpInstructions.getOrDefault(of, 0L);
    }

    /** Instructions by class, one for each lane that took part. */
    public Map<InstructionClass, Long> threadInstructions() {
        return Collections.unmodifiableMap(threadInstructions);
    }

    /** Instructions of warps in all. */
    public long warpInstructionCount() {
        return warpInstructions.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Instructions of threads in all. */
    public long threadInstructionCount() {
        return threadInstructions.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Additions and products of floating-point numbers; a fused one counts two, a matrix product its 2·M·N·K. */
    public long flops() {
        return flops;
    }

    /** Loads from global memory, asynchronous copies included, in sectors of 32 bytes. */
    public MemoryTraffic globalLoad() {
        return globalLoad;
    }

    /** Stores to global memory, in sectors of 32 bytes. */
    public MemoryTraffic globalStore() {
        return globalStore;
    }

    /** Loads from and stores to shared memory, matrix loads included, in wavefronts of 32 banks of 4 bytes. */
    public MemoryTraffic shared() {
        return shared;
    }

    /** How often the threads of a block met at a barrier, summed over blocks. */
    public long barriers() {
        return barriers;
    }

    /** Branches that parted the lanes of a warp. */
    public long divergences() {
        return divergences;
    }

    /** What each PTX line has cost, in the order of the text; empty for several launches together. */
    public List<LineCost> hotSpots() {
        return hotSpots.get();
    }

    /** What was found; always empty unless {@link PtxOptions#collecting}, since a finding is thrown otherwise. */
    public List<PtxFinding> findings() {
        return findings;
    }

    /** Both together. */
    public LaunchReport plus(LaunchReport other) {
        return new LaunchReport(this, other);
    }

    @Override
    public String toString() {
        return "%s: %d blocks of %d threads, %d warp instructions, %d flops, %d bytes loaded and %d stored"
                .formatted(
                        kernel,
                        blocks,
                        threadsPerBlock,
                        warpInstructionCount(),
                        flops,
                        globalLoad.bytesMoved(),
                        globalStore.bytesMoved());
    }
}
