package mezzotint.kernel.cuda;

import mezzotint.tensor.DType;

/**
 * A matrix product in cuBLAS's own terms: column-major, c = op(left) · op(right) + beta · c.
 *
 * @param rows of c, and of op(left)
 * @param columns of c, and of op(right)
 * @param depth columns of op(left), and rows of op(right)
 * @param left first factor
 * @param right second factor, of the same element type
 * @param c result, never transposed
 * @param beta 0, where the old c is not read, or 1
 */
record CublasProduct(int rows, int columns, int depth, Operand left, Operand right, Operand c, float beta) {
    private static final int CUDA_R_32F = 0;
    private static final int CUDA_R_16BF = 14;

    /**
     * A matrix in device memory.
     *
     * @param address of its first element
     * @param type F32 or BF16
     * @param transposed whether op is the transpose
     * @param leading elements from one column to the next
     */
    record Operand(long address, DType type, boolean transposed, int leading) {
        /** CUDA's number for the type. */
        int cudaType() {
            return type == DType.BF16 ? CUDA_R_16BF : CUDA_R_32F;
        }

        /** cuBLAS's number for the operation: 0 as it is, 1 transposed. */
        int operation() {
            return transposed ? 1 : 0;
        }
    }

    /** For messages. */
    String sizes() {
        return "(%d × %d) · (%d × %d) of %s into %s"
                .formatted(columns, depth, depth, rows, left.type(), c.type()); // row-major, as the caller sees it
    }
}
