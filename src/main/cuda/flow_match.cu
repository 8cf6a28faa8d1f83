// Flow matching: the noised picture, the loss and its gradient, and the noise.
//
//   combine               y_b = (α_b x_b + β_b z_b) γ_b              backward  gradX += α γ gradY, gradZ += β γ gradY
//   mean_square           loss_b = mean((prediction_b − target_b)²)  backward  gradPrediction += 2/E gradLoss_b (prediction − target)
//   normal                y_i = number first + i of a Philox stream, standard normal, the same on every device
//
// Papers: Lipman et al. 2022, eq. 22; Salmon et al. 2011, §3.3; Box and Muller 1958, eq. 1.
// Shapes: tensors (B, E), coefficients (B, 3) and losses (B) of float32.
// Launch: one tile of 512 groups of 16 bytes of one sample a block of 256 threads. The loss is summed in float64, 16,384
// elements a block, and a warp adds a sample's sums in an order that depends on E alone. A thread makes the four numbers of
// one Philox block.
// Fewest bytes: every operand once; an accumulated gradient twice; the sums 16 bytes to every 16,384 elements.
#include "elementwise.cuh"
#include "philox.cuh"

#define PIECE 16384

// Which sample and which tile of it a block has.
struct Part {
    unsigned int sample;
    unsigned int tile;
};

__device__ __forceinline__ Part part(int tiles) {
    unsigned int sample = blockIdx.x / static_cast<unsigned int>(tiles);
    return {sample, blockIdx.x - sample * tiles};
}

template <typename T, int N>
struct Pair {
    Group<T, N> a;
    Group<T, N> b;
};

template <typename T>
__device__ __forceinline__ void combine(T* y, const T* x, const T* z, const float* coefficients, long long n, int tiles) {
    constexpr int N = 16 / sizeof(T);
    Part at = part(tiles);
    y += at.sample * n;
    x += at.sample * n;
    z += at.sample * n;
    float alpha = coefficients[3ll * at.sample];
    float beta = coefficients[3ll * at.sample + 1];
    float gamma = coefficients[3ll * at.sample + 2];
    elementwise<2, N>(
        at.tile, n, fits<N>(y) && fits<N>(x) && fits<N>(z),
        [=](auto w, long long i) {
            return Pair<T, WIDTH(w)>{load_group<WIDTH(w)>(x + i), load_group<WIDTH(w)>(z + i)};
        },
        [=](auto w, long long i, auto in) {
            in.a.each([&](int j) { return fmaf(alpha, in.a.get(j), beta * in.b.get(j)) * gamma; });
            store_group(y + i, in.a);
        });
}

template <typename T, int N>
struct Triple {
    Group<T, N> a;
    Group<T, N> b;
    Group<T, N> c;
};

template <typename T>
__device__ __forceinline__ void combine_backward(
    T* grad_x, T* grad_z, const T* grad_y, const float* coefficients, long long n, int tiles) {
    constexpr int N = 16 / sizeof(T);
    Part at = part(tiles);
    bool into_x = grad_x != nullptr;
    bool into_z = grad_z != nullptr;
    grad_y += at.sample * n;
    grad_x += into_x ? at.sample * n : 0;
    grad_z += into_z ? at.sample * n : 0;
    float gamma = coefficients[3ll * at.sample + 2];
    float of_x = coefficients[3ll * at.sample] * gamma;
    float of_z = coefficients[3ll * at.sample + 1] * gamma;
    elementwise<2, N>(
        at.tile, n, fits<N>(grad_y) && fits<N>(grad_x) && fits<N>(grad_z),
        [=](auto w, long long i) {
            Triple<T, WIDTH(w)> in;
            in.c = load_group<WIDTH(w)>(grad_y + i);
            if (into_x) {
                in.a = load_group<WIDTH(w)>(grad_x + i);
            }
            if (into_z) {
                in.b = load_group<WIDTH(w)>(grad_z + i);
            }
            return in;
        },
        [=](auto w, long long i, auto in) {
            if (into_x) {
                in.a.each([&](int j) { return fmaf(of_x, in.c.get(j), in.a.get(j)); });
                store_group(grad_x + i, in.a);
            }
            if (into_z) {
                in.b.each([&](int j) { return fmaf(of_z, in.c.get(j), in.b.get(j)); });
                store_group(grad_z + i, in.b);
            }
        });
}

