package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mezzotint.tensor.DType;

/**
 * Copies of a few rows of an operand in memory that stays in a worker's cache, as float32: main memory gives whole rows in order
 * three times as fast as a transpose asks for their pieces, and 16-bit weights are widened once.
 */
final class NearRows {
    private static final int SLOT = 3;

    private final CpuScratch scratch;
    private final CpuPointwise.Loops loops;

    NearRows(CpuResources resources) {
        scratch = resources.scratch();
        loops = CpuPointwise.Loops.of(resources);
    }

    /** Whether {@link #of} takes an operand: its elements lie side by side along the depth. */
    static boolean takes(Operand x) {
        return x.depthBytes() == x.dtype().bytes();
    }

    /** Some lanes and a part of their depth as float32, until the worker's next call; {@code lane} is lane 0 of the result. */
    Operand of(int worker, Operand x, int lane, int count, int depth0, int depth) {
        int present = Math.clamp(x.lanes() - lane, 0, count);
        long rowBytes = (4L * depth + 63) / 64 * 64 + 64; // an odd number of lines: no two rows fall into one set
        long to = scratch.worker(worker, SLOT, Math.max(64, rowBytes * count));
        for (int i = 0; i < present; i++) {
            copy(to + i * rowBytes, x.at(lane + i, depth0), depth, x.dtype());
        }
        return new Operand(to, rowBytes, 4, present, DType.F32);
    }

    private void copy(long target, long source, int count, DType dtype) {
        if (count == 0) {
            return; // there may be no memory to look up
        }
        CpuMemory.check(source, (long) dtype.bytes() * count);
        if (dtype == DType.F32) {
            MemorySegment.copy(CpuMemory.ALL, source, CpuMemory.ALL, target, 4L * count);
            return;
        }
        if (dtype == DType.BF16) {
            loops.widen(target, source, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            short bits = CpuMemory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, source + 2L * i);
            Floats.set(target, i, Float.float16ToFloat(bits));
        }
    }
}
