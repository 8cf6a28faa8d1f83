package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;
import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Softmax} on the CPU, row by row. */
final class CpuSoftmax implements EncoderKernels.Softmax {
    /** The loops over one row. */
    interface Loops {
        /** {@code mask} is a row of numbers that are not 0 where a key may be seen, or address 0. */
        void forward(long y, long x, long mask, int keys, float scale);

        void backward(long gradX, long gradY, long y, int keys, float scale);

        /** The loops of this width. */
        static Loops of(CpuResources resources) {
            return resources.vectors() == VectorWidth.PLAIN ? new PlainSoftmax() : new VectorSoftmax();
        }
    }

    private static final int MASK_SLOT = 0;

    private final CpuThreads threads;
    private final CpuScratch scratch;
    private final Loops loops;

    CpuSoftmax(CpuResources resources) {
        threads = resources.threads();
        scratch = resources.scratch();
        loops = Loops.of(resources);
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor mask, float scale) {
        int queries = x.shape().size(2);
        int perSample = x.shape().size(1) * queries;
        int keys = x.shape().size(3);
        int rows = Math.toIntExact(x.shape().rows());
        int piece = Math.max(1, Pieces.ELEMENTS / Math.max(1, keys));
        threads.forEach((rows + piece - 1) / piece, (worker, chunk) -> {
            long seen = mask == null ? 0 : scratch.worker(worker, MASK_SLOT, 4L * keys);
            for (int row = chunk * piece; row < Math.min(rows, (chunk + 1) * piece); row++) {
                long skip = 4L * row * keys;
                Pieces.check(keys, y.address() + skip, x.address() + skip);
                if (mask != null) {
                    long maskRow = (long) (row / perSample) * queries + row % queries;
                    widen(seen, mask.address() + maskRow * keys, keys);
                }
                loops.forward(y.address() + skip, x.address() + skip, seen, keys, scale);
            }
        });
    }

    /** Bytes to floats. */
    private static void widen(long to, long bytes, int n) {
        CpuMemory.check(bytes, n);
        for (int i = 0; i < n; i++) {
            Floats.set(to, i, CpuMemory.ALL.get(ValueLayout.JAVA_BYTE, bytes + i));
        }
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Tensor y, float scale) {
        if (gradX == null) {
            return;
        }
        int keys = y.shape().size(3);
        Pieces.forEachSample(threads, 1, Math.toIntExact(y.shape().rows()), keys, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                long skip = 4L * row * keys;
                Pieces.check(keys, gradX.address() + skip, gradY.address() + skip, y.address() + skip);
                loops.backward(gradX.address() + skip, gradY.address() + skip, y.address() + skip, keys, scale);
            }
        });
    }
}
