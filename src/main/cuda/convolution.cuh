// Products of gathered patches and turned weights.
#pragma once

#include "columns.cuh"

#define CONVOLUTION_THREADS 256
#define TILE 64
#define DEPTH 16
// A warp stores 16 deep × 2 pixels: two banks from one depth to the next.
#define PATCH_ROW (TILE + 2)

// The picture that is written or, of weights, whose pixels are summed over, and the one that is gathered from.
struct Pictures {
    int samples, height, width, channels;
    int fromHeight, fromWidth, fromChannels;
    int taps, stride, top, left;

    __device__ __forceinline__ int pixels() const { return samples * height * width; }
};

#define PICTURES                                                                                                       \
    int samples, int height, int width, int channels, int fromHeight, int fromWidth, int fromChannels, int taps, int stride, \
            int top, int left
#define PICTURE_VALUES                                                                                                 \
    samples, height, width, channels, fromHeight, fromWidth, fromChannels, taps, stride, top, left

// A pixel that gathers: the first line of its sample in the other picture, and where its taps start. A backward goes the
// other way: only every stride-th tap falls on a pixel.
template <bool BACK>
struct Gatherer {
    int line, row, column;

    __device__ __forceinline__ Gatherer(const Pictures& p, int pixel) {
        const int i = pixel / p.width;
        const int sample = i / p.height;
        line = sample * p.fromHeight;
        place(p, i - sample * p.height, pixel - i * p.width);
        if (pixel >= p.pixels()) {
            row = -(1 << 30);
        }
    }

    __device__ __forceinline__ Gatherer(const Pictures& p, int sample, int i, int j) : line(sample * p.fromHeight) {
        place(p, i, j);
    }

    __device__ __forceinline__ void place(const Pictures& p, int i, int j) {
        row = BACK ? i + p.top : p.stride * i - p.top;
        column = BACK ? j + p.left : p.stride * j - p.left;
    }

    // Where tap (u, v) lies, a channel to be added; −1 outside.
    __device__ __forceinline__ long long at(const Pictures& p, int u, int v) const {
        int r = BACK ? row - u : row + u;
        int c = BACK ? column - v : column + v;
        if (BACK && p.stride > 1) {
            if (r < 0 || c < 0 || r % p.stride != 0 || c % p.stride != 0) {
                return -1;
            }
            r /= p.stride;
            c /= p.stride;
        }
        const bool inside = r >= 0 && r < p.fromHeight && c >= 0 && c < p.fromWidth;
        return inside ? ((line + r) * static_cast<long long>(p.fromWidth) + c) * p.fromChannels : -1;
    }
};

// Adds 16 depths of (a, 4 of TILE) × (b, 4 of TILE): a thread's rows are neighbours, its columns two pairs 32 apart.
template <int ROW>
__device__ __forceinline__ void multiply_add(
        float (&sums)[4][4], const float (&a)[DEPTH][ROW], const float (&b)[DEPTH][TILE], int ty, int tx) {
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
        const float2 a0 = *reinterpret_cast<const float2*>(&a[k][4 * ty]);
        const float2 a1 = *reinterpret_cast<const float2*>(&a[k][4 * ty + 2]);
        const float2 b0 = *reinterpret_cast<const float2*>(&b[k][2 * tx]);
        const float2 b1 = *reinterpret_cast<const float2*>(&b[k][2 * tx + 32]);
        const float down[4] = {a0.x, a0.y, a1.x, a1.y};
        const float across[4] = {b0.x, b0.y, b1.x, b1.y};
#pragma unroll
        for (int i = 0; i < 4; i++) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                sums[i][j] = fmaf(down[i], across[j], sums[i][j]);
            }
        }
    }
}

// The column of a tile that is a thread's j-th.
__device__ __forceinline__ int column_of(int tx, int j) { return 2 * tx + (j & 1) + (j & 2) * 16; }

// y (+)= patches · weights (+ bias); grid (pixels / 64, results / 64, groups). A group has perGroup channels of x and
// `results` of y; weights (taps · perGroup, all channels of y). A backward adds to y.
template <bool BACK>
__device__ __forceinline__ void tiled_product(
        float* y, const float* x, const float* weights, const float* bias, const Pictures& p, int perGroup, int results, int kw) {
    __shared__ __align__(16) float patches[DEPTH][PATCH_ROW];
    __shared__ __align__(16) float turned[DEPTH][TILE];
    const int depth = p.taps * perGroup;
    const int k = threadIdx.x & 15;
    const int pixel = blockIdx.x * TILE + threadIdx.x / 16;
    const Gatherer<BACK> gather[4] = {{p, pixel}, {p, pixel + 16}, {p, pixel + 32}, {p, pixel + 48}};
    const int first = blockIdx.y * TILE;
    const int n = threadIdx.x & 63;
    x += blockIdx.z * perGroup;
    weights += blockIdx.z * results + first + n;
    float patch[4];
    float weight[4];
    const auto fetch = [&](int from) {
        const int at = from + k;
        const int tap = at / perGroup;
        const int u = tap / kw;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const long long place = at < depth ? gather[i].at(p, u, tap - u * kw) : -1;
            patch[i] = place < 0 ? 0 : x[place + (at - tap * perGroup)];
            const int row = from + threadIdx.x / 64 + 4 * i;
            weight[i] = row < depth && first + n < results ? weights[row * static_cast<long long>(p.channels)] : 0;
        }
    };
    float sums[4][4] = {};
    const int ty = threadIdx.x / 16;
    const int tx = threadIdx.x & 15;
    fetch(0);
    for (int from = 0; from < depth; from += DEPTH) {
        __syncthreads();
#pragma unroll
        for (int i = 0; i < 4; i++) {
            patches[k][threadIdx.x / 16 + 16 * i] = patch[i];
            turned[threadIdx.x / 64 + 4 * i][n] = weight[i];
        }
        __syncthreads();
        if (from + DEPTH < depth) {
            fetch(from + DEPTH);
        }
        multiply_add(sums, patches, turned, ty, tx);
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const int row = blockIdx.x * TILE + 4 * ty + i;
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const int result = first + column_of(tx, j);
            if (row < p.pixels() && result < results) {
                const int channel = blockIdx.z * results + result;
                float* to = y + element(row, channel, p.channels);
                const float start = BACK ? *to : bias == nullptr ? 0 : bias[channel];
                *to = start + sums[i][j];
            }
        }
    }
}

