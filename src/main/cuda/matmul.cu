// c = op(a) · op(b) + bias, or c += …; row-major; op transposes or does not.
//
//   c_ij = Σ_k a_ik b_kj + bias_j        c (M, N), a (M, K) or (K, M), b (K, N) or (N, K), bias (N)
//   sums_j += Σ_i x_ij                   x (M, N), sums (N)
//
// Goto and van de Geijn 2008, https://doi.org/10.1145/1356052.1356053 (blocking); NVIDIA, CUTLASS, "Efficient GEMM in CUDA"
// (blocks, warps, threads; split-K).
//
// Kernel                    block of c   threads  shared   depth a step   a and b
// matmul_bf16_128x256_**    128 × 256    256      96 KiB   32, 4 stages   bf16, tensor cores
// matmul_bf16_128x128_**    128 × 128    128      48 KiB   32, 3 stages
// matmul_bf16_64x64_**      64 × 64      128      32 KiB   32, 4 stages
// matmul_f32_128x128        128 × 128    256      33 KiB   16, 2 stages   float
// matmul_f32_64x64          64 × 64      128      17 KiB   16, 2 stages
// matmul_mixed_64x64        64 × 64      128      17 KiB   16, 2 stages   one float, one bf16, widened where it is read
//
// ** is n or t for a, then for b; t: the operand is stored transposed. Two t come in the smallest block only.
// Grid (blocks of c, slices of the depth). With one slice a kernel writes c itself. With more, or where rows of c do not start at
// multiples of 16 bytes, it writes float slices to scratch, and matmul_add_slices adds them in order: no atomics, the same bits
// every time. Depth 0 is no slice at all.
// bf16 operands start every row at a multiple of 16 bytes; matmul_align makes a copy that does. float ones lie anywhere.
//
// Fewest bytes: M·K and K·N elements read, M·N written (and read when accumulating). A block reads BM + BN lanes a step, so the
// loads from L2 are M·N·K·(1/BM + 1/BN) elements; blocks that run together share them: 16 rows of blocks at a time.
// Slices cost 8·M·N bytes each. Sums of columns read x once and write at most 4·N·1024/(N/128) bytes of partial sums.
// FLOP: 2·M·N·K, over whole blocks.
//
// Traffic: one times the ideal, sectors and wavefronts alike, where rows start at multiples of 32 bytes. Elsewhere a warp's piece
// of a row reaches into one sector more: up to 1.4 times for 64 bytes of a row in matmul_align and matmul_sum_columns_bf16, and
// up to 2 times for the 32 bytes that matmul_f32 reads of a row at a time, of which the neighbours' half comes from L1.
// traffic: matmul_align it is there to read rows that do not start at a multiple of 16 bytes
#include "matmul_bf16.cuh"
#include "matmul_f32.cuh"
#include "matmul_sums.cuh"

#define MATMUL_VALUES c, a, b, bias, m, n, k, lda, ldb, ldc, depth, partial, flags

#define TENSOR_CORES(name, BM, BN, WM, WN, STAGES, BLOCKS, TA, TB)                                                       \
    extern "C" __global__ void __launch_bounds__(32 * WM * WN, BLOCKS) name(MATMUL_ARGUMENTS) {                        \
        TensorCoreProduct<BM, BN, WM, WN, STAGES, TA, TB>::run(MATMUL_VALUES);                                         \
    }

TENSOR_CORES(matmul_bf16_128x256_nn, 128, 256, 2, 4, 4, 1, false, false)
TENSOR_CORES(matmul_bf16_128x256_nt, 128, 256, 2, 4, 4, 1, false, true)
TENSOR_CORES(matmul_bf16_128x256_tn, 128, 256, 2, 4, 4, 1, true, false)
TENSOR_CORES(matmul_bf16_128x128_nn, 128, 128, 2, 2, 3, 2, false, false)
TENSOR_CORES(matmul_bf16_128x128_nt, 128, 128, 2, 2, 3, 2, false, true)
TENSOR_CORES(matmul_bf16_128x128_tn, 128, 128, 2, 2, 3, 2, true, false)
TENSOR_CORES(matmul_bf16_64x64_nn, 64, 64, 2, 2, 4, 4, false, false)
TENSOR_CORES(matmul_bf16_64x64_nt, 64, 64, 2, 2, 4, 4, false, true)
TENSOR_CORES(matmul_bf16_64x64_tn, 64, 64, 2, 2, 4, 4, true, false)
TENSOR_CORES(matmul_bf16_64x64_tt, 64, 64, 2, 2, 4, 4, true, true)

extern "C" __global__ void __launch_bounds__(256, 2) matmul_f32_128x128(MATMUL_ARGUMENTS) {
    FloatProduct<128, 128, 4, 2, false>::run(MATMUL_VALUES);
}

extern "C" __global__ void __launch_bounds__(128, 4) matmul_f32_64x64(MATMUL_ARGUMENTS) {
    FloatProduct<64, 64, 2, 2, false>::run(MATMUL_VALUES);
}

extern "C" __global__ void __launch_bounds__(128, 4) matmul_mixed_64x64(MATMUL_ARGUMENTS) {
    FloatProduct<64, 64, 2, 2, true>::run(MATMUL_VALUES);
}

KERNEL(256) matmul_add_slices_f32(
    float* c, const float* slices, const float* bias, int m, int n, int lds, int count, long long partial, int flags) {
    add_slices(c, slices, bias, m, n, lds, count, partial, flags);
}

KERNEL(256) matmul_add_slices_bf16(
    bf16* c, const float* slices, const float* bias, int m, int n, int lds, int count, long long partial, int flags) {
    add_slices(c, slices, bias, m, n, lds, count, partial, flags);
}

KERNEL(256) matmul_align(bf16* to, const bf16* from, int rows, int columns, int stride) {
    align_rows(to, from, rows, columns, stride);
}

KERNEL(256) matmul_sum_columns_f32(float* partial, const float* x, int m, int n, int rows, int wide) {
    sum_slices(partial, x, m, n, rows, wide);
}

KERNEL(256) matmul_sum_columns_bf16(float* partial, const bf16* x, int m, int n, int rows, int wide) {
    sum_slices(partial, x, m, n, rows, wide);
}

KERNEL(256) matmul_add_sums(float* sums, const float* partial, int n, int slices) {
    add_slices_to_sums(sums, partial, n, slices);
}
