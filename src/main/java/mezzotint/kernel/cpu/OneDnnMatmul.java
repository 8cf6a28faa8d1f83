package mezzotint.kernel.cpu;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * Products by oneDNN: rows in slices over our own workers, each slice one single-threaded call.
 *
 * <p>Slices depend on the number of rows alone, so that bits do not depend on the threads.
 */
final class OneDnnMatmul implements Kernels.Matmul {
    private static final int LEFT_SLOT = 0;
    private static final int RIGHT_SLOT = 1;

    private final CpuResources resources;
    private final OneDnnLibrary library;
    private final DType type;
    private final CpuMatmul java;
    private final CpuPointwise.Loops loops;

    /**
     * @param type what both inputs are converted to: F32, or BF16 where {@code library} has that product
     */
    OneDnnMatmul(CpuResources resources, OneDnnLibrary library, DType type) {
        this.resources = resources;
        this.library = library;
        this.type = type;
        java = new CpuMatmul(resources);
        loops = CpuPointwise.Loops.of(resources);
    }

    @Override
    public void multiply(
            Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean accumulate) {
        int n = c.shape().size(c.shape().rank() - 1);
        int m = n == 0 ? 0 : Math.toIntExact(c.shape().elements() / n);
        int k = m == 0 ? 0 : Math.toIntExact(a.shape().elements() / m);
        if (k == 0 || b.dtype() == DType.F16) {
            java.multiply(c, a, b, bias, transposeA, transposeB, accumulate);
            return;
        }
        long left = converted(a, LEFT_SLOT);
        long right = converted(b, RIGHT_SLOT);
        int step = Math.max(64, (m / 8 + 15) / 16 * 16);
        long lda = transposeA ? m : k;
        long ldb = transposeB ? k : n;
        resources.threads().forEach((m + step - 1) / step, (worker, slice) -> {
            long row = (long) slice * step;
            long rows = Math.min(step, m - row);
            long to = c.address() + 4 * n * row;
            CpuMemory.check(to, 4 * n * rows);
            if (bias != null) {
                begin(to, rows, n, bias.address(), accumulate);
            }
            long from = left + type.bytes() * (transposeA ? row : row * k);
            float beta = accumulate || bias != null ? 1 : 0;
            library.multiply(transposeA, transposeB, rows, n, k, from, lda, right, ldb, beta, to, n);
        });
    }

    @Override
    public void columnSums(Tensor sums, Tensor x) {
        java.columnSums(sums, x);
    }

    private void begin(long c, long rows, int n, long bias, boolean accumulate) {
        for (long row = 0; row < rows; row++) {
            if (accumulate) {
                loops.add(c + 4 * n * row, c + 4 * n * row, bias, n);
            } else {
                MemorySegment.copy(CpuMemory.ALL, bias, CpuMemory.ALL, c + 4 * n * row, 4L * n);
            }
        }
    }

    /** Address of the same numbers as {@link #type}. */
    private long converted(Tensor x, int slot) {
        if (x.dtype() == type) {
            return x.address();
        }
        long elements = x.shape().elements();
        long target = resources.scratch().shared(slot, type.bytes() * elements);
        long source = x.address();
        Pieces.forEach(resources.threads(), elements, (from, count) -> {
            if (type == DType.BF16) {
                loops.narrow(target + 2 * from, source + 4 * from, count);
            } else {
                loops.widen(target + 4 * from, source + 2 * from, count);
            }
        });
        return target;
    }
}
