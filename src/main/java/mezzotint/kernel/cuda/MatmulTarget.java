package mezzotint.kernel.cuda;

import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * Where a product goes.
 *
 * @param address of c or of its slices
 * @param bias address of the bias, or 0
 * @param dtype F32 or BF16
 * @param m rows
 * @param n columns
 * @param stride elements from one row to the next, at least {@code n}
 * @param accumulate whether the product is added to what is there
 */
record MatmulTarget(long address, long bias, DType dtype, int m, int n, int stride, boolean accumulate) {
    private static final int ACCUMULATE = 1;
    private static final int BFLOAT16 = 2;
    private static final int WIDE = 4;

    /** The tensor c, (m, n), and a bias or null. */
    static MatmulTarget of(Tensor c, Tensor bias, int m, int n, boolean accumulate) {
        return new MatmulTarget(c.address(), bias == null ? 0 : bias.address(), c.dtype(), m, n, n, accumulate);
    }

    /** Slices of the same extents at {@code scratch}: float32, nothing added. */
    MatmulTarget slices(long scratch) {
        return new MatmulTarget(scratch, 0, DType.F32, m, n, MatmulPlan.stride(n), false);
    }

    /** Whether four neighbours can be read and written at once, of the bias too. */
    boolean isWide() {
        return address % 16 == 0 && bias % 16 == 0 && stride % 4 == 0;
    }

    /** Bits 0 to 2 of the kernels' flags. */
    int flags() {
        return (accumulate ? ACCUMULATE : 0) | (dtype == DType.BF16 ? BFLOAT16 : 0) | (isWide() ? WIDE : 0);
    }
}
