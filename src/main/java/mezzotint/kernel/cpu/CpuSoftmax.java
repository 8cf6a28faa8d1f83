package mezzotint.kernel.cpu;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Softmax} on the CPU, row by row. */
final class CpuSoftmax implements EncoderKernels.Softmax {
    /** The loops over one row. */
    interface Loops {
        /** {@code mask} is an address of bytes, 0 for none. */
        void forward(long y, long x, long mask, int keys, float scale);

        void backward(long gradX, long gradY, long y, int keys, float scale);

        /** The loops of this width. */
        static Loops of(CpuResources resources) {
            return resources.vectors() == VectorWidth.PLAIN ? new PlainSoftmax() : new VectorSoftmax();
        }
    }

    private final CpuThreads threads;
    private final Loops loops;

    CpuSoftmax(CpuResources resources) {
        threads = resources.threads();
        loops = Loops.of(resources);
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor mask, float scale) {
        int queries = x.shape().size(2);
        int perSample = x.shape().size(1) * queries;
        int keys = x.shape().size(3);
        Pieces.forEachSample(threads, 1, Math.toIntExact(x.shape().rows()), keys, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                long skip = 4L * row * keys;
                Pieces.check(keys, y.address() + skip, x.address() + skip);
                long maskRow = (long) (row / perSample) * queries + row % queries;
                long seen = mask == null ? 0 : mask.address() + maskRow * keys;
                loops.forward(y.address() + skip, x.address() + skip, seen, keys, scale);
            }
        });
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
