// Layer normalisation, Ba et al. 2016 (arXiv:1607.06450), eq. 4, float32.
//
//   y = scale ⊙ x̂ + shift,  x̂ = (x − mean) · rstd,  rstd = 1/√(variance + eps), over a row
//   gradX += rstd (g − mean(g) − x̂ mean(g ⊙ x̂)),  g = scale ⊙ gradY
//   gradShift += Σ_n gradY,  gradScale += Σ_n gradY ⊙ x̂
//
// x, y (N, D), scale and shift (D), mean and rstd (N).
// Launch: a warp a row, 8 rows a block of 256 threads; a row is read again from the cache instead of kept, so that D is any.
// The mean is mended by the mean of what is left of a row without it: a large offset costs no figures. Gradients of scale
// and shift go by pieces of rows × 32 columns (columns.cuh), added in a fixed order.
// Fewest bytes: forward 8·N·D, backward 16·N·D and, for scale and shift, 8·N·D more.
#include "columns.cuh"
#include "rows.cuh"

KERNEL(PLANE_THREADS)
layer_norm_forward(
        float* y, float* mean, float* rstd, const float* x, const float* scale, const float* shift, int n, int d, float eps) {
    const int row = plane_row();
    if (row >= n) {
        return;
    }
    const int lane = threadIdx.x & 31;
    x += element(row, 0, d);
    y += element(row, 0, d);
    float sum = 0;
    for (int column = lane; column < d; column += 32) {
        sum += x[column];
    }
    const float centre = warp_sum(sum) / d;
    float rest = 0;
    float squares = 0;
    for (int column = lane; column < d; column += 32) {
        const float away = x[column] - centre;
        rest += away;
        squares = fmaf(away, away, squares);
    }
    rest = warp_sum(rest) / d;
    const float variance = fmaxf(0, warp_sum(squares) / d - rest * rest);
    const float factor = 1 / sqrtf(variance + eps);
    for (int column = lane; column < d; column += 32) {
        y[column] = fmaf(scale[column], (x[column] - centre - rest) * factor, shift[column]);
    }
    if (lane == 0) {
        mean[row] = centre + rest;
        rstd[row] = factor;
    }
}

KERNEL(PLANE_THREADS)
layer_norm_backward(
        float* gradX,
        const float* gradY,
        const float* x,
        const float* mean,
        const float* rstd,
        const float* scale,
        int n,
        int d) {
    const int row = plane_row();
    if (row >= n) {
        return;
    }
    const int lane = threadIdx.x & 31;
    gradX += element(row, 0, d);
    gradY += element(row, 0, d);
    x += element(row, 0, d);
    const float centre = mean[row];
    const float factor = rstd[row];
    float sum = 0;
    float product = 0;
    for (int column = lane; column < d; column += 32) {
        const float grad = scale[column] * gradY[column];
        sum += grad;
        product = fmaf(grad, (x[column] - centre) * factor, product);
    }
    sum = warp_sum(sum) / d;
    product = warp_sum(product) / d;
    for (int column = lane; column < d; column += 32) {
        const float grad = scale[column] * gradY[column];
        gradX[column] += factor * (grad - sum - (x[column] - centre) * factor * product);
    }
}

// Piece blockIdx.x of the rows; partials (2, pieces, d): of the shift, then of the scale.
KERNEL(PLANE_THREADS)
layer_norm_sums(
        float* partials,
        const float* gradY,
        const float* x,
        const float* mean,
        const float* rstd,
        int n,
        int d,
        int piece) {
    const int from = blockIdx.x * piece;
    float* second = partials + static_cast<long long>(gridDim.x) * d;
    column_partials(
            partials, second, blockIdx.x, from, min(n, from + piece), d, [=](int row, int column, double& a, double& b) {
                const long long at = element(row, column, d);
                a += gradY[at];
                b += gradY[at] * ((x[at] - mean[row]) * rstd[row]);
            });
}

KERNEL(1024)
layer_norm_columns(float* gradient, const float* partials, long long pieces, int columns, int tiles, int lanes) {
    column_sums(gradient, partials, pieces, columns, tiles, lanes);
}
