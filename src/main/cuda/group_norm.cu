// Group normalisation, Wu and He 2018 (arXiv:1803.08494), eq. 1 and 2, float32.
//
//   y = scale_c x̂ + shift_c,  x̂ = (x − mean) · rstd,  rstd = 1/√(variance + eps), over all pixels of a group's channels
//   gradX += rstd (g − mean(g) − x̂ mean(g x̂)),  g = scale_c gradY
//   gradShift_c += Σ_bn gradY,  gradScale_c += Σ_bn gradY x̂
//
// x, y (B, N, C), scale and shift (C), mean and rstd (B, G).
// Launch: sums of each channel over pieces of pixels (columns.cuh), a block a group to add these in a fixed tree, then every
// element by itself. Sums of x and x² are float64, as is the variance from them: an offset of a thousand deviations costs no
// figures, and `rest` is what the float32 mean lacks.
// Fewest bytes: forward 12·B·N·C, since the group must be known before its first element; backward 24·B·N·C.
// traffic: group_norm_backward_means a warp reads the few channels of a group from piece to piece; sums of pieces are few
#include "columns.cuh"
#include "rows.cuh"

// Piece blockIdx.x % pieces of sample blockIdx.x / pieces; sums (2, B · pieces, C): of x, then of x².
KERNEL(PLANE_THREADS) group_norm_sums(double* sums, const float* x, int n, int c, int piece, int pieces) {
    const int sample = blockIdx.x / pieces;
    const int from = static_cast<int>(blockIdx.x % pieces) * piece;
    x += static_cast<long long>(sample) * n * c;
    double* second = sums + static_cast<long long>(gridDim.x) * c;
    column_partials(
            sums, second, blockIdx.x, from, min(n, from + piece), c, [=](int row, int column, double& a, double& b) {
                const double value = x[element(row, column, c)];
                a += value;
                b = fma(value, value, b);
            });
}

// The sums of a group over pieces and channels, weight(channel) each, on every thread; a block a group.
template <typename T, typename Weight>
__device__ __forceinline__ void group_sums(
        double& first, double& second, const T* sums, int pieces, int c, int groups, Weight weight) {
    const int width = c / groups;
    const int sample = blockIdx.x / groups;
    const int channel = static_cast<int>(blockIdx.x % groups) * width;
    const long long slots = static_cast<long long>(gridDim.x / groups) * pieces;
    double a = 0;
    double b = 0;
    for (int i = threadIdx.x; i < pieces * width; i += PLANE_THREADS) {
        const int at = channel + i % width;
        const long long place = (static_cast<long long>(sample) * pieces + i / width) * c + at;
        a += weight(at) * sums[place];
        b += weight(at) * sums[slots * c + place];
    }
    first = block_sum<PLANE_THREADS>(a);
    second = block_sum<PLANE_THREADS>(b);
}

KERNEL(PLANE_THREADS)
group_norm_statistics(
        float* mean, float* rest, float* rstd, const double* sums, int n, int pieces, int c, int groups, float eps) {
    double sum;
    double squares;
    group_sums(sum, squares, sums, pieces, c, groups, [](int) { return 1.0; });
    if (threadIdx.x == 0) {
        const double count = static_cast<double>(n) * (c / groups);
        const double exact = sum / count;
        const float rounded = static_cast<float>(exact);
        mean[blockIdx.x] = rounded;
        rest[blockIdx.x] = static_cast<float>(exact - rounded);
        rstd[blockIdx.x] = static_cast<float>(1 / sqrt(fmax(0.0, squares / count - exact * exact) + eps));
    }
}

// rows = B · n
KERNEL(PLANE_THREADS)
group_norm_apply(
        float* y,
        const float* x,
        const float* mean,
        const float* rest,
        const float* rstd,
        const float* scale,
        const float* shift,
        int rows,
        int n,
        int c,
        int groups) {
    const int row = plane_row();
    const int column = plane_column();
    if (row < rows && column < c) {
        const int group = row / n * groups + column / (c / groups);
        const long long at = element(row, column, c);
        y[at] = fmaf(scale[column], (x[at] - mean[group] - rest[group]) * rstd[group], shift[column]);
    }
}

// Like group_norm_sums, of gradY and of gradY · x̂.
KERNEL(PLANE_THREADS)
group_norm_backward_sums(
        float* sums,
        const float* gradY,
        const float* x,
        const float* mean,
        const float* rstd,
        int n,
        int c,
        int groups,
        int piece,
        int pieces) {
    const int sample = blockIdx.x / pieces;
    const int from = static_cast<int>(blockIdx.x % pieces) * piece;
    const long long first = static_cast<long long>(sample) * n * c;
    const int width = c / groups;
    float* second = sums + static_cast<long long>(gridDim.x) * c;
    column_partials(
            sums, second, blockIdx.x, from, min(n, from + piece), c, [=](int row, int column, double& a, double& b) {
                const int group = sample * groups + column / width;
                const long long at = first + element(row, column, c);
                a += gradY[at];
                b += gradY[at] * ((x[at] - mean[group]) * rstd[group]);
            });
}

// means (2, B, G): of g, then of g x̂.
KERNEL(PLANE_THREADS)
group_norm_backward_means(float* means, const float* sums, const float* scale, int n, int pieces, int c, int groups) {
    double sum;
    double product;
    group_sums(sum, product, sums, pieces, c, groups, [=](int channel) { return static_cast<double>(scale[channel]); });
    if (threadIdx.x == 0) {
        const double count = static_cast<double>(n) * (c / groups);
        means[blockIdx.x] = static_cast<float>(sum / count);
        means[gridDim.x + blockIdx.x] = static_cast<float>(product / count);
    }
}

// rows = B · n
KERNEL(PLANE_THREADS)
group_norm_backward_apply(
        float* gradX,
        const float* gradY,
        const float* x,
        const float* mean,
        const float* rstd,
        const float* scale,
        const float* means,
        int rows,
        int n,
        int c,
        int groups) {
    const int row = plane_row();
    const int column = plane_column();
    if (row < rows && column < c) {
        const int group = row / n * groups + column / (c / groups);
        const long long at = element(row, column, c);
        const float normal = (x[at] - mean[group]) * rstd[group];
        const float* products = means + static_cast<long long>(rows / n) * groups;
        gradX[at] += rstd[group] * (scale[column] * gradY[at] - means[group] - normal * products[group]);
    }
}

KERNEL(1024)
group_norm_columns(float* gradient, const float* partials, long long pieces, int columns, int tiles, int lanes) {
    column_sums(gradient, partials, pieces, columns, tiles, lanes);
}
