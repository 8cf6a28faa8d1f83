// Exchange of axes, float32: axis i of y is axis order[i] of x; with accumulate y is added to.
//
// Launch: the caller merges axes that stay side by side. What is then (batch, rows, columns) → (batch, columns, rows) goes by
// squares of 32 × 32 through shared memory, 256 threads, so that both sides are read and written in lines; all else a thread an
// element of y, 256 a block, in as many as six axes: reads lie in lines where the innermost axis stays where it was.
// Fewest bytes: 8 an element, 12 with accumulate.
#include "common.cuh"

#define LAYOUT_THREADS 256
#define SQUARE 32

// Sides of y and the strides of x along them.
struct Axes {
    int sides[6];
    long long strides[6];
};

template <typename Index>
__device__ __forceinline__ long long source(Index at, const Axes& axes) {
    long long from = 0;
#pragma unroll
    for (int i = 5; i > 0; i--) {
        const Index side = axes.sides[i];
        from += axes.strides[i] * static_cast<long long>(at % side);
        at /= side;
    }
    return from + axes.strides[0] * static_cast<long long>(at);
}

KERNEL(LAYOUT_THREADS)
layout_permute(
        float* y, const float* x, long long n, int accumulate, int a, int b, int c, int d, int e, int f, long long stepA,
        long long stepB, long long stepC, long long stepD, long long stepE, long long stepF) {
    const Axes axes{{a, b, c, d, e, f}, {stepA, stepB, stepC, stepD, stepE, stepF}};
    const long long at = static_cast<long long>(blockIdx.x) * LAYOUT_THREADS + threadIdx.x;
    if (at < n) {
        const long long from = n <= 0x7fffffff ? source(static_cast<unsigned>(at), axes)
                                               : source(static_cast<unsigned long long>(at), axes);
        y[at] = accumulate ? y[at] + x[from] : x[from];
    }
}

// x (batch, rows, columns), y (batch, columns, rows); grid (squares down · squares across, batch).
KERNEL(LAYOUT_THREADS)
layout_transpose(float* y, const float* x, int rows, int columns, int across, int accumulate) {
    __shared__ float square[SQUARE][SQUARE + 1];
    const int row = static_cast<int>(blockIdx.x / across) * SQUARE;
    const int column = static_cast<int>(blockIdx.x % across) * SQUARE;
    const int lane = threadIdx.x & 31;
    const int warp = threadIdx.x / 32;
    const long long whole = static_cast<long long>(blockIdx.y) * rows * columns;
#pragma unroll
    for (int i = warp; i < SQUARE; i += LAYOUT_THREADS / 32) {
        if (row + i < rows && column + lane < columns) {
            square[i][lane] = x[whole + static_cast<long long>(row + i) * columns + column + lane];
        }
    }
    __syncthreads();
#pragma unroll
    for (int i = warp; i < SQUARE; i += LAYOUT_THREADS / 32) {
        if (column + i < columns && row + lane < rows) {
            const long long at = whole + static_cast<long long>(column + i) * rows + row + lane;
            y[at] = accumulate ? y[at] + square[lane][i] : square[lane][i];
        }
    }
}
