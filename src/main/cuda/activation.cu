// Elementwise operations of the networks around the denoiser, float32.
//
//   relu            y = max(x, 0)                     backward  gradX += gradY where x > 0
//   gelu_tanh       y = x σ(2u), u = √(2/π) (x + 0.044715 x³)   backward  gradX += gradY (σ + x σ (1 − σ) (2u)')
//   quick_gelu      y = x σ(1.702 x)                  backward  gradX += gradY (σ + 1.702 x σ (1 − σ))
//   multiply        y = a b                           multiply_add  gradA += gradY b, each operand by itself
//   scale_shift     y_nd = scale_d x_nd + shift_d     x, y (N, D), scale, shift (D) or null
//                   gradX += scale_d gradY, gradScale_d += Σ_n gradY x, gradShift_d += Σ_n gradY
//   divide_by_last  y_nd = x_nd / (x_nD + eps)        x (N, D+1), y (N, D)
//                   gradX_nd += gradY_nd / (x_nD + eps), gradX_nD −= Σ_d gradY_nd x_nd / (x_nD + eps)²
//
// Papers: Hendrycks and Gimpel 2016 (GELU), Radford et al. 2021 (CLIP's), Katharopoulos et al. 2020, eq. 4 (the normaliser).
// Launch: one tile of 512 groups of 16 bytes a block of 256 threads (elementwise.cuh); planes of 8 rows × 32 columns a block
// where columns count (columns.cuh), a warp a row where a row is summed. Sums over rows go by pieces, added in order.
// Fewest bytes: every operand once, 4 an element; an accumulated gradient twice.
#include "columns.cuh"
#include "elementwise.cuh"
#include "rows.cuh"


// σ(x); both approximations are good to 2⁻²², and an overflowing e^−x gives the right zero.
__device__ __forceinline__ float sigmoid(float x) {
    float power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x * -1.4426950408889634f));
    return reciprocal(1.0f + power);
}

constexpr float TWICE = 1.5957691216057308f;  // 2·√(2/π)
constexpr float CUBIC = 0.044715f;
constexpr float QUICK = 1.702f;

__device__ __forceinline__ float relu(float x) { return x <= 0 ? 0 : x; }  // what is no number stays

__device__ __forceinline__ float gelu_tanh(float x) { return x * sigmoid(TWICE * x * fmaf(x * x, CUBIC, 1.0f)); }

__device__ __forceinline__ float gelu_tanh_slope(float x) {
    // Where x² is that large, σ (1 − σ) is 0, and 0 · ∞ must not come up.
    const float square = fminf(x * x, 1e30f);
    const float s = sigmoid(TWICE * x * fmaf(square, CUBIC, 1.0f));
    return fmaf(x * s * (1 - s), fmaf(square, 3 * TWICE * CUBIC, TWICE), s);
}

__device__ __forceinline__ float quick_gelu(float x) { return x * sigmoid(QUICK * x); }

__device__ __forceinline__ float quick_gelu_slope(float x) {
    const float s = sigmoid(QUICK * x);
    return s * fmaf(QUICK * x, 1 - s, 1.0f);
}

// y = f(x); y may be x.
template <typename F>
__device__ __forceinline__ void map(float* y, const float* x, long long n, F f) {
    elementwise<2, 4>(
        blockIdx.x, n, fits<4>(y) && fits<4>(x), [=](auto w, long long i) { return load_group<WIDTH(w)>(x + i); },
        [=](auto w, long long i, auto in) {
            in.each([&](int j) { return f(in.get(j)); });
            store_group(y + i, in);
        });
}

// y (+)= f(a, b); y may be either.
template <bool ADD, typename F>
__device__ __forceinline__ void both(float* y, const float* a, const float* b, long long n, F f) {
    elementwise<2, 4>(
        blockIdx.x, n, fits<4>(y) && fits<4>(a) && fits<4>(b),
        [=](auto w, long long i) {
            struct {
                Group<float, WIDTH(w)> a, b, y;
            } in;
            in.a = load_group<WIDTH(w)>(a + i);
            in.b = load_group<WIDTH(w)>(b + i);
            if (ADD) {
                in.y = load_group<WIDTH(w)>(static_cast<const float*>(y) + i);
            }
            return in;
        },
        [=](auto w, long long i, auto in) {
            in.a.each([&](int j) {
                const float value = f(in.a.get(j), in.b.get(j));
                return ADD ? in.y.get(j) + value : value;
            });
            store_group(y + i, in.a);
        });
}

