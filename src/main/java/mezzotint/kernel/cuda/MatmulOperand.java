package mezzotint.kernel.cuda;

import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/**
 * A factor of a product as it lies in device memory.
 *
 * @param address of its first element
 * @param dtype F32 or BF16
 * @param rows rows in memory
 * @param columns elements of a row
 * @param stride elements from one row to the next, at least {@code columns}
 * @param deepRows whether a row belongs to one step of the depth (else to one row of a or one column of b)
 */
record MatmulOperand(long address, DType dtype, int rows, int columns, int stride, boolean deepRows) {
    private static final int DEEP_ROWS = 8;
    private static final int WIDE = 32;
    private static final int BFLOAT16 = 128;
    private static final int PACK_BYTES = 16;
    private static final int COPY_ROWS = 8;
    private static final int COPY_COLUMNS = 256;

    /** The factor in {@code tensor}, which has {@code rows} rows in memory, at least one. */
    static MatmulOperand of(Tensor tensor, int rows, boolean deepRows) {
        int columns = Math.toIntExact(tensor.shape().elements() / rows);
        return new MatmulOperand(tensor.address(), tensor.dtype(), rows, columns, columns, deepRows);
    }

    /** Whether every row starts at a multiple of 16 bytes. */
    boolean isWide() {
        return address % PACK_BYTES == 0 && (long) stride * dtype.bytes() % PACK_BYTES == 0;
    }

    /** Bytes that {@link #aligned} needs: none where the kernels can read it as it is. */
    long copyBytes() {
        return dtype != DType.BF16 || isWide() ? 0 : rows * 2L * alignedStride();
    }

    /** This, or a copy at {@code target} whose rows start at multiples of 16 bytes and end in zeros. */
    MatmulOperand aligned(CudaLauncher launcher, long target) {
        if (copyBytes() == 0) {
            return this;
        }
        int to = alignedStride();
        int rowBlocks = (int) (((long) rows + COPY_ROWS - 1) / COPY_ROWS);
        int columnBlocks = (int) (((long) to + COPY_COLUMNS - 1) / COPY_COLUMNS);
        launcher.launch(
                "matmul",
                "matmul_align",
                LaunchGrid.of(rowBlocks, columnBlocks, 32 * COPY_ROWS),
                arguments -> arguments
                        .wide(target)
                        .wide(address)
                        .integer(rows)
                        .integer(columns)
                        .integer(to));
        return new MatmulOperand(target, dtype, rows, columns, to, deepRows);
    }

    /** Bits 3, 5 and 7 of the kernels' flags; b's are one higher. */
    int flags() {
        return (deepRows ? DEEP_ROWS : 0) | (isWide() ? WIDE : 0) | (dtype == DType.BF16 ? BFLOAT16 : 0);
    }

    private int alignedStride() {
        int pack = PACK_BYTES / dtype.bytes();
        return Math.multiplyExact((int) (((long) columns + pack - 1) / pack), pack);
    }
}
