package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.Tensor;

/** {@link Kernels.FlowMatch} on the CPU. */
final class CpuFlowMatch implements Kernels.FlowMatch {
    private static final int SCRATCH = 0;
    private static final int BLOCKS = 1024;

    /** The loops over one piece of one sample. */
    interface Loops {
        /** y = (α x + β z) · γ */
        void combine(long y, long x, long z, float alpha, float beta, float gamma, int n);

        /** y += factor · x */
        void addScaled(long y, long x, float factor, int n);

        /** Σ (a − b)² in float64. */
        double squaredDistance(long a, long b, int n);

        /** grad += factor · (a − b) */
        void addScaledDifference(long grad, long a, long b, float factor, int n);
    }

    private final CpuThreads threads;
    private final CpuScratch scratch;
    private final Loops loops;

    CpuFlowMatch(CpuResources resources) {
        threads = resources.threads();
        scratch = resources.scratch();
        loops = resources.vectors() == VectorWidth.PLAIN ? new PlainFlowMatch() : new VectorFlowMatch();
    }

    @Override
    public void combine(Tensor y, Tensor x, Tensor z, Tensor coefficients) {
        long yAt = y.address();
        long xAt = x.address();
        long zAt = z.address();
        long factors = coefficients.address();
        forEach(y, (sample, skip, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + skip, xAt + skip, zAt + skip);
                Pieces.check(3, factors + 12L * sample);
            }
            float alpha = Floats.get(factors, 3L * sample);
            float beta = Floats.get(factors, 3L * sample + 1);
            float gamma = Floats.get(factors, 3L * sample + 2);
            loops.combine(yAt + skip, xAt + skip, zAt + skip, alpha, beta, gamma, count);
        });
    }

    @Override
    public void combineBackward(Tensor gradX, Tensor gradZ, Tensor gradY, Tensor coefficients) {
        long gradYAt = gradY.address();
        long factors = coefficients.address();
        forEach(gradY, (sample, skip, count) -> {
            float gamma = Floats.get(factors, 3L * sample + 2);
            addScaled(gradX, gradYAt, skip, Floats.get(factors, 3L * sample) * gamma, count);
            addScaled(gradZ, gradYAt, skip, Floats.get(factors, 3L * sample + 1) * gamma, count);
        });
    }

    private void addScaled(Tensor gradient, long gradY, long skip, float factor, int count) {
        if (gradient != null) {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, gradient.address() + skip, gradY + skip);
            }
            loops.addScaled(gradient.address() + skip, gradY + skip, factor, count);
        }
    }

    @Override
    public void meanSquare(Tensor loss, Tensor prediction, Tensor target) {
        int samples = prediction.shape().size(0);
        int elements = elementsOfSample(prediction);
        int pieces = Pieces.count(elements);
        long sums = scratch.shared(SCRATCH, 8L * samples * pieces);
        long predictionAt = prediction.address();
        long targetAt = target.address();
        forEach(prediction, (sample, skip, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, predictionAt + skip, targetAt + skip);
            }
            long piece = (skip / 4 - (long) sample * elements) / Pieces.ELEMENTS;
            double sum = loops.squaredDistance(predictionAt + skip, targetAt + skip, count);
            Floats.setDouble(sums, (long) sample * pieces + piece, sum);
        });
        CpuMemory.check(loss.address(), 4L * samples);
        for (int sample = 0; sample < samples; sample++) {
            double sum = 0;
            for (int piece = 0; piece < pieces; piece++) {
                sum += Floats.getDouble(sums, (long) sample * pieces + piece);
            }
            Floats.set(loss.address(), sample, (float) (sum / elements));
        }
    }

    @Override
    public void meanSquareBackward(Tensor gradPrediction, Tensor gradLoss, Tensor prediction, Tensor target) {
        if (gradPrediction == null) {
            return;
        }
        double twice = 2.0 / elementsOfSample(prediction);
        long gradAt = gradPrediction.address();
        long gradLossAt = gradLoss.address();
        long predictionAt = prediction.address();
        long targetAt = target.address();
        forEach(prediction, (sample, skip, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, gradAt + skip, predictionAt + skip, targetAt + skip);
            }
            float factor = (float) (twice * Floats.get(gradLossAt, sample));
            loops.addScaledDifference(gradAt + skip, predictionAt + skip, targetAt + skip, factor, count);
        });
    }

    @Override
    public void normal(Tensor y, long seed, long stream, long first) {
        long yAt = y.address();
        long end = first + y.shape().elements();
        long firstBlock = first >>> 2;
        long blocks = ((end + 3) >>> 2) - firstBlock;
        threads.forEach(Math.toIntExact((blocks + BLOCKS - 1) / BLOCKS), (worker, chunk) -> {
            long from = firstBlock + (long) chunk * BLOCKS;
            long to = Math.min(from + BLOCKS, firstBlock + blocks);
            if (CpuMemory.CHECKED) {
                long lowest = Math.max(first, 4 * from);
                Pieces.check(Math.min(end, 4 * to) - lowest, yAt + 4 * (lowest - first));
            }
            for (long block = from; block < to; block++) {
                fillBlock(yAt, seed, stream, block, first, end);
            }
        });
    }

    /** The four numbers of one Philox block, or those of them that are asked for. */
    private static void fillBlock(long y, long seed, long stream, long block, long first, long end) {
        int[] words = PhiloxRandom.block(seed, stream, block);
        for (int pair = 0; pair < 4; pair += 2) {
            double radius = PhiloxRandom.radius(words[pair]);
            double angle = PhiloxRandom.angle(words[pair + 1]);
            long index = 4 * block + pair;
            if (index >= first && index < end) {
                Floats.set(y, index - first, (float) (radius * Math.cos(angle)));
            }
            if (index + 1 >= first && index + 1 < end) {
                Floats.set(y, index + 1 - first, (float) (radius * Math.sin(angle)));
            }
        }
    }

    @FunctionalInterface
    private interface Bytes {
        void run(int sample, long skip, int count);
    }

    /** Pieces of the samples of {@code x}, with the bytes before each. */
    private void forEach(Tensor x, Bytes body) {
        int elements = elementsOfSample(x);
        Pieces.forEachSample(
                threads,
                x.shape().size(0),
                elements,
                1,
                (sample, from, count) -> body.run(sample, 4 * ((long) sample * elements + from), count));
    }

    private static int elementsOfSample(Tensor x) {
        return x.shape().dim(0) == 0
                ? 0
                : Math.toIntExact(x.shape().elements() / x.shape().dim(0));
    }
}
