// RMS normalisation, Zhang and Sennrich 2019 (arXiv:1910.07467), eq. 4.
//
//   y = scale · x · rstd,   rstd = 1/√(mean(x²) + eps)
//   gradX += rstd · (g − x̂ · mean(g · x̂)),   g = gradY · scale,   x̂ = x · rstd
//   gradScale += Σ over rows of gradY · x̂
//
// x, y, gradX, gradY (N, D) of T; scale, gradScale (D) and rstd (N) of F32. gradX or partials may be null; `inverse`
// is 1/D.
//
// Launch: whole warps for the columns of a row, see rows.cuh. The forward has a block for every FORWARD_ROWS rows.
// The backward has a block for every `piece` rows; its share of gradScale is a row of partials (pieces, D), which
// rms_norm_scale sums. Pieces depend on the shape alone, so the bits do too.
//
// Fewest bytes: forward 2·N·D of T; backward 4·N·D of T (x, gradY, gradX twice). What the single form does not keep
// of a row it reads twice.
// traffic: rms_norm_*_single_bf16 where rows do not start at a multiple of 16 bytes, the bytes of a warp lie across one sector more than they fill
#include "rows.cuh"

template <typename T, int V>
__device__ __forceinline__ void forward(
        T* __restrict__ y,
        float* __restrict__ rstd,
        const T* __restrict__ x,
        const float* __restrict__ scale,
        long long n,
        int d,
        float inverse,
        float eps) {
    constexpr int ROWS = FORWARD_ROWS<V>;
    constexpr int ITEMS = FORWARD_ITEMS<T, V>;
    __shared__ float shared[ROWS * 32];
    const long long first = static_cast<long long>(blockIdx.x) * ROWS;
    const int start = threadIdx.x * V;
    const int step = blockDim.x * V;
    const int last = static_cast<int>(min(n - 1 - first, static_cast<long long>(ROWS - 1)));
    // Beyond the end it is the last row again, which is not written.
    auto from = [&](int row, int column) { return x + (first + min(row, last)) * d + column; };

    Unit<T, V> units[ROWS][ITEMS] = {};
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        if (start + i * step < d) {
#pragma unroll
            for (int row = 0; row < ROWS; row++) {
                units[row][i] = read<T, V>(from(row, start + i * step));
            }
        }
    }
    float sums[ROWS] = {};
    auto add = [&](int row, const Unit<T, V>& unit) {
        float values[V];
        widen(values, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            sums[row] += values[j] * values[j];
        }
    };
#pragma unroll
    for (int row = 0; row < ROWS; row++) {
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
            add(row, units[row][i]);
        }
        for (int column = start + ITEMS * step; beyond<V>(column, d); column += step) {
            add(row, read<T, V>(from(row, column)));
        }
    }
    block_sums(sums, shared);
#pragma unroll
    for (int row = 0; row < ROWS; row++) {
        sums[row] = reciprocal_root(sums[row] * inverse + eps);
        if (threadIdx.x == row && row <= last) {
            rstd[first + row] = sums[row];
        }
    }

    auto put = [&](int row, int column, const Unit<T, V>& unit, const float(&factors)[V]) {
        float values[V];
        widen(values, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            values[j] = values[j] * sums[row] * factors[j];
        }
        if (row <= last) {
            write(y + (first + row) * d + column, values);
        }
    };
    float factors[V];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const int column = start + i * step;
        read_floats(factors, scale, column, d);
        if (column < d) {
#pragma unroll
            for (int row = 0; row < ROWS; row++) {
                put(row, column, units[row][i], factors);
            }
        }
    }
    for (int column = start + ITEMS * step; beyond<V>(column, d); column += step) {
        read_floats(factors, scale, column, d);
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            put(row, column, read<T, V>(from(row, column)), factors);
        }
    }
}

