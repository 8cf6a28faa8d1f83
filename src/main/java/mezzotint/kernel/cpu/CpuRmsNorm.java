package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static mezzotint.kernel.cpu.CpuMemory.ALL;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** RMS normalisation on the CPU: rows in pieces, gradients of the scale summed per piece and then in the pieces' order. */
final class CpuRmsNorm implements Kernels.RmsNorm {
    private static final int PARTIAL_SLOT = 0;
    private static final int PIECE_FLOATS = 16_384;

    private final CpuResources resources;

    CpuRmsNorm(CpuResources resources) {
        this.resources = resources;
    }

    @Override
    public void forward(Tensor y, Tensor rstd, Tensor x, Tensor scale, float eps) {
        int n = x.shape().size(0);
        int d = x.shape().size(1);
        int piece = rowsPerPiece(d);
        NormRows rows = NormRows.of(resources.vectors(), d);
        resources.threads().forEach(pieces(n, piece), (worker, chunk) -> {
            int end = Math.min(n, (chunk + 1) * piece);
            for (int row = chunk * piece; row < end; row++) {
                long source = x.address() + 4L * row * d;
                long target = y.address() + 4L * row * d;
                CpuMemory.check(source, 4L * d);
                CpuMemory.check(target, 4L * d);
                float r = rows.reciprocalRms(source, d, eps);
                ALL.set(JAVA_FLOAT_UNALIGNED, rstd.address() + 4L * row, r);
                rows.scale(target, source, r, scale.address(), d);
            }
        });
    }

    @Override
    public void backward(Tensor gradX, Tensor gradScale, Tensor gradY, Tensor x, Tensor rstd, Tensor scale) {
        int n = x.shape().size(0);
        int d = x.shape().size(1);
        int piece = rowsPerPiece(d);
        int pieces = pieces(n, piece);
        NormRows rows = NormRows.of(resources.vectors(), d);
        long partials = gradScale == null ? 0 : resources.scratch().shared(PARTIAL_SLOT, 4L * d * pieces);
        resources.threads().forEach(pieces, (worker, chunk) -> {
            long partial = partials == 0 ? 0 : PartialSums.clear(partials, chunk, d);
            int end = Math.min(n, (chunk + 1) * piece);
            for (int row = chunk * piece; row < end; row++) {
                long offset = 4L * row * d;
                long target = gradX == null ? 0 : gradX.address() + offset;
                CpuMemory.check(gradY.address() + offset, 4L * d);
                float r = ALL.get(JAVA_FLOAT_UNALIGNED, rstd.address() + 4L * row);
                rows.addGradients(
                        target, partial, gradY.address() + offset, x.address() + offset, r, scale.address(), d);
            }
        });
        if (gradScale != null) {
            PartialSums.addInOrder(rows, gradScale, partials, pieces, d);
        }
    }

    /** Depends on the width alone, so that sums have the same order on any number of threads. */
    private static int rowsPerPiece(int d) {
        return Math.max(1, PIECE_FLOATS / Math.max(1, d));
    }

    private static int pieces(int n, int piece) {
        return (n + piece - 1) / piece;
    }
}
