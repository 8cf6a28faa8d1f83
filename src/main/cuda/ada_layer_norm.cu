// Layer normalisation modulated by the sample's conditioning, Peebles and Xie 2022 (arXiv:2212.09748), §3.2.
//
//   y = (1 + scale_b) · x̂ + shift_b,   x̂ = (x − mean) · rstd,   rstd = 1/√(var + eps)
//   gradX += rstd · (g − mean(g) − x̂ · mean(g · x̂)),   g = gradY · (1 + scale_b)
//   gradShift_b += Σ over l of gradY,   gradScale_b += Σ over l of gradY · x̂
//
// x, y, gradX, gradY (B, L, D), shift, scale and their gradients (B, D) of T; mean, rstd (B, L) of F32. Any gradient
// may be null; `inverse` is 1/D. The variance is that of x − mean, taken from the registers that hold x.
//
// Launch: whole warps for the columns of a row, see rows.cuh. The forward has a block for every FORWARD_ROWS rows of
// a sample, `pieces` blocks a sample. The backward has a block for every `piece` rows of a sample; its shares of
// gradShift and gradScale are rows of partials (2, B, pieces, D), which ada_layer_norm_sums sums. Pieces depend on
// the shape alone, so the bits do too.
//
// Fewest bytes: forward 2·B·L·D of T; backward 4·B·L·D of T (x, gradY, gradX twice). What the single form does not
// keep of a row it reads again.
// traffic: ada_layer_norm_*_single_bf16 where rows do not start at a multiple of 16 bytes, the bytes of a warp lie across one sector more than they fill
#include "rows.cuh"

template <typename T, int V>
__device__ __forceinline__ void forward(
        T* __restrict__ y,
        float* __restrict__ mean,
        float* __restrict__ rstd,
        const T* __restrict__ x,
        const T* __restrict__ shift,
        const T* __restrict__ scale,
        int l,
        int d,
        float inverse,
        int pieces,
        float eps) {
    constexpr int ROWS = FORWARD_ROWS<V>;
    constexpr int ITEMS = FORWARD_ITEMS<T, V>;
    __shared__ float shared[2][ROWS * 32];
    const long long sample = blockIdx.x / pieces;
    const int token = static_cast<int>(blockIdx.x % pieces) * ROWS;
    const int start = threadIdx.x * V;
    const int step = blockDim.x * V;
    const long long first = sample * l + token;
    const int last = min(l - 1 - token, ROWS - 1);
    // Beyond the sample's end it is its last row again, which is not written.
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
    float means[ROWS] = {};
    auto add = [&](int row, const Unit<T, V>& unit) {
        float values[V];
        widen(values, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            means[row] += values[j];
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
    block_sums(means, shared[0]);

    float factors[ROWS] = {};
    auto add_square = [&](int row, const Unit<T, V>& unit) {
        float values[V];
        widen(values, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            factors[row] += (values[j] - means[row]) * (values[j] - means[row]);
        }
    };
#pragma unroll
    for (int row = 0; row < ROWS; row++) {
        means[row] = mean_of(means[row], d, inverse);
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
            if (start + i * step < d) {
                add_square(row, units[row][i]);
            }
        }
        for (int column = start + ITEMS * step; beyond<V>(column, d); column += step) {
            add_square(row, read<T, V>(from(row, column)));
        }
    }
    block_sums(factors, shared[1]);
#pragma unroll
    for (int row = 0; row < ROWS; row++) {
        factors[row] = reciprocal_root(factors[row] * inverse + eps);
        if (threadIdx.x == row && row <= last) {
            mean[first + row] = means[row];
            rstd[first + row] = factors[row];
        }
    }

    auto put = [&](int row, int column, const Unit<T, V>& unit, const float(&gain)[V], const float(&offset)[V]) {
        float values[V];
        widen(values, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            values[j] = (values[j] - means[row]) * factors[row] * (1 + gain[j]) + offset[j];
        }
        if (row <= last) {
            write(y + (first + row) * d + column, values);
        }
    };
    float gain[V];
    float offset[V];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const int column = start + i * step;
        if (column < d) {
            widen(gain, read<T, V>(scale + sample * d + column));
            widen(offset, read<T, V>(shift + sample * d + column));
#pragma unroll
            for (int row = 0; row < ROWS; row++) {
                put(row, column, units[row][i], gain, offset);
            }
        }
    }
    for (int column = start + ITEMS * step; beyond<V>(column, d); column += step) {
        widen(gain, read<T, V>(scale + sample * d + column));
        widen(offset, read<T, V>(shift + sample * d + column));
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            put(row, column, read<T, V>(from(row, column)), gain, offset);
        }
    }
}