#define FUNCTION(name)                                                                                                 \
    KERNEL(THREADS) activation_##name(float* y, const float* x, long long n) {                                         \
        map(y, x, n, [](float v) { return name(v); });                                                                 \
    }                                                                                                                  \
    KERNEL(THREADS) activation_##name##_backward(float* gradX, const float* gradY, const float* x, long long n) {      \
        both<true>(gradX, gradY, x, n, [](float g, float v) { return g * name##_slope(v); });                          \
    }

FUNCTION(gelu_tanh)
FUNCTION(quick_gelu)

KERNEL(THREADS) activation_relu(float* y, const float* x, long long n) { map(y, x, n, relu); }

KERNEL(THREADS) activation_relu_backward(float* gradX, const float* gradY, const float* x, long long n) {
    both<true>(gradX, gradY, x, n, [](float g, float v) { return v > 0 ? g : 0; });
}

KERNEL(THREADS) activation_multiply(float* y, const float* a, const float* b, long long n) {
    both<false>(y, a, b, n, [](float u, float v) { return u * v; });
}

KERNEL(THREADS) activation_multiply_add(float* y, const float* a, const float* b, long long n) {
    both<true>(y, a, b, n, [](float u, float v) { return u * v; });
}

// With accumulate the gradient of x, to which no shift belongs.
KERNEL(PLANE_THREADS)
activation_scale_shift(
        float* y, const float* x, const float* scale, const float* shift, int rows, int columns, int accumulate) {
    const int row = plane_row();
    const int column = plane_column();
    if (row < rows && column < columns) {
        const long long at = element(row, column, columns);
        const float factor = scale == nullptr ? 1 : scale[column];
        const float start = accumulate ? y[at] : shift == nullptr ? 0 : shift[column];
        y[at] = fmaf(factor, x[at], start);
    }
}

// Piece blockIdx.x of the rows; partials (2, pieces, columns): of the shift, then of the scale.
KERNEL(PLANE_THREADS)
activation_scale_shift_sums(float* partials, const float* gradY, const float* x, int rows, int columns, int piece) {
    const int from = blockIdx.x * piece;
    float* second = partials + static_cast<long long>(gridDim.x) * columns;
    column_partials(
            partials, second, blockIdx.x, from, min(rows, from + piece), columns,
            [=](int row, int column, double& a, double& b) {
                const long long at = element(row, column, columns);
                a += gradY[at];
                b += gradY[at] * x[at];
            });
}

KERNEL(1024)
activation_columns(float* gradient, const float* partials, long long pieces, int columns, int tiles, int lanes) {
    column_sums(gradient, partials, pieces, columns, tiles, lanes);
}

KERNEL(PLANE_THREADS) activation_divide_by_last(float* y, const float* x, int rows, int columns, float eps) {
    const int row = plane_row();
    const int column = plane_column();
    if (row < rows && column < columns) {
        const float last = x[element(row, columns, columns + 1)] + eps;
        y[element(row, column, columns)] = x[element(row, column, columns + 1)] / last;
    }
}

KERNEL(PLANE_THREADS)
activation_divide_by_last_backward(
        float* gradX, const float* gradY, const float* x, int rows, int columns, float eps) {
    const int row = plane_row();
    if (row >= rows) {
        return;
    }
    const int lane = threadIdx.x & 31;
    gradX += element(row, 0, columns + 1);
    gradY += element(row, 0, columns);
    x += element(row, 0, columns + 1);
    const float last = x[columns] + eps;
    float sum = 0;
    for (int column = lane; column < columns; column += 32) {
        sum += gradY[column] * (x[column] / last);
        gradX[column] += gradY[column] / last;
    }
    sum = warp_sum(sum);
    if (lane == 0) {
        gradX[columns] -= sum / last;
    }
}
