package mezzotint.ptx;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a launch did, or several together.
 *
 * @param kernel its name; of several, names joined by a plus
 * @param blocks how many ran
 * @param threadsPerBlock the most threads of a block
 * @param warpInstructions instructions by class, one for all lanes of a warp
 * @param threadInstructions the same, one for each lane that took part
 * @param flops additions and products of floating-point numbers; a fused one counts two
 * @param globalLoad traffic of loads from global memory, asynchronous copies included
 * @param globalStore traffic of stores to global memory
 * @param shared traffic of shared memory, loads and stores, matrix loads included; counted in wavefronts
 * @param barriers how often a block's threads met
 * @param divergences branches that parted the lanes of a warp
 * @param sharedBytes shared memory of a block
 * @param hotSpots what each PTX line has cost, in the order of the text; empty for several launches together
 * @param findings what was found, where findings are collected
 */
public record LaunchReport(
        String kernel,
        long blocks,
        int threadsPerBlock,
        Map<InstructionClass, Long> warpInstructions,
        Map<InstructionClass, Long> threadInstructions,
        long flops,
        MemoryTraffic globalLoad,
        MemoryTraffic globalStore,
        MemoryTraffic shared,
        long barriers,
        long divergences,
        int sharedBytes,
        List<LineCost> hotSpots,
        List<PtxFinding> findings) {

    static LaunchReport of(Launch launch, Counters counters, List<PtxFinding> findings) {
        Kernel kernel = launch.kernel();
        var warps = new EnumMap<InstructionClass, Long>(InstructionClass.class);
        var threads = new EnumMap<InstructionClass, Long>(InstructionClass.class);
        var load = MemoryTraffic.NONE;
        var store = MemoryTraffic.NONE;
        var shared = MemoryTraffic.NONE;
        var lines = new ArrayList<LineCost>();
        long flops = 0;
        for (Instruction instruction : kernel.code()) {
            int pc = instruction.pc;
            if (counters.warps[pc] == 0) {
                continue;
            }
            warps.merge(instruction.group, counters.warps[pc], Long::sum);
            threads.merge(instruction.group, counters.lanes[pc], Long::sum);
            flops += counters.lanes[pc] * instruction.flops;
            var traffic = new MemoryTraffic(counters.asked[pc], counters.moved[pc], counters.ideal[pc]);
            switch (instruction.group) {
                case GLOBAL_LOAD, ASYNC_COPY -> load = load.plus(traffic);
                case GLOBAL_STORE -> store = store.plus(traffic);
                case SHARED_LOAD, SHARED_STORE, MATRIX_LOAD -> shared = shared.plus(traffic);
                default -> {}
            }
            lines.add(new LineCost(
                    instruction.statement.line(),
                    kernel.program().lines.line(instruction.statement.source()),
                    instruction.statement.text(),
                    instruction.group,
                    counters.warps[pc],
                    counters.lanes[pc],
                    traffic));
        }
        return new LaunchReport(
                kernel.name(),
                launch.grid().blocks(),
                launch.grid().threads(),
                warps,
                threads,
                flops,
                load,
                store,
                shared,
                counters.barriers,
                counters.divergences,
                launch.sharedBytes(),
                List.copyOf(lines),
                List.copyOf(findings));
    }

    /** Instructions of warps in all. */
    public long warpInstructionCount() {
        return warpInstructions.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Instructions of threads in all. */
    public long threadInstructionCount() {
        return threadInstructions.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Instructions of one class, one for all lanes of a warp. */
    public long warpInstructions(InstructionClass of) {
        return warpInstructions.getOrDefault(of, 0L);
    }

    /** Both launches together. */
    public LaunchReport plus(LaunchReport other) {
        var findingsOfBoth = new ArrayList<>(findings);
        findingsOfBoth.addAll(other.findings);
        return new LaunchReport(
                kernel.equals(other.kernel) ? kernel : kernel + "+" + other.kernel,
                blocks + other.blocks,
                Math.max(threadsPerBlock, other.threadsPerBlock),
                sum(warpInstructions, other.warpInstructions),
                sum(threadInstructions, other.threadInstructions),
                flops + other.flops,
                globalLoad.plus(other.globalLoad),
                globalStore.plus(other.globalStore),
                shared.plus(other.shared),
                barriers + other.barriers,
                divergences + other.divergences,
                Math.max(sharedBytes, other.sharedBytes),
                List.of(),
                List.copyOf(findingsOfBoth));
    }

    private static Map<InstructionClass, Long> sum(Map<InstructionClass, Long> a, Map<InstructionClass, Long> b) {
        var sum = new EnumMap<InstructionClass, Long>(InstructionClass.class);
        sum.putAll(a);
        b.forEach((group, count) -> sum.merge(group, count, Long::sum));
        return sum;
    }
}