// sums[sample, piece] = Σ (a − b)² over a piece
template <typename T>
__device__ __forceinline__ void squared_distances(double* sums, const T* a, const T* b, long long n, int pieces) {
    constexpr int N = 16 / sizeof(T);
    Part at = part(pieces);
    a += at.sample * n;
    b += at.sample * n;
    bool wide = fits<N>(a) && fits<N>(b);
    long long end = min(n, (at.tile + 1ll) * PIECE);
    double sum = 0.0;
    auto add = [&](auto w, long long i, const auto& in) {
#pragma unroll
        for (int j = 0; j < WIDTH(w); j++) {
            double difference = in.a.get(j) - in.b.get(j);
            sum = __fma_rn(difference, difference, sum);
        }
    };
    auto load = [=](auto w, long long i) {
        return Pair<T, WIDTH(w)>{load_group<WIDTH(w)>(a + i), load_group<WIDTH(w)>(b + i)};
    };
    long long from = static_cast<long long>(at.tile) * PIECE;
    if (wide) {
        for (; from < end; from += 2 * THREADS * N) {
            tile<2, N>(from, end, load, add);
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
        sums[static_cast<long long>(at.sample) * pieces + at.tile] = sum;
    }
}

template <typename T>
__device__ __forceinline__ void mean_square_backward(
    T* grad, const float* grad_loss, const T* prediction, const T* target, double twice, long long n, int tiles) {
    constexpr int N = 16 / sizeof(T);
    Part at = part(tiles);
    grad += at.sample * n;
    prediction += at.sample * n;
    target += at.sample * n;
    float factor = static_cast<float>(twice * grad_loss[at.sample]);  // twice is 2/n
    elementwise<2, N>(
        at.tile, n, fits<N>(grad) && fits<N>(prediction) && fits<N>(target),
        [=](auto w, long long i) {
            return Triple<T, WIDTH(w)>{
                load_group<WIDTH(w)>(grad + i), load_group<WIDTH(w)>(prediction + i), load_group<WIDTH(w)>(target + i)};
        },
        [=](auto w, long long i, auto in) {
            in.a.each([&](int j) { return fmaf(factor, in.b.get(j) - in.c.get(j), in.a.get(j)); });
            store_group(grad + i, in.a);
        });
}

// A thread makes numbers 4k … 4k + 3 of the stream; y[0] is number first.
template <typename T>
__device__ __forceinline__ void normal(
    T* y, unsigned long long seed, unsigned long long stream, unsigned long long first, long long n) {
    unsigned long long block = first / 4 + static_cast<unsigned long long>(blockIdx.x) * THREADS + threadIdx.x;
    long long i = static_cast<long long>(4 * block - first);
    if (i >= n) {
        return;
    }
    uint4 words = philox_block(seed, stream, block);
    float2 low = normal_pair(words.x, words.y);
    float2 high = normal_pair(words.z, words.w);
    float numbers[4] = {low.x, low.y, high.x, high.y};
    if (i >= 0 && i + 4 <= n && fits<4>(y + i)) {
        Group<T, 4> group;
        group.each([&](int j) { return numbers[j]; });
        store_group(y + i, group);
    } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            if (i + j >= 0 && i + j < n) {
                y[i + j] = narrow<T>(numbers[j]);
            }
        }
    }
}

#define ENTRIES(T, SUFFIX)                                                                                                    \
    KERNEL(THREADS) combine_##SUFFIX(                                                                                         \
        T* y, const T* x, const T* z, const float* coefficients, long long n, int tiles) {                                    \
        combine(y, x, z, coefficients, n, tiles);                                                                             \
    }                                                                                                                         \
    KERNEL(THREADS) combine_backward_##SUFFIX(                                                                                \
        T* grad_x, T* grad_z, const T* grad_y, const float* coefficients, long long n, int tiles) {                           \
        combine_backward(grad_x, grad_z, grad_y, coefficients, n, tiles);                                                     \
    }                                                                                                                         \
    KERNEL(THREADS) squared_distances_##SUFFIX(double* sums, const T* a, const T* b, long long n, int pieces) {               \
        squared_distances(sums, a, b, n, pieces);                                                                             \
    }                                                                                                                         \
    KERNEL(THREADS) mean_square_backward_##SUFFIX(                                                                            \
        T* grad, const float* grad_loss, const T* prediction, const T* target, double twice, long long n, int tiles) {        \
        mean_square_backward(grad, grad_loss, prediction, target, twice, n, tiles);                                           \
    }                                                                                                                         \
    KERNEL(THREADS) normal_##SUFFIX(                                                                                          \
        T* y, unsigned long long seed, unsigned long long stream, unsigned long long first, long long n) {                    \
        normal(y, seed, stream, first, n);                                                                                    \
    }

ENTRIES(float, f32)
ENTRIES(bf16, bf16)

// loss_b = Σ of the sample's pieces / n: lane i adds every 32nd, then the warp its lanes.
KERNEL(32) mean_square(float* loss, const double* sums, int pieces, long long n) {
    const double* of_sample = sums + static_cast<long long>(blockIdx.x) * pieces;
    double sum = 0.0;
    for (int piece = threadIdx.x; piece < pieces; piece += 32) {
        sum += of_sample[piece];
    }
    sum = warp_sum(sum);
    if (threadIdx.x == 0) {
        loss[blockIdx.x] = static_cast<float>(sum / static_cast<double>(n));
    }
}
