package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.AdaLayerNorm} on the CPU: a row is read from memory once; the backward takes a sample at a time. */
final class CpuAdaLayerNorm implements Kernels.AdaLayerNorm {
    private static final int SCRATCH = 0;

    /** The loops over rows of one sample. */
    interface Loops {
        void forward(long y, long mean, long rstd, long x, long shift, long scale, int rows, int d, float eps);

        /**
         * @param gradX 0 when not wanted
         * @param shiftSums (D), added to
         * @param scaleSums (D), added to
         */
        void backward(
                long gradX,
                long shiftSums,
                long scaleSums,
                long gradY,
                long x,
                long mean,
                long rstd,
                long scale,
                int rows,
                int d);

        /** {@code into += sums}, element by element. */
        void add(long into, long sums, int n);
    }

    private final CpuThreads threads;
    private final CpuScratch scratch;
    private final Loops loops;

    CpuAdaLayerNorm(CpuResources resources) {
        threads = resources.threads();
        scratch = resources.scratch();
        loops = resources.vectors() == VectorWidth.PLAIN ? new PlainAdaLayerNorm() : new VectorAdaLayerNorm();
    }

    @Override
    public void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor shift, Tensor scale, float eps) {
        int samples = x.shape().size(0);
        int rows = x.shape().size(1);
        int d = x.shape().size(2);
        long yAt = y.address();
        long meanAt = mean.address();
        long rstdAt = rstd.address();
        long xAt = x.address();
        long shiftAt = shift.address();
        long scaleAt = scale.address();
        Pieces.forEachSample(threads, samples, rows, d, (sample, from, count) -> {
            long row = (long) sample * rows + from;
            long skip = 4 * row * d;
            long condition = 4L * sample * d;
            if (CpuMemory.CHECKED) {
                Pieces.check((long) count * d, yAt + skip, xAt + skip);
                Pieces.check(count, meanAt + 4 * row, rstdAt + 4 * row);
                Pieces.check(d, shiftAt + condition, scaleAt + condition);
            }
            loops.forward(
                    yAt + skip,
                    meanAt + 4 * row,
                    rstdAt + 4 * row,
                    xAt + skip,
                    shiftAt + condition,
                    scaleAt + condition,
                    count,
                    d,
                    eps);
        });
    }

    @Override
    public void backward(
            Tensor gradX,
            Tensor gradShift,
            Tensor gradScale,
            Tensor gradY,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor scale) {
        int rows = x.shape().size(1);
        int d = x.shape().size(2);
        long perSample = (long) rows * d;
        threads.forEach(x.shape().size(0), (worker, sample) -> {
            long sums = scratch.worker(worker, SCRATCH, 8L * d);
            CpuMemory.ALL.asSlice(sums, 8L * d).fill((byte) 0);
            long skip = 4 * perSample * sample;
            long row = 4L * rows * sample;
            long gradXAt = Pieces.at(Pieces.address(gradX), perSample * sample);
            if (CpuMemory.CHECKED) {
                Pieces.check(perSample, gradXAt, gradY.address() + skip, x.address() + skip);
            }
            loops.backward(
                    gradXAt,
                    sums,
                    sums + 4L * d,
                    gradY.address() + skip,
                    x.address() + skip,
                    mean.address() + row,
                    rstd.address() + row,
                    scale.address() + 4L * d * sample,
                    rows,
                    d);
            addTo(gradShift, sample, sums, d);
            addTo(gradScale, sample, sums + 4L * d, d);
        });
    }

    private void addTo(Tensor gradient, int sample, long sums, int d) {
        if (gradient != null) {
            long at = gradient.address() + 4L * d * sample;
            CpuMemory.check(at, 4L * d);
            loops.add(at, sums, d);
        }
    }
}
