package mezzotint.kernel.cuda;

import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * How a kernel reads rows: units of 16 bytes where every row of every tensor starts at a multiple of 16, single elements
 * otherwise.
 *
 * @param dtype F32 or BF16
 * @param wide whether a unit is 16 bytes
 * @param items units of a row that a thread keeps, as the kernels have it
 */
record RowAccess(DType dtype, boolean wide, int items) {
    private static final int BYTES = 16;
    private static final int SINGLES = 4;
    private static final int WARP = 32;

    /**
     * The widest access that the layout allows.
     *
     * @param starts elements at which rows start within their tensors, all in one by a bitwise or: widths and offsets
     * @param tensors all that are read by units; null where a tensor is not there
     */
    static RowAccess of(DType dtype, long starts, Tensor... tensors) {
        long all = starts * dtype.bytes();
        for (Tensor tensor : tensors) {
            all |= tensor == null ? 0 : tensor.address();
        }
        return new RowAccess(dtype, all % BYTES == 0, 1);
    }

    /**
     * The access of a forward in which a block has a row of {@code width} elements.
     *
     * @param most threads of a block in the wide form
     */
    static RowAccess forward(DType dtype, int width, int most, Tensor... tensors) {
        return of(dtype, width, tensors).keeping(SINGLES / dtype.bytes()).within(width, most);
    }

    /** The same of a backward. */
    static RowAccess backward(DType dtype, int width, int most, Tensor... tensors) {
        return of(dtype, width, tensors).keeping(1).within(width, most);
    }

    private RowAccess keeping(int wideItems) {
        return new RowAccess(dtype, wide, wide ? wideItems : SINGLES);
    }

    /** The same, but single elements where a row of {@code width} elements is more than {@code most} threads keep. */
    RowAccess within(int width, int most) {
        return wide && units(width) > (long) most * items ? new RowAccess(dtype, false, SINGLES) : this;
    }

    /** Elements of a unit. */
    int elements() {
        return wide ? BYTES / dtype.bytes() : 1;
    }

    /** Units that hold {@code width} elements. */
    long units(long width) {
        return Math.ceilDiv(width, elements());
    }

    /** Rows that a block of a forward takes. */
    int rows() {
        return wide ? 4 : 2;
    }

    /**
     * Threads for a row, whole warps.
     *
     * @param mostSingle for single elements; wide units have all a place
     */
    int threads(int width, int mostSingle) {
        int threads = WARP * (int) Math.ceilDiv(units(width), (long) WARP * items);
        return wide ? threads : Math.min(mostSingle, threads);
    }

    /** The entry of a kernel for this access. */
    String entry(String kernel) {
        return kernel + (wide ? "" : "_single") + CudaLauncher.suffix(dtype);
    }
}
