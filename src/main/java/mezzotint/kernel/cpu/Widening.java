package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;
import mezzotint.tensor.DType;

/**
 * Widens rows of 16-bit weights to float32, a few at a time, into memory that stays in a worker's cache: what packs and
 * multiplies float32 then reads them as if they had been stored so.
 */
final class Widening {
    private static final int SLOT = 3;

    private final CpuScratch scratch;
    private final CpuPointwise.Loops loops;

    Widening(CpuResources resources) {
        scratch = resources.scratch();
        loops = CpuPointwise.Loops.of(resources);
    }

    /** Whether {@link #rows} takes an operand: 16 bits an element, side by side along the depth. */
    static boolean takes(Operand x) {
        return !x.isFloat32() && x.depthBytes() == 2;
    }

    /** Some lanes and a part of their depth as float32, until the worker's next call; {@code lane} is lane 0 of the result. */
    Operand rows(int worker, Operand x, int lane, int count, int depth0, int depth) {
        int present = Math.clamp(x.lanes() - lane, 0, count);
        long rowBytes = (4L * depth + 63) / 64 * 64 + 64; // an odd number of lines: no two rows fall into one set
        long to = scratch.worker(worker, SLOT, Math.max(64, rowBytes * count));
        for (int i = 0; i < present; i++) {
            widen(to + i * rowBytes, x.at(lane + i, depth0), depth, x.dtype());
        }
        return new Operand(to, rowBytes, 4, present, DType.F32);
    }

    private void widen(long target, long source, int count, DType dtype) {
        CpuMemory.check(source, 2L * count);
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
