package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;
import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Softmax} on the CPU, row by row. */
final class CpuSoftmax implements EncoderKernels.Softmax {
    private final CpuResources resources;

    CpuSoftmax(CpuResources resources) {
        this.resources = resources;
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor mask, float scale) {
        int heads = x.shape().size(1);
        int queries = x.shape().size(2);
        int keys = x.shape().size(3);
        int rows = Math.toIntExact(x.shape().rows());
        Pieces.forEachSample(resources.threads(), 1, rows, keys, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                long skip = 4L * row * keys;
                Pieces.check(keys, y.address() + skip, x.address() + skip);
                long maskRow = (long) (row / (heads * queries)) * queries + row % queries;
                long seen = mask == null ? 0 : mask.address() + maskRow * keys;
                row(y.address() + skip, x.address() + skip, seen, keys, scale);
            }
        });
    }

    private static void row(long y, long x, long mask, int keys, float scale) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < keys; i++) {
            if (isSeen(mask, i)) {
                max = Math.max(max, (double) scale * Floats.get(x, i));
            }
        }
        double sum = 0;
        for (int i = 0; i < keys; i++) {
            double e = isSeen(mask, i) ? Math.exp((double) scale * Floats.get(x, i) - max) : 0;
            sum += e;
            Floats.set(y, i, (float) e);
        }
        double factor = sum == 0 ? 0 : 1 / sum;
        for (int i = 0; i < keys; i++) {
            Floats.set(y, i, (float) (Floats.get(y, i) * factor));
        }
    }

    private static boolean isSeen(long mask, int i) {
        return mask == 0 || CpuMemory.ALL.get(ValueLayout.JAVA_BYTE, mask + i) != 0;
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Tensor y, float scale) {
        if (gradX == null) {
            return;
        }
        int keys = y.shape().size(3);
        int rows = Math.toIntExact(y.shape().rows());
        Pieces.forEachSample(resources.threads(), 1, rows, keys, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                long skip = 4L * row * keys;
                Pieces.check(keys, gradX.address() + skip, gradY.address() + skip, y.address() + skip);
                double dot = 0;
                for (int i = 0; i < keys; i++) {
                    dot += (double) Floats.get(gradY.address() + skip, i) * Floats.get(y.address() + skip, i);
                }
                for (int i = 0; i < keys; i++) {
                    double slope = scale * (Floats.get(gradY.address() + skip, i) - dot);
                    Floats.add(gradX.address() + skip, i, (float) (slope * Floats.get(y.address() + skip, i)));
                }
            }
        });
    }
}
