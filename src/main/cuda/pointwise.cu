// Elementwise operations, the gated residual, and the sinusoidal embedding of a time.
//
//   silu            y = x σ(x)                        backward  gradX += gradY σ(x) (1 + x (1 − σ(x)))
//   gelu            y = x Φ(x)                        backward  gradX += gradY (Φ(x) + x φ(x))
//   add             y = a + b                         add_scaled  y += factor x       scale  y = factor x
//   fill            y = value                         cast  float32 ↔ bf16, to nearest even
//   gated_residual  y = x + gate_b ⊙ branch           x, branch, y (B, L, D), gate (B, D)
//                   gradX += gradY,  gradBranch += gate_b ⊙ gradY,  gradGate_b += Σ_l gradY ⊙ branch
//   sinusoid        y_i = cos(factor·x·f_i), y_(half+i) = sin(factor·x·f_i),  f_i = maxPeriod^(−i/half)
//
// Papers: Hendrycks and Gimpel 2016 (GELU), Peebles and Xie 2022 §3.2 (the gate), Vaswani et al. 2017 §3.5 (sinusoids).
// Launch: one tile of 512 groups of 16 bytes a block of 256 threads (elementwise.cuh). The gate's gradient is summed by blocks
// of 32 column groups × 8 rows over 64 rows each, and then in the order of these pieces: the same bits in every run.
// Fewest bytes: every operand once, sizeof(T) an element; an accumulated gradient twice. The gate's partial sums add 8 bytes to
// every 64 rows.
// traffic: gated_residual_backward_any_* where rows do not start at a multiple of 16 bytes, the bytes of a warp lie across one sector more than they fill
#include "elementwise.cuh"
#include "float64.cuh"

#define GATE_ROWS 64
#define LANES_DOWN 8

// eˣ by way of 2^(x log₂ e), three instructions: the error is |x| · 6e-8 and an ulp, and where |x| is large the result is small
// beside 1 or beside x.
__device__ __forceinline__ float exponential(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x * 1.4426950408889634f));
    return y;
}

__device__ __forceinline__ float sigmoid(float x) { return reciprocal(1.0f + exponential(-x)); }

__device__ __forceinline__ float silu(float x) { return x * sigmoid(x); }

__device__ __forceinline__ float silu_slope(float x) {
    float s = sigmoid(x);
    return s * fmaf(x, 1.0f - s, 1.0f);
}

// Φ(−|x|) = e^(−x²/2) t Σ c_k tᵏ, t = 1/(1 + 0.26 |x|): the CPU's minimax fit, relative error 2e-8 before rounding.
__device__ __forceinline__ float normal_tail(float x, float bell) {
    float t = reciprocal(fmaf(0.26f, fabsf(x), 1.0f));
    float sum = 0.030952355f;
    sum = fmaf(sum, t, -0.15501605f);
    sum = fmaf(sum, t, 0.25604257f);
    sum = fmaf(sum, t, -0.15620355f);
    sum = fmaf(sum, t, 0.16462143f);
    sum = fmaf(sum, t, 0.049438488f);
    sum = fmaf(sum, t, 0.103444904f);
    sum = fmaf(sum, t, 0.10295718f);
    sum = fmaf(sum, t, 0.103762664f);
    return bell * t * sum;
}

__device__ __forceinline__ float cumulative(float x, float bell) {
    float tail = normal_tail(x, bell);
    return x < 0.0f ? tail : 1.0f - tail;
}

__device__ __forceinline__ float gelu(float x) { return x * cumulative(x, exponential(-0.5f * x * x)); }

__device__ __forceinline__ float gelu_slope(float x) {
    float bell = exponential(-0.5f * x * x);
    return fmaf(x * 0.3989422804f, bell, cumulative(x, bell));  // φ(0) = 1/√(2π)
}

// y = f(x); y may be x.
template <typename T, typename F>
__device__ __forceinline__ void map(T* y, const T* x, long long n, F f) {
    constexpr int N = 16 / sizeof(T);
    elementwise<2, N>(
        blockIdx.x, n, fits<N>(y) && fits<N>(x),
        [=](auto w, long long i) { return load_group<WIDTH(w)>(x + i); },
        [=](auto w, long long i, auto in) {
            in.each([&](int j) { return f(in.get(j)); });
            store_group(y + i, in);
        });
}

