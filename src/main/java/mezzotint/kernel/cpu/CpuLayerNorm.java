package mezzotint.kernel.cpu;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** Layer normalisation on the CPU: rows in pieces, gradients of scale and shift summed by piece, then in the pieces' order. */
final class CpuLayerNorm implements EncoderKernels.LayerNorm {
    private static final int PARTIAL_SLOT = 0;

    /** The loops over one row of d. */
    interface Loops {
        /** Writes y and returns nothing; mean and rstd are addresses of one float each. */
        void forward(long y, long mean, long rstd, long x, long scale, long shift, int d, float eps);

        /** Adds; 0 stands for a gradient that is not wanted. */
        void backward(
                long gradX, long gradScale, long gradShift, long gradY, long x, float mean, float rstd, long scale, int d);

        /** The loops of this width. */
        static Loops of(CpuResources resources) {
            return resources.vectors() == VectorWidth.PLAIN ? new PlainLayerNorm() : new VectorLayerNorm();
        }
    }

    private final CpuResources resources;
    private final Loops loops;

    CpuLayerNorm(CpuResources resources) {
        this.resources = resources;
        this.loops = Loops.of(resources);
    }

    @Override
    public void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor scale, Tensor shift, float eps) {
        int n = x.shape().size(0);
        int d = x.shape().size(1);
        Pieces.forEachSample(resources.threads(), 1, n, d, (sample, from, count) -> {
            for (int row = from; row < from + count; row++) {
                long skip = 4L * row * d;
                Pieces.check(d, y.address() + skip, x.address() + skip);
                loops.forward(
                        y.address() + skip,
                        mean.address() + 4L * row,
                        rstd.address() + 4L * row,
                        x.address() + skip,
                        scale.address(),
                        shift.address(),
                        d,
                        eps);
            }
        });
    }

    @Override
    public void backward(
            Tensor gradX,
            Tensor gradScale,
            Tensor gradShift,
            Tensor gradY,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor scale) {
        int n = x.shape().size(0);
        int d = x.shape().size(1);
        int piece = Math.max(1, Pieces.ELEMENTS / Math.max(1, d));
        int pieces = (n + piece - 1) / piece;
        long partials = resources.scratch().shared(PARTIAL_SLOT, 8L * d * Math.max(1, pieces));
        resources.threads().forEach(pieces, (worker, chunk) -> {
            long sums = PartialSums.clear(partials, chunk, 2 * d);
            for (int row = chunk * piece; row < Math.min(n, (chunk + 1) * piece); row++) {
                long skip = 4L * row * d;
                long into = Pieces.at(Pieces.address(gradX), (long) row * d);
                Pieces.check(d, into, gradY.address() + skip, x.address() + skip);
                loops.backward(
                        into,
                        gradScale == null ? 0 : sums,
                        gradShift == null ? 0 : sums + 4L * d,
                        gradY.address() + skip,
                        x.address() + skip,
                        Floats.get(mean.address(), row),
                        Floats.get(rstd.address(), row),
                        scale.address(),
                        d);
            }
        });
        add(gradScale, partials, pieces, d);
        add(gradShift, partials + 4L * d, pieces, d);
    }

    private static void add(Tensor sums, long partials, int pieces, int d) {
        for (int i = 0; i < d && sums != null; i++) {
            float sum = 0;
            for (int piece = 0; piece < pieces; piece++) {
                sum += Floats.get(partials + 8L * d * piece, i);
            }
            Floats.add(sums.address(), i, sum);
        }
    }
}
