package mezzotint.kernel.cuda;

import java.util.List;

/** The product kernels: block of c that one block of threads computes, and what is known of its speed. */
enum MatmulTile {
    BF16_128X256("matmul_bf16_128x256", 128, 256, 256, 98_304, new Speed(1100, 1, 1)),
    BF16_128X128("matmul_bf16_128x128", 128, 128, 128, 49_152, new Speed(950, 2, 0.65)),
    BF16_64X64("matmul_bf16_64x64", 64, 64, 128, 32_768, new Speed(600, 4, 0.4)),
    F32_128X128("matmul_f32_128x128", 128, 128, 256, 0, new Speed(110, 2, 0.75)),
    F32_64X64("matmul_f32_64x64", 64, 64, 128, 0, new Speed(85, 4, 0.5)),
    MIXED_64X64("matmul_mixed_64x64", 64, 64, 128, 0, new Speed(80, 4, 0.5));

    /**
     * Estimates for an H100, by which tiles are compared.
     *
     * @param multiplyAdds multiply-adds a cycle of a multiprocessor that is full
     * @param residents blocks that fill it
     * @param alone share of the speed that one block by itself reaches, in (0, 1]
     */
    record Speed(int multiplyAdds, int residents, double alone) {}

    private final String kernel;
    private final int rows;
    private final int columns;
    private final int threads;
    private final int sharedBytes;
    private final Speed speed;

    MatmulTile(String kernel, int rows, int columns, int threads, int sharedBytes, Speed speed) {
        this.kernel = kernel;
        this.rows = rows;
        this.columns = columns;
        this.threads = threads;
        this.sharedBytes = sharedBytes;
        this.speed = speed;
    }

    /** Tiles for two bf16 operands, largest first; only the smallest comes with both transposed. */
    static List<MatmulTile> ofBFloat16(boolean bothTransposed) {
        return bothTransposed ? List.of(BF16_64X64) : List.of(BF16_128X256, BF16_128X128, BF16_64X64);
    }

    /** Tiles for two float32 operands, largest first. */
    static List<MatmulTile> ofFloat32() {
        return List.of(F32_128X128, F32_64X64);
    }

    /** Tiles for one float32 and one bf16 operand. */
    static List<MatmulTile> ofMixed() {
        return List.of(MIXED_64X64);
    }

    /** The kernel's entry; those on tensor cores come one to an orientation. */
    String entry(boolean transposeA, boolean transposeB) {
        return ofBFloat16(false).contains(this)
                ? kernel + '_' + (transposeA ? 't' : 'n') + (transposeB ? 't' : 'n')
                : kernel;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    int threads() {
        return threads;
    }

    /** Dynamic shared memory of a block. */
    int sharedBytes() {
        return sharedBytes;
    }

    Speed speed() {
        return speed;
    }

    /** Tiles that cover c (m, n). */
    long count(int m, int n) {
        return ((long) m + rows - 1) / rows * (((long) n + columns - 1) / columns);
    }
}
