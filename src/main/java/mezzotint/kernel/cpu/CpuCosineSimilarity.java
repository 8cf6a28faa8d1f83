package mezzotint.kernel.cpu;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.CosineSimilarity} on the CPU: a row at a time, sums in float64. */
final class CpuCosineSimilarity implements Kernels.CosineSimilarity {
    private final CpuThreads threads;

    CpuCosineSimilarity(CpuResources resources) {
        threads = resources.threads();
    }

    @Override
    public void forward(Tensor similarity, Tensor x, Tensor y, float eps) {
        int d = x.shape().size(1);
        long similarityAt = similarity.address();
        forEachRow(x, y, row -> {
            long skip = 4L * row * d;
            Angle angle = Angle.of(x.address() + skip, y.address() + skip, d, eps);
            CpuMemory.check(similarityAt + 4L * row, 4);
            Floats.set(similarityAt, row, (float) angle.similarity());
        });
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Tensor gradSimilarity, Tensor x, Tensor y, float eps) {
        int d = x.shape().size(1);
        forEachRow(x, y, row -> {
            long skip = 4L * row * d;
            long xAt = x.address() + skip;
            long yAt = y.address() + skip;
            Angle angle = Angle.of(xAt, yAt, d, eps);
            CpuMemory.check(gradSimilarity.address() + 4L * row, 4);
            double across = Floats.get(gradSimilarity.address(), row) / (angle.lengthX * angle.lengthY);
            if (gradX != null) {
                add(gradX.address() + skip, yAt, across, xAt, angle.along(across, angle.lengthX, eps), d);
            }
            if (gradY != null) {
                add(gradY.address() + skip, xAt, across, yAt, angle.along(across, angle.lengthY, eps), d);
            }
        });
    }

    /** grad += across · other − along · self */
    private static void add(long grad, long other, double across, long self, double along, int d) {
        CpuMemory.check(grad, 4L * d);
        for (int i = 0; i < d; i++) {
            Floats.add(grad, i, (float) (across * Floats.get(other, i) - along * Floats.get(self, i)));
        }
    }

    /**
     * Two rows.
     *
     * @param product x·y
     * @param lengthX max(|x|, eps), like lengthY
     */
    private record Angle(double product, double lengthX, double lengthY) {
        static Angle of(long x, long y, int d, float eps) {
            double xx = 0;
            double yy = 0;
            double xy = 0;
            for (int i = 0; i < d; i++) {
                double a = Floats.get(x, i);
                double b = Floats.get(y, i);
                xx += a * a;
                yy += b * b;
                xy += a * b;
            }
            return new Angle(xy, Math.max(Math.sqrt(xx), eps), Math.max(Math.sqrt(yy), eps));
        }

        double similarity() {
            return product / (lengthX * lengthY);
        }

        /** What of the row itself is taken off the gradient; nothing where its length is clamped, and so constant. */
        double along(double across, double length, float eps) {
            return length > eps ? across * product / (length * length) : 0;
        }
    }

    @FunctionalInterface
    private interface Row {
        void run(int row);
    }

    private void forEachRow(Tensor x, Tensor y, Row body) {
        int rows = x.shape().size(0);
        int d = x.shape().size(1);
        Pieces.forEachSample(threads, 1, rows, d, (sample, from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check((long) count * d, x.address() + 4L * from * d, y.address() + 4L * from * d);
            }
            for (int row = from; row < from + count; row++) {
                body.run(row);
            }
        });
    }
}
