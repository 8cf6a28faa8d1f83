package mezzotint.kernel.cpu;

import mezzotint.kernel.AdamWFactors;
import mezzotint.kernel.AdamWStep;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.Update} on the CPU. */
final class CpuUpdate implements Kernels.Update {
    private static final int SCRATCH = 0;

    /** The loops over one piece. */
    interface Loops {
        void adamW(long value, long firstMoment, long secondMoment, long gradient, AdamWFactors factors, int n);

        /** average = keep · average + take · value */
        void average(long average, long value, float keep, float take, int n);

        /** Σ x² in float64. */
        double sumOfSquares(long x, int n);
    }

    private final CpuThreads threads;
    private final CpuScratch scratch;
    private final Loops loops;

    CpuUpdate(CpuResources resources) {
        threads = resources.threads();
        scratch = resources.scratch();
        loops = resources.vectors() == VectorWidth.PLAIN ? new PlainUpdate() : new VectorUpdate();
    }

    @Override
    public void adamW(Tensor value, Tensor firstMoment, Tensor secondMoment, Tensor gradient, AdamWStep step) {
        AdamWFactors factors = AdamWFactors.of(step);
        long valueAt = value.address();
        long firstAt = firstMoment.address();
        long secondAt = secondMoment.address();
        long gradientAt = gradient.address();
        Pieces.forEach(threads, value.shape().elements(), (from, count) -> {
            long skip = 4 * from;
            if (CpuMemory.CHECKED) {
                Pieces.check(count, valueAt + skip, firstAt + skip, secondAt + skip, gradientAt + skip);
            }
            loops.adamW(valueAt + skip, firstAt + skip, secondAt + skip, gradientAt + skip, factors, count);
        });
    }

    @Override
    public void movingAverage(Tensor average, Tensor value, double smoothing) {
        long averageAt = average.address();
        long valueAt = value.address();
        Pieces.forEach(threads, average.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, averageAt + 4 * from, valueAt + 4 * from);
            }
            loops.average(averageAt + 4 * from, valueAt + 4 * from, (float) smoothing, (float) (1 - smoothing), count);
        });
    }

    @Override
    public void sumOfSquares(Tensor result, int slot, Tensor x) {
        long elements = x.shape().elements();
        int pieces = Pieces.count(elements);
        long sums = scratch.shared(SCRATCH, 8L * pieces);
        long xAt = x.address();
        Pieces.forEach(threads, elements, (from, count) -> {
            CpuMemory.check(xAt + 4 * from, 4L * count);
            Floats.setDouble(sums, from / Pieces.ELEMENTS, loops.sumOfSquares(xAt + 4 * from, count));
        });
        double sum = 0;
        for (int piece = 0; piece < pieces; piece++) {
            sum += Floats.getDouble(sums, piece);
        }
        CpuMemory.check(result.address() + 8L * slot, 8);
        Floats.setDouble(result.address(), slot, sum);
    }
}
