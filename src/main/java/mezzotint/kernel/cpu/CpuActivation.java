package mezzotint.kernel.cpu;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Activation} on the CPU. */
final class CpuActivation implements EncoderKernels.Activation {
    private static final int PARTIAL_SLOT = 0;

    /** The loops over one piece; addresses that are gradients may be 0 where several are. */
    interface Loops {
        void relu(long y, long x, int n);

        void reluBackward(long gradX, long gradY, long x, int n);

        void geluTanh(long y, long x, int n);

        void geluTanhBackward(long gradX, long gradY, long x, int n);

        void quickGelu(long y, long x, int n);

        void quickGeluBackward(long gradX, long gradY, long x, int n);

        void multiply(long y, long a, long b, int n);

        /** <pre>y += a · b</pre> */
        void addProduct(long y, long a, long b, int n);

        /** The loops of this width. */
        static Loops of(CpuResources resources) {
            return resources.vectors() == VectorWidth.PLAIN ? new PlainActivation() : new VectorActivation();
        }
    }

    private final CpuResources resources;
    private final CpuThreads threads;
    private final Loops loops;
    private final ChannelLoops channels;
    private final CpuPointwise.Loops pointwise;

    CpuActivation(CpuResources resources) {
        this.resources = resources;
        threads = resources.threads();
        loops = Loops.of(resources);
        channels = ChannelLoops.of(resources);
        pointwise = CpuPointwise.Loops.of(resources);
    }

    @FunctionalInterface
    private interface Unary {
        void run(long y, long x, int n);
    }

    @FunctionalInterface
    private interface Binary {
        void run(long y, long a, long b, int n);
    }

    private void unary(Tensor y, Tensor x, Unary loop) {
        long yAt = y.address();
        long xAt = x.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + 4 * from, xAt + 4 * from);
            }
            loop.run(yAt + 4 * from, xAt + 4 * from, count);
        });
    }

    private void binary(Tensor y, Tensor a, Tensor b, Binary loop) {
        if (y == null) {
            return;
        }
        long yAt = y.address();
        long aAt = a.address();
        long bAt = b.address();
        Pieces.forEach(threads, y.shape().elements(), (from, count) -> {
            if (CpuMemory.CHECKED) {
                Pieces.check(count, yAt + 4 * from, aAt + 4 * from, bAt + 4 * from);
            }
            loop.run(yAt + 4 * from, aAt + 4 * from, bAt + 4 * from, count);
        });
    }

    @Override
    public void relu(Tensor y, Tensor x) {
        unary(y, x, loops::relu);
    }

    @Override
    public void reluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        binary(gradX, gradY, x, loops::reluBackward);
    }

    @Override
    public void geluTanh(Tensor y, Tensor x) {
        unary(y, x, loops::geluTanh);
    }

    @Override
    public void geluTanhBackward(Tensor gradX, Tensor gradY, Tensor x) {
        binary(gradX, gradY, x, loops::geluTanhBackward);
    }

    @Override
    public void quickGelu(Tensor y, Tensor x) {
        unary(y, x, loops::quickGelu);
    }

    @Override
    public void quickGeluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        binary(gradX, gradY, x, loops::quickGeluBackward);
    }

    @Override
    public void multiply(Tensor y, Tensor a, Tensor b) {
        binary(y, a, b, loops::multiply);
    }

    @Override
    public void multiplyBackward(Tensor gradA, Tensor gradB, Tensor gradY, Tensor a, Tensor b) {
        binary(gradA, gradY, b, loops::addProduct);
        binary(gradB, gradY, a, loops::addProduct);
    }

    @Override
    public void scaleShift(Tensor y, Tensor x, Tensor scale, Tensor shift) {
        int d = x.shape().size(1);
        Pieces.forEachSample(threads, 1, x.shape().size(0), d, (sample, from, count) -> {
            long skip = 4L * from * d;
            Pieces.check((long) count * d, y.address() + skip, x.address() + skip);
            channels.scaleShift(
                    y.address() + skip, x.address() + skip, Pieces.address(scale), Pieces.address(shift), count, d);
        });
    }

    @Override
    public void scaleShiftBackward(
            Tensor gradX, Tensor gradScale, Tensor gradShift, Tensor gradY, Tensor x, Tensor scale) {
        int n = gradY.shape().size(0);
        int d = gradY.shape().size(1);
        if (gradX != null) {
            Pieces.forEachSample(threads, 1, n, d, (sample, from, count) -> {
                for (int row = from; row < from + count; row++) {
                    long into = gradX.address() + 4L * row * d;
                    long grad = gradY.address() + 4L * row * d;
                    Pieces.check(d, into, grad);
                    if (scale == null) {
                        pointwise.add(into, into, grad, d);
                    } else {
                        loops.addProduct(into, grad, scale.address(), d);
                    }
                }
            });
        }
        if (gradScale != null || gradShift != null) {
            addSums(gradScale, gradShift, gradY, x, n, d);
        }
    }

    private void addSums(Tensor gradScale, Tensor gradShift, Tensor gradY, Tensor x, int n, int d) {
        int piece = Math.max(1, Pieces.ELEMENTS / Math.max(1, d));
        int pieces = (n + piece - 1) / piece;
        long row = 16L * d;
        long partials = resources.scratch().shared(PARTIAL_SLOT, row * Math.max(1, pieces));
        threads.forEach(pieces, (worker, chunk) -> {
            long skip = 4L * chunk * piece * d;
            int count = Math.min(piece, n - chunk * piece);
            Pieces.check((long) count * d, gradY.address() + skip, x.address() + skip);
            channels.sums(partials + row * chunk, gradY.address() + skip, x.address() + skip, count, d);
        });
        for (int i = 0; i < d; i++) {
            double sum = 0;
            double products = 0;
            for (int p = 0; p < pieces; p++) {
                sum += Floats.getDouble(partials + row * p, i);
                products += Floats.getDouble(partials + row * p, (long) d + i);
            }
            if (gradShift != null) {
                Floats.add(gradShift.address(), i, (float) sum);
            }
            if (gradScale != null) {
                Floats.add(gradScale.address(), i, (float) products);
            }
        }
    }

    @Override
    public void divideByLast(Tensor y, Tensor x, float eps) {
        int d = y.shape().size(1);
        Pieces.forEachSample(threads, 1, y.shape().size(0), d, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                long source = x.address() + 4L * row * (d + 1);
                long target = y.address() + 4L * row * d;
                Pieces.check(d, target, source);
                pointwise.scale(target, source, (float) (1 / ((double) Floats.get(source, d) + eps)), d);
            }
        });
    }

    @Override
    public void divideByLastBackward(Tensor gradX, Tensor gradY, Tensor x, float eps) {
        if (gradX == null) {
            return;
        }
        int d = gradY.shape().size(1);
        Pieces.forEachSample(threads, 1, gradY.shape().size(0), d, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                long skip = 4L * row * (d + 1);
                long grad = gradY.address() + 4L * row * d;
                Pieces.check(d + 1, gradX.address() + skip, x.address() + skip);
                double divisor = (double) Floats.get(x.address() + skip, d) + eps;
                pointwise.addScaled(gradX.address() + skip, grad, (float) (1 / divisor), d);
                double dot = PlainSoftmax.dot(grad, x.address() + skip, 0, d);
                Floats.add(gradX.address() + skip, d, (float) (-dot / (divisor * divisor)));
            }
        });
    }
}