template <typename A, typename B>
struct Two {
    A a;
    B b;
};

template <typename A, typename B>
__device__ __forceinline__ Two<A, B> two(A a, B b) {
    return {a, b};
}

// y = f(a, b); y may be a or b.
template <typename T, typename F>
__device__ __forceinline__ void map(T* y, const T* a, const T* b, long long n, F f) {
    constexpr int N = 16 / sizeof(T);
    elementwise<2, N>(
        blockIdx.x, n, fits<N>(y) && fits<N>(a) && fits<N>(b),
        [=](auto w, long long i) { return two(load_group<WIDTH(w)>(a + i), load_group<WIDTH(w)>(b + i)); },
        [=](auto w, long long i, auto in) {
            in.a.each([&](int j) { return f(in.a.get(j), in.b.get(j)); });
            store_group(y + i, in.a);
        });
}

// grad += gradY f(x)
template <typename T, typename F>
__device__ __forceinline__ void chain(T* grad, const T* grad_y, const T* x, long long n, F f) {
    constexpr int N = 16 / sizeof(T);
    elementwise<2, N>(
        blockIdx.x, n, fits<N>(grad) && fits<N>(grad_y) && fits<N>(x),
        [=](auto w, long long i) {
            return two(load_group<WIDTH(w)>(grad + i), two(load_group<WIDTH(w)>(grad_y + i), load_group<WIDTH(w)>(x + i)));
        },
        [=](auto w, long long i, auto in) {
            in.a.each([&](int j) { return fmaf(in.b.a.get(j), f(in.b.b.get(j)), in.a.get(j)); });
            store_group(grad + i, in.a);
        });
}

template <typename Y, typename X>
__device__ __forceinline__ void cast(Y* y, const X* x, long long n) {
    elementwise<2, 4>(
        blockIdx.x, n, fits<4>(y) && fits<4>(x), [=](auto w, long long i) { return load_group<WIDTH(w)>(x + i); },
        [=](auto w, long long i, auto in) {
            Group<Y, WIDTH(w)> out;
            out.each([&](int j) { return in.get(j); });
            store_group(y + i, out);
        });
}

// Nothing is loaded, so the load phase hands the value on.
template <typename T>
__device__ __forceinline__ void fill(T* y, float value, long long n) {
    constexpr int N = 16 / sizeof(T);
    elementwise<2, N>(
        blockIdx.x, n, fits<N>(y), [=](auto w, long long i) { return value; },
        [=](auto w, long long i, float in) {
            Group<T, WIDTH(w)> out;
            out.each([&](int j) { return in; });
            store_group(y + i, out);
        });
}

// Tile blockIdx.x % tiles of sample blockIdx.x / tiles; an L × D sample has fewer than 2³¹ elements.
template <typename T>
__device__ __forceinline__ void gated_residual(T* y, const T* x, const T* gate, const T* branch, int l, int d, int tiles) {
    constexpr int N = 16 / sizeof(T);
    unsigned int sample = blockIdx.x / tiles;
    long long n = static_cast<long long>(l) * d;
    y += sample * n;
    x += sample * n;
    branch += sample * n;
    gate += static_cast<long long>(sample) * d;
    bool wide = d % N == 0 && fits<N>(y) && fits<N>(x) && fits<N>(gate) && fits<N>(branch);
    elementwise<2, N>(
        blockIdx.x - sample * tiles, n, wide,
        [=](auto w, long long i) {
            unsigned int column = static_cast<unsigned int>(i) % static_cast<unsigned int>(d);
            return two(two(load_group<WIDTH(w)>(x + i), load_group<WIDTH(w)>(branch + i)), load_group<WIDTH(w)>(gate + column));
        },
        [=](auto w, long long i, auto in) {
            in.a.a.each([&](int j) { return fmaf(in.b.get(j), in.a.b.get(j), in.a.a.get(j)); });
            store_group(y + i, in.a.a);
        });
}

