// What an optimizer does to every parameter: AdamW, a moving average, the sum of squares for the gradient's norm.
//
//   adam_w          g = gradientScale gradient,  m ← m + (1 − β₁)(g − m),  v ← β₂ v + (1 − β₂) g²
//                   value ← decay value + size m / (√v / root + eps)
//                   decay = 1 − lr weightDecay, root = √(1 − β₂^step), size = −lr / (1 − β₁^step), from the host in float32
//   moving_average  average ← smoothing average + (1 − smoothing) value
//   squares         Σ x² in float64
//
// Paper: Loshchilov and Hutter 2017, algorithm 2.
// Shapes: any; value, moments and average are float32, gradient and x float32 or bf16.
// Launch: one tile of 256 (adam_w) or 512 groups of 4 elements a block of 256 threads. Squares: blocks take pieces of 16,384
// elements, and one block adds the pieces' sums in an order that depends on the number of elements alone.
// Fewest bytes: adam_w reads four tensors and writes three, 28 bytes an element; moving_average 12; squares sizeof(T).
#include "elementwise.cuh"

#define PIECE 16384

template <typename G, int N>
struct State {
    Group<float, N> value;
    Group<float, N> first;
    Group<float, N> second;
    Group<G, N> gradient;
};

template <typename G>
__device__ __forceinline__ void adam_w(
    float* value, float* first_moment, float* second_moment, const G* gradient, float decay, float first_weight, float beta2,
    float second_weight, float root, float eps, float size, float gradient_scale, long long n) {
    elementwise<1, 4>(
        blockIdx.x, n, fits<4>(value) && fits<4>(first_moment) && fits<4>(second_moment) && fits<4>(gradient),
        [=](auto w, long long i) {
            constexpr int N = WIDTH(w);
            return State<G, N>{
                load_group<N>(value + i), load_group<N>(first_moment + i), load_group<N>(second_moment + i),
                load_group<N>(gradient + i)};
        },
        [=](auto w, long long i, auto in) {
            in.first.each([&](int j) {
                float m = in.first.get(j);
                return fmaf(first_weight, in.gradient.get(j) * gradient_scale - m, m);
            });
            in.second.each([&](int j) {
                float g = in.gradient.get(j) * gradient_scale;
                return fmaf(in.second.get(j), beta2, second_weight * g * g);
            });
            in.value.each([&](int j) {
                float denominator = __fsqrt_rn(in.second.get(j)) / root + eps;
                return fmaf(in.value.get(j), decay, size * in.first.get(j) / denominator);
            });
            store_group(value + i, in.value);
            store_group(first_moment + i, in.first);
            store_group(second_moment + i, in.second);
        });
}

template <typename T>
__device__ __forceinline__ void squares(double* sums, const T* x, long long n) {
    constexpr int N = 16 / sizeof(T);
    long long from = static_cast<long long>(blockIdx.x) * PIECE;
    long long end = min(n, from + PIECE);
    double sum = 0.0;
    auto add = [&](auto w, long long i, const auto& in) {
#pragma unroll
        for (int j = 0; j < WIDTH(w); j++) {
            double v = in.get(j);
            sum = __fma_rn(v, v, sum);
        }
    };
    auto load = [=](auto w, long long i) { return load_group<WIDTH(w)>(x + i); };
    if (fits<N>(x)) {
        for (; from < end; from += 4 * THREADS * N) {
            tile<4, N>(from, end, load, add);
        }
        long long rest = end - end % N + threadIdx.x;
        if (rest < end) {
            add(Width<1>(), rest, load(Width<1>(), rest));
        }
    } else {
        for (; from < end; from += 4 * THREADS) {
            tile<4, 1>(from, end, load, add);
        }
    }
    sum = block_sum<THREADS>(sum);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = sum;
    }
}

#define ENTRIES(T, SUFFIX)                                                                                                    \
    KERNEL(THREADS) adam_w_##SUFFIX(                                                                                          \
        float* value, float* first_moment, float* second_moment, const T* gradient, float decay, float first_weight,          \
        float beta2, float second_weight, float root, float eps, float size, float gradient_scale, long long n) {             \
        adam_w(value, first_moment, second_moment, gradient, decay, first_weight, beta2, second_weight, root, eps, size,      \
               gradient_scale, n);                                                                                            \
    }                                                                                                                         \
    KERNEL(THREADS) squares_##SUFFIX(double* sums, const T* x, long long n) { squares(sums, x, n); }

ENTRIES(float, f32)
ENTRIES(bf16, bf16)


template <int N>
struct Two {
    Group<float, N> average;
    Group<float, N> value;
};

KERNEL(THREADS) moving_average(float* average, const float* value, float keep, float take, long long n) {
    elementwise<2, 4>(
        blockIdx.x, n, fits<4>(average) && fits<4>(value),
        [=](auto w, long long i) {
            return Two<WIDTH(w)>{load_group<WIDTH(w)>(average + i), load_group<WIDTH(w)>(value + i)};
        },
        [=](auto w, long long i, auto in) {
            in.average.each([&](int j) { return fmaf(keep, in.average.get(j), take * in.value.get(j)); });
            store_group(average + i, in.average);
        });
}

// result = Σ sums: thread i adds every 256th, then the block its threads.
KERNEL(THREADS) sum_of_squares(double* result, const double* sums, int pieces) {
    double sum = 0.0;
    for (int piece = threadIdx.x; piece < pieces; piece += THREADS) {
        sum += sums[piece];
    }
    sum = block_sum<THREADS>(sum);
    if (threadIdx.x == 0) {
        *result = sum;
    }
}
