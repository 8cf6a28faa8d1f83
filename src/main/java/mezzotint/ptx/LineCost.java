package mezzotint.ptx;

/**
 * What one instruction has cost in a launch.
 *
 * @param line of the PTX text, from 1
 * @param source {@code file:line}, or the empty word
 * @param instruction as written
 * @param warps how often a warp ran it
 * @param threads how often a thread did
 * @param traffic of its memory accesses
 */
public record LineCost(
        int line,
        String source,
        String instruction,
        InstructionClass group,
        long warps,
        long threads,
        MemoryTraffic traffic) {}