// The same, a thread an element; a plane of pixels × channels.
template <bool BACK>
__device__ __forceinline__ void direct_product(
        float* y, const float* x, const float* weights, const float* bias, const Pictures& p, int perGroup, int results, int kw) {
    const int row = plane_row();
    const int channel = plane_column();
    if (row >= p.pixels() || channel >= p.channels) {
        return;
    }
    const Gatherer<BACK> gather(p, row);
    x += channel / results * perGroup;
    float sum = 0;
    for (int tap = 0; tap < p.taps; tap++) {
        const long long place = gather.at(p, tap / kw, tap % kw);
        if (place >= 0) {
            for (int c = 0; c < perGroup; c++) {
                sum = fmaf(x[place + c], weights[element(tap * perGroup + c, channel, p.channels)], sum);
            }
        }
    }
    float* to = y + element(row, channel, p.channels);
    const float start = BACK ? *to : bias == nullptr ? 0 : bias[channel];
    *to = start + sum;
}

// slices (count, taps · perGroup, all results): of piece blockIdx.y / (results / 64) of the pixels.
// grid (taps · perGroup / 64, results / 64 · count, groups)
__device__ __forceinline__ void weight_slices(
        float* slices, const float* x, const float* gradY, const Pictures& p, int perGroup, int results, int kw, int piece) {
    __shared__ __align__(16) float patches[DEPTH][TILE];
    __shared__ __align__(16) float grads[DEPTH][TILE];
    const int depth = p.taps * perGroup;
    const int strips = (results + TILE - 1) / TILE;
    const int slice = blockIdx.y / strips;
    const int first = static_cast<int>(blockIdx.y % strips) * TILE;
    const int n = threadIdx.x & 63;
    const int k = blockIdx.x * TILE + n;
    const int tap = k / perGroup;
    const int u = tap / kw;
    const int v = tap - u * kw;
    const int end = min(p.pixels(), (slice + 1) * piece);
    x += blockIdx.z * perGroup + (k - tap * perGroup);
    gradY += blockIdx.z * results + first + n;
    float sums[4][4] = {};
    for (int from = slice * piece; from < end; from += DEPTH) {
        __syncthreads();
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int row = threadIdx.x / 64 + 4 * i;
            const Gatherer<false> gather(p, from + row);
            const long long place = k < depth && from + row < end ? gather.at(p, u, v) : -1;
            patches[row][n] = place < 0 ? 0 : x[place];
            grads[row][n] = from + row < end && first + n < results ? gradY[element(from + row, 0, p.channels)] : 0;
        }
        __syncthreads();
        multiply_add(sums, patches, grads, threadIdx.x / 16, threadIdx.x & 15);
    }
    slices += static_cast<long long>(slice) * depth * p.channels + blockIdx.z * results;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const int row = blockIdx.x * TILE + 4 * (threadIdx.x / 16) + i;
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const int result = first + column_of(threadIdx.x & 15, j);
            if (row < depth && result < results) {
                slices[element(row, result, p.channels)] = sums[i][j];
            }
        }
    }
}

// The same where a group has few results; grid (count, all results / 32, taps · perGroup).
__device__ __forceinline__ void direct_weight_slices(
        float* slices, const float* x, const float* gradY, const Pictures& p, int perGroup, int results, int kw, int piece) {
    const int tap = blockIdx.z / perGroup;
    const int from = blockIdx.x * piece;
    float* none = nullptr;
    column_partials(
            slices, none, static_cast<long long>(blockIdx.x) * gridDim.z + blockIdx.z, from, min(p.pixels(), from + piece),
            p.channels, [=](int row, int channel, double& sum, double&) {
                const long long place = Gatherer<false>(p, row).at(p, tap / kw, tap % kw);
                if (place >= 0) {
                    const int c = channel / results * perGroup + blockIdx.z % perGroup;
                    sum += x[place + c] * gradY[element(row, channel, p.channels)];
                }
            });
}
