package mezzotint.kernel.cpu;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** Layer normalisation on the CPU: rows in pieces, gradients of scale and shift summed by piece, then in the pieces' order. */
final class CpuLayerNorm implements EncoderKernels.LayerNorm {
    private static final int PARTIAL_SLOT = 0;

    /** The loops over {@code rows} rows of d, of which mean and rstd hold one float each. */
    interface Loops {
        void forward(long y, long mean, long rstd, long x, long scale, long shift, int rows, int d, float eps);

        /** Adds; {@code scaleSums} and {@code shiftSums} (d) are always there, {@code gradX} may be 0. */
        void backward(
                long gradX,
                long scaleSums,
                long shiftSums,
                long gradY,
                long x,
                long mean,
                long rstd,
                long scale,
                int rows,
                int d);

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
            long skip = 4L * from * d;
            Pieces.check((long) count * d, y.address() + skip, x.address() + skip);
            loops.forward(
                    y.address() + skip,
                    mean.address() + 4L * from,
                    rstd.address() + 4L * from,
                    x.address() + skip,
                    scale.address(),
                    shift.address(),
                    count,
                    d,
                    eps);
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
            int from = chunk * piece;
            int count = Math.min(piece, n - from);
            long skip = 4L * from * d;
            long into = Pieces.at(Pieces.address(gradX), (long) from * d);
            Pieces.check((long) count * d, into, gradY.address() + skip, x.address() + skip);
            loops.backward(
                    into,
                    sums,
                    sums + 4L * d,
                    gradY.address() + skip,
                    x.address() + skip,
                    mean.address() + 4L * from,
                    rstd.address() + 4L * from,
                    scale.address(),
                    count,
                    d);
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
