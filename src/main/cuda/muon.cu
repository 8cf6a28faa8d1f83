// Muon's elementwise parts; its products are matmul's.
//
//   momentum   m ← β m + (1 − β) g,  u = (1 − β) g + β m (Nesterov) or m,  g = gradientScale gradient
//   normalize  y = x / (√sum + eps), the sum of squares being a float64 on the device
//   combine    y = a x + b z
//   step       value ← keep value + move direction,  keep = 1 − lr weightDecay,  move = −lr scale
//
// Papers: Jordan et al. 2024; Liu et al. 2025, eq. 4.
// Shapes: any; m, gradient and value float32, u, x, y, z and direction float32 or bf16.
// Launch: one tile of 512 groups of 16 bytes (4 elements where types are mixed) a block of 256 threads. Of normalize's float64
// root and quotient there is one a block.
// Fewest bytes: every operand once, m and value twice.
#include "elementwise.cuh"

template <typename A, typename B>
struct Two {
    A a;
    B b;
};

template <typename T>
__device__ __forceinline__ void momentum(
    T* update, float* momentum, const float* gradient, float keep, float take, float gradient_scale, bool nesterov,
    long long n) {
    elementwise<2, 4>(
        blockIdx.x, n, fits<4>(update) && fits<4>(momentum) && fits<4>(gradient),
        [=](auto w, long long i) {
            constexpr int N = WIDTH(w);
            return Two<Group<float, N>, Group<float, N>>{load_group<N>(momentum + i), load_group<N>(gradient + i)};
        },
        [=](auto w, long long i, auto in) {
            Group<T, WIDTH(w)> u;
            in.b.each([&](int j) { return take * (in.b.get(j) * gradient_scale); });
            in.a.each([&](int j) { return fmaf(keep, in.a.get(j), in.b.get(j)); });
            u.each([&](int j) { return nesterov ? fmaf(keep, in.a.get(j), in.b.get(j)) : in.a.get(j); });
            store_group(momentum + i, in.a);
            store_group(update + i, u);
        });
}

template <typename T>
__device__ __forceinline__ void normalize(T* y, const T* x, const double* sum, double eps, long long n) {
    __shared__ float shared_factor;
    if (threadIdx.x == 0) {
        shared_factor = static_cast<float>(1.0 / (__dsqrt_rn(*sum) + eps));
    }
    __syncthreads();
    float factor = shared_factor;
    constexpr int N = 16 / sizeof(T);
    elementwise<2, N>(
        blockIdx.x, n, fits<N>(y) && fits<N>(x), [=](auto w, long long i) { return load_group<WIDTH(w)>(x + i); },
        [=](auto w, long long i, auto in) {
            in.each([&](int j) { return factor * in.get(j); });
            store_group(y + i, in);
        });
}

template <typename T>
__device__ __forceinline__ void combine(T* y, const T* x, const T* z, float a, float b, long long n) {
    constexpr int N = 16 / sizeof(T);
    elementwise<2, N>(
        blockIdx.x, n, fits<N>(y) && fits<N>(x) && fits<N>(z),
        [=](auto w, long long i) {
            constexpr int M = WIDTH(w);
            return Two<Group<T, M>, Group<T, M>>{load_group<M>(x + i), load_group<M>(z + i)};
        },
        [=](auto w, long long i, auto in) {
            in.a.each([&](int j) { return fmaf(a, in.a.get(j), b * in.b.get(j)); });
            store_group(y + i, in.a);
        });
}

template <typename T>
__device__ __forceinline__ void step(float* value, const T* direction, float keep, float move, long long n) {
    elementwise<2, 4>(
        blockIdx.x, n, fits<4>(value) && fits<4>(direction),
        [=](auto w, long long i) {
            constexpr int N = WIDTH(w);
            return Two<Group<float, N>, Group<T, N>>{load_group<N>(value + i), load_group<N>(direction + i)};
        },
        [=](auto w, long long i, auto in) {
            in.a.each([&](int j) { return fmaf(keep, in.a.get(j), move * in.b.get(j)); });
            store_group(value + i, in.a);
        });
}

#define ENTRIES(T, SUFFIX)                                                                                                    \
    KERNEL(THREADS) muon_momentum_##SUFFIX(                                                                                   \
        T* update, float* m, const float* gradient, float keep, float take, float gradient_scale, int nesterov,               \
        long long n) {                                                                                                        \
        momentum(update, m, gradient, keep, take, gradient_scale, nesterov, n);                                               \
    }                                                                                                                         \
    KERNEL(THREADS) muon_normalize_##SUFFIX(T* y, const T* x, const double* sum, double eps, long long n) {                   \
        normalize(y, x, sum, eps, n);                                                                                         \
    }                                                                                                                         \
    KERNEL(THREADS) muon_combine_##SUFFIX(T* y, const T* x, const T* z, float a, float b, long long n) {                      \
        combine(y, x, z, a, b, n);                                                                                            \
    }                                                                                                                         \
    KERNEL(THREADS) muon_step_##SUFFIX(float* value, const T* direction, float keep, float move, long long n) {               \
        step(value, direction, keep, move, n);                                                                                \
    }

ENTRIES(float, f32)
ENTRIES(bf16, bf16)