template <typename T, int V>
__device__ __forceinline__ void backward(
        T* __restrict__ gradX,
        float* __restrict__ partials,
        const T* __restrict__ gradY,
        const T* __restrict__ x,
        const float* __restrict__ mean,
        const float* __restrict__ rstd,
        const T* __restrict__ scale,
        int l,
        int d,
        float inverse,
        int piece,
        int pieces) {
    constexpr int ROWS = 2;
    constexpr int ITEMS = BACKWARD_ITEMS<V>;
    __shared__ float shared[2][2 * ROWS * 32];  // in turn, so that one barrier a sum is enough
    const long long sample = blockIdx.x / pieces;
    const int begin = static_cast<int>(blockIdx.x % pieces) * piece;
    const long long first = sample * l + begin;
    const int rows = min(piece, l - begin);
    const int start = threadIdx.x * V;
    const int step = blockDim.x * V;
    const int rest = start + ITEMS * step;
    float* const shifts = partials == nullptr ? nullptr : partials + static_cast<long long>(blockIdx.x) * d;
    float* const scales = partials == nullptr ? nullptr : shifts + static_cast<long long>(gridDim.x) * d;
    const T* const gains = scale + sample * d;

    Unit<T, V> gain[ITEMS];
    float shift_sums[ITEMS][V] = {};
    float scale_sums[ITEMS][V] = {};
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        gain[i] = read<T, V>(gains + start + i * step, start + i * step < d);
    }
    if (partials != nullptr) {
        const float zeros[V] = {};
        for (int column = rest; beyond<V>(column, d); column += step) {
            write_floats(shifts, zeros, column, d);
            write_floats(scales, zeros, column, d);
        }
    }

    // Adds a unit to the row's Σ g and Σ g·x̂, and to the columns' Σ gradY and Σ gradY·x̂.
    auto add = [&](float& sum, float& dot, float(&shift_sum)[V], float(&scale_sum)[V], const Unit<T, V>& grad_unit,
                   const Unit<T, V>& unit, float m, float r, const Unit<T, V>& gain_unit) {
        float grad[V];
        float value[V];
        float factor[V];
        widen(grad, grad_unit);
        widen(value, unit);
        widen(factor, gain_unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            const float product = grad[j] * ((value[j] - m) * r);
            shift_sum[j] += grad[j];
            scale_sum[j] += product;
            sum += grad[j] * (1 + factor[j]);
            dot += product * (1 + factor[j]);
        }
    };
    auto put = [&](T* at, float a, float b, const Unit<T, V>& grad_unit, const Unit<T, V>& unit, float m, float r,
                   const Unit<T, V>& gain_unit) {
        float grad[V];
        float value[V];
        float factor[V];
        float result[V];
        widen(grad, grad_unit);
        widen(value, unit);
        widen(factor, gain_unit);
        widen(result, read<T, V>(at));
#pragma unroll
        for (int j = 0; j < V; j++) {
            result[j] += r * (grad[j] * (1 + factor[j]) - a - (value[j] - m) * r * b);
        }
        write(at, result);
    };

    int turn = 0;
    for (int row = 0; row < rows; row += ROWS, turn ^= 1) {
        Unit<T, V> grads[ROWS][ITEMS];
        Unit<T, V> units[ROWS][ITEMS];
        float m[ROWS];
        float r[ROWS];
        float sums[2 * ROWS] = {};  // Σ g and Σ g·x̂ of every row
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
            m[k] = mean[first + min(row + k, rows - 1)];
            r[k] = rstd[first + min(row + k, rows - 1)];
#pragma unroll
            for (int i = 0; i < ITEMS; i++) {
                const int column = start + i * step;
                const bool there = column < d && row + k < rows;
                grads[k][i] = read<T, V>(gradY + (first + row + k) * d + column, there);
                units[k][i] = read<T, V>(x + (first + row + k) * d + column, there);
            }
        }
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
#pragma unroll
            for (int i = 0; i < ITEMS; i++) {
                add(sums[2 * k], sums[2 * k + 1], shift_sums[i], scale_sums[i], grads[k][i], units[k][i], m[k], r[k],
                    gain[i]);
            }
            for (int column = rest; beyond<V>(column, d) && row + k < rows; column += step) {
                const long long at = (first + row + k) * d + column;
                float shift_sum[V] = {};
                float scale_sum[V] = {};
                if (partials != nullptr) {
                    read_floats(shift_sum, shifts, column, d);
                    read_floats(scale_sum, scales, column, d);
                }
                add(sums[2 * k], sums[2 * k + 1], shift_sum, scale_sum, read<T, V>(gradY + at), read<T, V>(x + at),
                    m[k], r[k], read<T, V>(gains + column));
                if (partials != nullptr) {
                    write_floats(shifts, shift_sum, column, d);
                    write_floats(scales, scale_sum, column, d);
                }
            }
        }
        if (gradX == nullptr) {
            continue;
        }
        block_sums(sums, shared[turn]);
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
            const float a = sums[2 * k] * inverse;
            const float b = sums[2 * k + 1] * inverse;
            if (row + k < rows) {
                const long long at = (first + row + k) * d;
#pragma unroll
                for (int i = 0; i < ITEMS; i++) {
                    const int column = start + i * step;
                    if (column < d) {
                        put(gradX + at + column, a, b, grads[k][i], units[k][i], m[k], r[k], gain[i]);
                    }
                }
                for (int column = rest; beyond<V>(column, d); column += step) {
                    put(gradX + at + column, a, b, read<T, V>(gradY + at + column), read<T, V>(x + at + column), m[k],
                        r[k], read<T, V>(gains + column));
                }
            }
        }
    }
    if (partials != nullptr) {
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
            write_floats(shifts, shift_sums[i], start + i * step, d);
            write_floats(scales, scale_sums[i], start + i * step, d);
        }
    }
}