template <typename T, int V>
__device__ __forceinline__ void backward(
        T* __restrict__ gradX,
        float* __restrict__ partials,
        const T* __restrict__ gradY,
        const T* __restrict__ x,
        const float* __restrict__ rstd,
        const float* __restrict__ scale,
        long long n,
        int d,
        float inverse,
        int piece) {
    constexpr int ROWS = 2;
    constexpr int ITEMS = BACKWARD_ITEMS<V>;
    __shared__ float shared[2][ROWS * 32];  // in turn, so that one barrier a sum is enough
    const long long begin = static_cast<long long>(blockIdx.x) * piece;
    const long long end = min(begin + piece, n);
    const int start = threadIdx.x * V;
    const int step = blockDim.x * V;
    const int rest = start + ITEMS * step;
    float* const partial = partials == nullptr ? nullptr : partials + static_cast<long long>(blockIdx.x) * d;

    float factors[ITEMS][V];
    float columns[ITEMS][V] = {};
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        read_floats(factors[i], scale, start + i * step, d);
    }
    if (partial != nullptr) {
        const float zeros[V] = {};
        for (int column = rest; beyond<V>(column, d); column += step) {
            write_floats(partial, zeros, column, d);
        }
    }

    // Adds a unit to the row's Σ g·x̂ and to the columns' Σ gradY·x̂.
    auto add = [&](float& dot, float(&sums)[V], const Unit<T, V>& grad, const Unit<T, V>& unit, float r,
                   const float(&factor)[V]) {
        float g[V];
        float value[V];
        widen(g, grad);
        widen(value, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            const float product = g[j] * (value[j] * r);
            sums[j] += product;
            dot += product * factor[j];
        }
    };
    auto put = [&](long long at, float mean, const Unit<T, V>& grad, const Unit<T, V>& unit, float r,
                   const float(&factor)[V]) {
        float g[V];
        float value[V];
        float sum[V];
        widen(g, grad);
        widen(value, unit);
        widen(sum, read<T, V>(gradX + at));
#pragma unroll
        for (int j = 0; j < V; j++) {
            sum[j] += r * (g[j] * factor[j] - value[j] * r * mean);
        }
        write(gradX + at, sum);
    };

    int turn = 0;
    for (long long row = begin; row < end; row += ROWS, turn ^= 1) {
        Unit<T, V> grads[ROWS][ITEMS];
        Unit<T, V> units[ROWS][ITEMS];
        float r[ROWS];
        float dots[ROWS] = {};
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
            r[k] = rstd[min(row + k, end - 1)];
#pragma unroll
            for (int i = 0; i < ITEMS; i++) {
                const int column = start + i * step;
                const bool there = column < d && row + k < end;
                grads[k][i] = read<T, V>(gradY + (row + k) * d + column, there);
                units[k][i] = read<T, V>(x + (row + k) * d + column, there);
            }
        }
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
#pragma unroll
            for (int i = 0; i < ITEMS; i++) {
                add(dots[k], columns[i], grads[k][i], units[k][i], r[k], factors[i]);
            }
            for (int column = rest; beyond<V>(column, d) && row + k < end; column += step) {
                const long long at = (row + k) * d + column;
                float factor[V];
                float sums[V] = {};
                read_floats(factor, scale, column, d);
                if (partial != nullptr) {
                    read_floats(sums, partial, column, d);
                }
                add(dots[k], sums, read<T, V>(gradY + at), read<T, V>(x + at), r[k], factor);
                if (partial != nullptr) {
                    write_floats(partial, sums, column, d);
                }
            }
        }
        if (gradX == nullptr) {
            continue;
        }
        block_sums(dots, shared[turn]);
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
            const float mean = dots[k] * inverse;
            if (row + k < end) {
#pragma unroll
                for (int i = 0; i < ITEMS; i++) {
                    const int column = start + i * step;
                    if (column < d) {
                        put((row + k) * d + column, mean, grads[k][i], units[k][i], r[k], factors[i]);
                    }
                }
                for (int column = rest; beyond<V>(column, d); column += step) {
                    const long long at = (row + k) * d + column;
                    float factor[V];
                    read_floats(factor, scale, column, d);
                    put(at, mean, read<T, V>(gradY + at), read<T, V>(x + at), r[k], factor);
                }
            }
        }
    }
    if (partial != nullptr) {
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
            write_floats(partial, columns[i], start + i * step, d);
        }
    }
}

// Bounds are the most threads that CudaRmsNorm launches, and such that the compiler does not spill.
#define ENTRIES(name, type, v, forward_most, backward_most)                                                            \
    KERNEL(forward_most)                                                                                               \
    rms_norm_forward##name(                                                                                            \
            type* y, float* rstd, const type* x, const float* scale, long long n, int d, float inverse, float eps) {   \
        forward<type, v>(y, rstd, x, scale, n, d, inverse, eps);                                                       \
    }                                                                                                                  \
    KERNEL(backward_most)                                                                                              \
    rms_norm_backward##name(                                                                                           \
            type* gradX,                                                                                               \
            float* partials,                                                                                           \
            const type* gradY,                                                                                         \
            const type* x,                                                                                             \
            const float* rstd,                                                                                         \
            const float* scale,                                                                                        \
            long long n,                                                                                               \
            int d,                                                                                                     \
            float inverse,                                                                                             \
            int piece) {                                                                                               \
        backward<type, v>(gradX, partials, gradY, x, rstd, scale, n, d, inverse, piece);                               \
    }

ENTRIES(_f32, float, WIDE<float>, 640, 512)
ENTRIES(_bf16, bf16, WIDE<bf16>, 640, 512)
ENTRIES(_single_f32, float, 1, 384, 384)
ENTRIES(_single_bf16, bf16, 1, 384, 384)

KERNEL(1024)
rms_norm_scale(
        float* gradScale, const float* partials, long long pieces, int columns, int tiles, int lanes) {
    column_sums(gradScale, partials, pieces, columns, tiles, lanes);
}