// One group of columns of one piece of 64 rows a thread row; 8 rows at a time. Any gradient may be null.
template <typename T, int N>
__device__ __forceinline__ void gated_residual_backward(
    T* grad_x, T* grad_branch, float* partial, const T* grad_y, const T* gate, const T* branch, int l, int d) {
    // Element j of group x lies at j · STRIDE + x: neither the groups of a warp nor 32 columns in a row share a bank.
    constexpr int STRIDE = 32 + 32 / N;
    __shared__ float sums[LANES_DOWN][STRIDE * N];
    int column = (blockIdx.x * 32 + threadIdx.x) * N;
    bool inside = column < d;
    Group<T, N> factor = load_group<N>(gate + static_cast<long long>(blockIdx.z) * d + (inside ? column : 0));
    float sum[N];
#pragma unroll
    for (int j = 0; j < N; j++) {
        sum[j] = 0.0f;
    }
    int end = min(l, static_cast<int>(blockIdx.y + 1) * GATE_ROWS);
    for (int row = blockIdx.y * GATE_ROWS + threadIdx.y; inside && row < end; row += LANES_DOWN) {
        long long at = (static_cast<long long>(blockIdx.z) * l + row) * d + column;
        Group<T, N> of_y = load_group<N>(grad_y + at);
        Group<T, N> into_x, into_branch, of_branch;
        if (grad_x != nullptr) {
            into_x = load_group<N>(grad_x + at);
        }
        if (grad_branch != nullptr) {
            into_branch = load_group<N>(grad_branch + at);
        }
        if (partial != nullptr) {
            of_branch = load_group<N>(branch + at);
        }
        if (grad_x != nullptr) {
            into_x.each([&](int j) { return into_x.get(j) + of_y.get(j); });
            store_group(grad_x + at, into_x);
        }
        if (grad_branch != nullptr) {
            into_branch.each([&](int j) { return fmaf(factor.get(j), of_y.get(j), into_branch.get(j)); });
            store_group(grad_branch + at, into_branch);
        }
        if (partial != nullptr) {
#pragma unroll
            for (int j = 0; j < N; j++) {
                sum[j] = fmaf(of_y.get(j), of_branch.get(j), sum[j]);
            }
        }
    }
    if (partial == nullptr) {
        return;
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
        sums[threadIdx.y][j * STRIDE + threadIdx.x] = sum[j];
    }
    __syncthreads();
    float* into = partial + (static_cast<long long>(blockIdx.z) * gridDim.y + blockIdx.y) * d;
    for (int c = threadIdx.y * 32 + threadIdx.x; c < 32 * N; c += 32 * LANES_DOWN) {
        int at = c % N * STRIDE + c / N;
        float total = sums[0][at];
#pragma unroll
        for (int k = 1; k < LANES_DOWN; k++) {
            total += sums[k][at];
        }
        int of_row = blockIdx.x * 32 * N + c;
        if (of_row < d) {
            into[of_row] = total;
        }
    }
}

// gradGate += the pieces' sums, in their order: one thread an element of (B, D).
template <typename T>
__device__ __forceinline__ void gate_sums(T* grad_gate, const float* partial, int pieces, int d, long long n) {
    long long i = static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x;
    if (i < n) {
        long long sample = i / d;
        const float* from = partial + sample * pieces * d + (i - sample * d);
        float sum = from[0];
#pragma unroll 4
        for (int piece = 1; piece < pieces; piece++) {
            sum += from[static_cast<long long>(piece) * d];
        }
        grad_gate[i] = narrow<T>(widen(grad_gate[i]) + sum);
    }
}

// Frequencies and angles are float32 as upstream has them, so an angle of some thousand radians must come out to the bit.
template <typename T>
__device__ __forceinline__ void sinusoid(
    T* y, const float* x, float factor, float minus_log_period, int width, long long n) {
    long long i = static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x;
    int half = width / 2;
    int columns = half + width % 2;
    if (i >= n * columns) {
        return;
    }
    long long row = i / columns;
    int k = static_cast<int>(i - row * columns);
    T* to = y + row * width;
    if (k == half) {
        to[width - 1] = narrow<T>(0.0f);
        return;
    }
    float exponent = __fdiv_rn(__fmul_rn(minus_log_period, static_cast<float>(k)), static_cast<float>(half));
    float frequency = static_cast<float>(exp(static_cast<double>(exponent)));
    float angle = __fmul_rn(__fmul_rn(x[row], factor), frequency);
    SineCosine both = sine_cosine64(static_cast<double>(angle));
    to[k] = narrow<T>(static_cast<float>(both.cosine));
    to[half + k] = narrow<T>(static_cast<float>(both.sine));
}

