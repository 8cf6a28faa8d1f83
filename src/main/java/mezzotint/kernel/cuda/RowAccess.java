package mezzotint.kernel.cuda;

import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * How a kernel reads rows: a unit of 16 bytes at a time where every row of every tensor starts at a multiple of 16, one
 * element at a time otherwise.
 *
 * @param dtype F32 or BF16
 * @param wide whether a unit is 16 bytes
 */
record RowAccess(DType dtype, boolean wide) {
    private static final int BYTES = 16;
    private static final int SINGLES = 4;

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
        return new RowAccess(dtype, all % BYTES == 0);
    }

    /** The same, but single elements where a row has more than {@code most} units. */
    RowAccess upTo(int most, long width) {
        return wide && units(width) > most ? new RowAccess(dtype, false) : this;
    }

    /** Elements of a unit. */
    int elements() {
        return wide ? BYTES / dtype.bytes() : 1;
    }

    /** Units that hold {@code width} elements. */
    long units(long width) {
        return Math.ceilDiv(width, elements());
    }

    /** Threads for a row: whole warps, one wide unit or four single elements a thread, at most {@code most}. */
    int threads(long width, int most) {
        long wanted = Math.ceilDiv(units(width), wide ? 1 : SINGLES);
        return (int) Math.min(most, Math.ceilDiv(wanted, 32) * 32);
    }

    /** Rows that a block of a forward takes. */
    int forwardRows() {
        return wide ? 4 : 2;
    }

    /** The entry of a kernel for this access. */
    String entry(String kernel) {
        return kernel + (wide ? "" : "_single") + CudaLauncher.suffix(dtype);
    }
}