// Bounds are the most threads that CudaAdaLayerNorm launches, and such that the compiler does not spill.
#define ENTRIES(name, type, v, forward_most, backward_most)                                                            \
    KERNEL(forward_most)                                                                                               \
    ada_layer_norm_forward##name(                                                                                      \
            type* y,                                                                                                   \
            float* mean,                                                                                               \
            float* rstd,                                                                                               \
            const type* x,                                                                                             \
            const type* shift,                                                                                         \
            const type* scale,                                                                                         \
            int l,                                                                                                     \
            int d,                                                                                                     \
            float inverse,                                                                                             \
            int pieces,                                                                                                \
            float eps) {                                                                                               \
        forward<type, v>(y, mean, rstd, x, shift, scale, l, d, inverse, pieces, eps);                                  \
    }                                                                                                                  \
    KERNEL(backward_most)                                                                                              \
    ada_layer_norm_backward##name(                                                                                     \
            type* gradX,                                                                                               \
            float* partials,                                                                                           \
            const type* gradY,                                                                                         \
            const type* x,                                                                                             \
            const float* mean,                                                                                         \
            const float* rstd,                                                                                         \
            const type* scale,                                                                                         \
            int l,                                                                                                     \
            int d,                                                                                                     \
            float inverse,                                                                                             \
            int piece,                                                                                                 \
            int pieces) {                                                                                              \
        backward<type, v>(gradX, partials, gradY, x, mean, rstd, scale, l, d, inverse, piece, pieces);                 \
    }

ENTRIES(_f32, float, WIDE<float>, 576, 576)
ENTRIES(_bf16, bf16, WIDE<bf16>, 384, 576)
ENTRIES(_single_f32, float, 1, 384, 320)
ENTRIES(_single_bf16, bf16, 1, 384, 320)

#define SUMS(name, type)                                                                                               \
    KERNEL(1024)                                                                                                       \
    ada_layer_norm_sums##name(                                                                                         \
            type* gradient, const float* partials, long long pieces, int columns, int tiles, int lanes) {              \
        column_sums(gradient, partials, pieces, columns, tiles, lanes);                                                \
    }

SUMS(_f32, float)
SUMS(_bf16, bf16)