#define ENTRIES(T, SUFFIX)                                                                                                    \
    KERNEL(THREADS) silu_##SUFFIX(T* y, const T* x, long long n) {                                                            \
        map(y, x, n, [](float v) { return silu(v); });                                                                        \
    }                                                                                                                         \
    KERNEL(THREADS) silu_backward_##SUFFIX(T* grad_x, const T* grad_y, const T* x, long long n) {                             \
        chain(grad_x, grad_y, x, n, [](float v) { return silu_slope(v); });                                                   \
    }                                                                                                                         \
    KERNEL(THREADS) gelu_##SUFFIX(T* y, const T* x, long long n) {                                                            \
        map(y, x, n, [](float v) { return gelu(v); });                                                                        \
    }                                                                                                                         \
    KERNEL(THREADS) gelu_backward_##SUFFIX(T* grad_x, const T* grad_y, const T* x, long long n) {                             \
        chain(grad_x, grad_y, x, n, [](float v) { return gelu_slope(v); });                                                   \
    }                                                                                                                         \
    KERNEL(THREADS) add_##SUFFIX(T* y, const T* a, const T* b, long long n) {                                                 \
        map(y, a, b, n, [](float v, float w) { return v + w; });                                                              \
    }                                                                                                                         \
    KERNEL(THREADS) add_scaled_##SUFFIX(T* y, const T* x, float factor, long long n) {                                        \
        map(y, y, x, n, [=](float v, float w) { return fmaf(factor, w, v); });                                                \
    }                                                                                                                         \
    KERNEL(THREADS) scale_##SUFFIX(T* y, const T* x, float factor, long long n) {                                             \
        map(y, x, n, [=](float v) { return factor * v; });                                                                    \
    }                                                                                                                         \
    KERNEL(THREADS) fill_##SUFFIX(T* y, float value, long long n) { fill(y, value, n); }                                      \
    KERNEL(THREADS) gated_residual_##SUFFIX(                                                                                  \
        T* y, const T* x, const T* gate, const T* branch, int l, int d, int tiles) {                                          \
        gated_residual(y, x, gate, branch, l, d, tiles);                                                                      \
    }                                                                                                                         \
    KERNEL(32 * LANES_DOWN) gated_residual_backward_wide_##SUFFIX(                                                            \
        T* grad_x, T* grad_branch, float* partial, const T* grad_y, const T* gate, const T* branch, int l, int d) {           \
        gated_residual_backward<T, 16 / sizeof(T)>(grad_x, grad_branch, partial, grad_y, gate, branch, l, d);                 \
    }                                                                                                                         \
    KERNEL(32 * LANES_DOWN) gated_residual_backward_any_##SUFFIX(                                                             \
        T* grad_x, T* grad_branch, float* partial, const T* grad_y, const T* gate, const T* branch, int l, int d) {           \
        gated_residual_backward<T, 1>(grad_x, grad_branch, partial, grad_y, gate, branch, l, d);                              \
    }                                                                                                                         \
    KERNEL(THREADS) gate_sums_##SUFFIX(T* grad_gate, const float* partial, int pieces, int d, long long n) {                  \
        gate_sums(grad_gate, partial, pieces, d, n);                                                                          \
    }                                                                                                                         \
    KERNEL(THREADS) sinusoid_##SUFFIX(                                                                                        \
        T* y, const float* x, float factor, float minus_log_period, int width, long long n) {                                 \
        sinusoid(y, x, factor, minus_log_period, width, n);                                                                   \
    }

ENTRIES(float, f32)
ENTRIES(bf16, bf16)

KERNEL(THREADS) cast_bf16_f32(bf16* y, const float* x, long long n) { cast(y, x, n); }

KERNEL(THREADS) cast_f32_bf16(float* y, const bf16* x, long long n) { cast(y, x, n); }
