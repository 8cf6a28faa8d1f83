package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Layout} on the CPU: the result in order, its last axis a run of a fixed stride. */
final class CpuLayout implements EncoderKernels.Layout {
    private final CpuThreads threads;
    private final CpuPointwise.Loops loops;

    CpuLayout(CpuResources resources) {
        threads = resources.threads();
        loops = CpuPointwise.Loops.of(resources);
    }

    @Override
    public void permute(Tensor y, Tensor x, long[] dims, int[] order, boolean accumulate) {
        int rank = dims.length;
        long[] strides = new long[rank];
        long[] sizes = new long[rank];
        long[] inX = new long[rank];
        long stride = 1;
        for (int i = rank - 1; i >= 0; i--) {
            inX[i] = stride;
            stride *= dims[i];
        }
        for (int i = 0; i < rank; i++) {
            sizes[i] = dims[order[i]];
            strides[i] = inX[order[i]];
        }
        int last = rank == 0 ? 1 : Math.toIntExact(sizes[rank - 1]);
        if (stride == 0) {
            return;
        }
        long step = rank == 0 ? 1 : strides[rank - 1];
        int runs = Math.toIntExact(stride / last);
        Pieces.forEachSample(threads, 1, runs, last, (sample, from, count) -> {
            for (int run = from; run < from + count; run++) {
                long offset = 0;
                long rest = run;
                for (int axis = rank - 2; axis >= 0; axis--) {
                    offset += rest % sizes[axis] * strides[axis];
                    rest /= sizes[axis];
                }
                move(y.address() + 4L * run * last, x.address() + 4 * offset, step, last, accumulate);
            }
        });
    }

    private void move(long to, long from, long step, int n, boolean accumulate) {
        if (CpuMemory.CHECKED) {
            Pieces.check(n, to);
            Pieces.check((n - 1) * step + 1, from);
        }
        if (step == 1 && accumulate) {
            loops.add(to, to, from, n);
        } else if (step == 1) {
            MemorySegment.copy(CpuMemory.ALL, from, CpuMemory.ALL, to, 4L * n);
        } else {
            for (int i = 0; i < n; i++) {
                float value = Floats.get(from, i * step);
                Floats.set(to, i, accumulate ? Floats.get(to, i) + value : value);
            }
        }
    }
}
