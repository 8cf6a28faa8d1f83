// Cosine similarity of rows.
//
//   s = x·y / (p q),  p = max(|x|, eps),  q = max(|y|, eps)
//   gradX += g y/(p q) − g s [|x| > eps] x/p²,   gradY alike
//
// Paper: Yu et al. 2024 (REPA), where s compares a token with a vision encoder's.
// Shapes: x, y and their gradients (N, D) float32 or bf16; s and g (N) float32.
// Launch: one warp a row, 8 rows a block. A lane keeps its first 8 groups of 16 bytes of both rows in registers, so that up to
// D = 1024 (bf16: 2048) the backward reads a row once; the rest of a longer row is read again. Sums in float32, a lane's
// groups in order, then over the warp.
// Fewest bytes: forward x and y once; backward also each wanted gradient twice.
#include "elementwise.cuh"

#define KEPT 8
#define AHEAD 4
#define ROWS (THREADS / 32)

struct Products {
    float xx;
    float yy;
    float xy;
};

template <typename T, int N>
__device__ __forceinline__ void multiply(Products& sums, const Group<T, N>& x, const Group<T, N>& y) {
#pragma unroll
    for (int j = 0; j < N; j++) {
        float a = x.get(j);
        float b = y.get(j);
        sums.xx = fmaf(a, a, sums.xx);
        sums.yy = fmaf(b, b, sums.yy);
        sums.xy = fmaf(a, b, sums.xy);
    }
}

// A lane's share of two rows: its first groups, which stay in registers, and the sums over all of them.
template <typename T, int N>
struct Share {
    Group<T, N> x[KEPT];
    Group<T, N> y[KEPT];
    Products sums;
};

template <typename T, int N>
__device__ __forceinline__ Share<T, N> share(const T* x, const T* y, int d) {
    Share<T, N> mine;
    int first = threadIdx.x % 32 * N;
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        int i = first + k * 32 * N;
        if (i < d) {
            mine.x[k] = load_group<N>(x + i);
            mine.y[k] = load_group<N>(y + i);
        }
    }
    mine.sums = {0.0f, 0.0f, 0.0f};
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        if (first + k * 32 * N < d) {
            multiply(mine.sums, mine.x[k], mine.y[k]);
        }
    }
    for (int i = first + KEPT * 32 * N; i < d; i += 32 * N) {
        multiply(mine.sums, load_group<N>(x + i), load_group<N>(y + i));
    }
    mine.sums.xx = warp_sum(mine.sums.xx);
    mine.sums.yy = warp_sum(mine.sums.yy);
    mine.sums.xy = warp_sum(mine.sums.xy);
    return mine;
}

template <typename T, int N>
__device__ __forceinline__ void forward(float* similarity, const T* x, const T* y, long long rows, int d, float eps) {
    long long row = static_cast<long long>(blockIdx.x) * ROWS + threadIdx.x / 32;
    if (row < rows) {
        Products sums = share<T, N>(x + row * d, y + row * d, d).sums;
        float s = sums.xy / fmaxf(sqrtf(sums.xx), eps) / fmaxf(sqrtf(sums.yy), eps);
        if (threadIdx.x % 32 == 0) {
            similarity[row] = s;
        }
    }
}

// What a gradient gets of one group: across other − along self.
template <typename T, int N>
__device__ __forceinline__ Group<T, N> sum(
    const Group<T, N>& onto, const Group<T, N>& other, float across, const Group<T, N>& self, float along) {
    Group<T, N> result;
    result.each([&](int j) { return onto.get(j) + fmaf(across, other.get(j), -along * self.get(j)); });
    return result;
}

template <typename T, int N>
__device__ __forceinline__ void backward(
    T* grad_x, T* grad_y, const float* grad, const T* x, const T* y, long long rows, int d, float eps) {
    long long row = static_cast<long long>(blockIdx.x) * ROWS + threadIdx.x / 32;
    if (row >= rows) {
        return;
    }
    long long at = row * d;
    Share<T, N> mine = share<T, N>(x + at, y + at, d);
    float p = fmaxf(sqrtf(mine.sums.xx), eps);
    float q = fmaxf(sqrtf(mine.sums.yy), eps);
    float across = grad[row] / p / q;
    float along_x = p > eps ? across * (mine.sums.xy / p / p) : 0.0f;
    float along_y = q > eps ? across * (mine.sums.xy / q / q) : 0.0f;
    grad_x += grad_x != nullptr ? at : 0;
    grad_y += grad_y != nullptr ? at : 0;
    int first = threadIdx.x % 32 * N;
    // Both gradients of four groups are on their way before the first is stored.
#pragma unroll
    for (int base = 0; base < KEPT; base += AHEAD) {
        Group<T, N> into_x[AHEAD];
        Group<T, N> into_y[AHEAD];
#pragma unroll
        for (int k = 0; k < AHEAD; k++) {
            int i = first + (base + k) * 32 * N;
            if (i < d && grad_x != nullptr) {
                into_x[k] = load_group<N>(grad_x + i);
            }
            if (i < d && grad_y != nullptr) {
                into_y[k] = load_group<N>(grad_y + i);
            }
        }
#pragma unroll
        for (int k = 0; k < AHEAD; k++) {
            int i = first + (base + k) * 32 * N;
            if (i < d && grad_x != nullptr) {
                store_group(grad_x + i, sum(into_x[k], mine.y[base + k], across, mine.x[base + k], along_x));
            }
            if (i < d && grad_y != nullptr) {
                store_group(grad_y + i, sum(into_y[k], mine.x[base + k], across, mine.y[base + k], along_y));
            }
        }
    }
    for (int i = first + KEPT * 32 * N; i < d; i += 32 * N) {
        Group<T, N> of_x = load_group<N>(x + at + i);
        Group<T, N> of_y = load_group<N>(y + at + i);
        if (grad_x != nullptr) {
            store_group(grad_x + i, sum(load_group<N>(grad_x + i), of_y, across, of_x, along_x));
        }
        if (grad_y != nullptr) {
            store_group(grad_y + i, sum(load_group<N>(grad_y + i), of_x, across, of_y, along_y));
        }
    }
}

#define ENTRIES(T, SUFFIX)                                                                                                    \
    KERNEL(THREADS) cosine_similarity_forward_##SUFFIX(                                                                       \
        float* similarity, const T* x, const T* y, long long rows, int d, float eps) {                                        \
        constexpr int N = 16 / sizeof(T);                                                                                     \
        if (d % N == 0 && fits<N>(x) && fits<N>(y)) {                                                                         \
            forward<T, N>(similarity, x, y, rows, d, eps);                                                                    \
        } else {                                                                                                              \
            forward<T, 1>(similarity, x, y, rows, d, eps);                                                                    \
        }                                                                                                                     \
    }                                                                                                                         \
    RESIDENT_KERNEL(THREADS, 2) cosine_similarity_backward_##SUFFIX(                                                          \
        T* grad_x, T* grad_y, const float* grad, const T* x, const T* y, long long rows, int d, float eps) {                  \
        constexpr int N = 16 / sizeof(T);                                                                                     \
        if (d % N == 0 && fits<N>(x) && fits<N>(y) && fits<N>(grad_x) && fits<N>(grad_y)) {                                   \
            backward<T, N>(grad_x, grad_y, grad, x, y, rows, d, eps);                                                         \
        } else {                                                                                                              \
            backward<T, 1>(grad_x, grad_y, grad, x, y, rows, d, eps);                                                         \
        }                                                                                                                     \
    }

ENTRIES(float, f32)
ENTRIES(bf16, bf16)
