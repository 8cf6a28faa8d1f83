// Rotary embedding of consecutive pairs, Su et al. 2021 (arXiv:2104.09864), eq. 34.
//
//   y_2k = cos_k · x_2k − sin_k · x_2k+1,   y_2k+1 = sin_k · x_2k + cos_k · x_2k+1
//   gradX += the same with −sin for sin, of gradY
//
// x, y, gradX, gradY (B, H, L, d) of T; table (1 or B, L, d/2, 2) of F32: cosine and sine of every pair. A head's
// plane of L·d numbers has the layout of the table's, so that number i of a plane goes with number i of the table.
//
// Launch: blocks of 128; a thread takes 16 bytes (or one element) at one place of `heads` heads, for which it reads the
// table once. Block (sample, group of heads, run of 128 units), the last fastest.
//
// Fewest bytes: forward 2·B·H·L·d of T, backward 3·B·H·L·d of T, and the table's 4·L·d a sample or in all.
// traffic: rope_*_single_bf16 where rows do not start at a multiple of 16 bytes, the bytes of a warp lie across one sector more than they fill
#include "rows.cuh"

template <int SIGN, typename T, int V>
__device__ __forceinline__ void turn(
        T* __restrict__ y,
        const T* __restrict__ x,
        const float* __restrict__ table,
        long long plane,
        long long table_stride,
        int h,
        int heads,
        int runs) {
    constexpr int BATCH = SIGN > 0 ? 4 : 2;  // heads whose loads are in flight together
    const int groups = (h + heads - 1) / heads;
    const unsigned outer = blockIdx.x / runs;
    const long long sample = outer / groups;
    const int head = static_cast<int>(outer % groups) * heads;
    const int count = min(heads, h - head);
    const long long at = (static_cast<long long>(blockIdx.x % runs) * blockDim.x + threadIdx.x) * V;
    const bool inside = at < plane;
    float angles[V];
    read_floats(angles, table + sample * table_stride, at, plane);
    for (int batch = 0; batch < count; batch += BATCH) {
        const long long first = (sample * h + head + batch) * plane + at;
        Unit<T, V> units[BATCH];
        Unit<T, V> sums[BATCH];
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            const bool there = inside && batch + k < count;
            units[k] = read<T, V>(x + first + k * plane, there);
            if constexpr (SIGN < 0) {
                sums[k] = read<T, V>(y + first + k * plane, there);
            }
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            float values[V];
            widen(values, units[k]);
            rotate<SIGN>(values, angles);
            if constexpr (SIGN < 0) {
                float sum[V];
                widen(sum, sums[k]);
#pragma unroll
                for (int j = 0; j < V; j++) {
                    values[j] += sum[j];
                }
            }
            if (inside && batch + k < count) {
                write(y + first + k * plane, values);
            }
        }
    }
}

#define ENTRY(name, sign, type, v)                                                                                     \
    KERNEL(128)                                                                                                        \
    name(type* y,                                                                                                      \
         const type* x,                                                                                                \
         const float* table,                                                                                           \
         long long plane,                                                                                              \
         long long table_stride,                                                                                       \
         int h,                                                                                                        \
         int heads,                                                                                                    \
         int runs) {                                                                                                   \
        turn<sign, type, v>(y, x, table, plane, table_stride, h, heads, runs);                                         \
    }

ENTRY(rope_forward_f32, 1, float, WIDE<float>)
ENTRY(rope_forward_bf16, 1, bf16, WIDE<bf16>)
ENTRY(rope_forward_single_f32, 1, float, 1)
ENTRY(rope_forward_single_bf16, 1, bf16, 1)
ENTRY(rope_backward_f32, -1, float, WIDE<float>)
ENTRY(rope_backward_bf16, -1, bf16, WIDE<bf16>)
ENTRY(rope_backward_single_f32, -1, float, 1)
ENTRY(rope_backward_single_bf16, -1, bf16, 1)
