package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.Muon} on the CPU; the products around it take far longer, so plain loops do. */
final class CpuMuon implements Kernels.Muon {
    private final CpuThreads threads;

    CpuMuon(CpuResources resources) {
        threads = resources.threads();
    }

    @Override
    public void momentum(
            Tensor update, Tensor momentum, Tensor gradient, double beta, boolean nesterov, double gradientScale) {
        long updateAt = update.address();
        long momentumAt = momentum.address();
        long gradientAt = gradient.address();
        float keep = (float) beta;
        float take = (float) (1 - beta);
        float scale = (float) gradientScale;
        Pieces.forEach(threads, update.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, updateAt + 4 * from, momentumAt + 4 * from, gradientAt + 4 * from);
            }
            for (long i = from; i < from + count; i++) {
                float fresh = take * (Floats.get(gradientAt, i) * scale);
                float m = keep * Floats.get(momentumAt, i) + fresh;
                Floats.set(momentumAt, i, m);
                Floats.set(updateAt, i, nesterov ? keep * m + fresh : m);
            }
        });
    }

    @Override
    public void normalize(Tensor y, Tensor x, Tensor sumOfSquares, int slot, double eps) {
        CpuMemory.check(sumOfSquares.address() + 8L * slot, 8);
        float factor = (float) (1 / (Math.sqrt(Floats.getDouble(sumOfSquares.address(), slot)) + eps));
        long yAt = y.address();
        long xAt = x.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + 4 * from, xAt + 4 * from);
            }
            for (long i = from; i < from + count; i++) {
                Floats.set(yAt, i, factor * Floats.get(xAt, i));
            }
        });
    }

    @Override
    public void combine(Tensor y, Tensor x, Tensor z, float a, float b) {
        long yAt = y.address();
        long xAt = x.address();
        long zAt = z.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + 4 * from, xAt + 4 * from, zAt + 4 * from);
            }
            for (long i = from; i < from + count; i++) {
                Floats.set(yAt, i, a * Floats.get(xAt, i) + b * Floats.get(zAt, i));
            }
        });
    }

    @Override
    public void step(Tensor value, Tensor direction, double learningRate, double scale, double weightDecay) {
        combine(value, value, direction, (float) (1 - learningRate * weightDecay), (float) (-learningRate * scale));
    }
}
