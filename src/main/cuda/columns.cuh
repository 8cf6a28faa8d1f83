// Planes of rows × columns of float32 whose columns mean something: a block takes 8 rows of 32 columns, a warp a row.
//
// Rows are counted in 32 bits: so many pixels or tokens do not fit a device.
#pragma once

#include "common.cuh"

#define PLANE_THREADS 256
#define PLANE_ROWS 8
#define PLANE_COLUMNS 32

// The row and the column of this thread; grid (rows / 8, columns / 32).
__device__ __forceinline__ int plane_row() { return static_cast<int>(blockIdx.x) * PLANE_ROWS + threadIdx.x / 32; }

__device__ __forceinline__ int plane_column() { return blockIdx.y * PLANE_COLUMNS + (threadIdx.x & 31); }

__device__ __forceinline__ long long element(int row, int column, int columns) {
    return row * static_cast<long long>(columns) + column;
}

// Two sums a column over rows [from, end): add(row, column, a, b) adds a row's share. A thread takes every eighth row; the
// eight of a column are added in order, so that the bits are those of every run. Slot `slot` of both (slots, columns) gets
// them; second may be null.
template <typename T, typename Add>
__device__ __forceinline__ void column_partials(
        T* first, T* second, long long slot, int from, int end, int columns, Add add) {
    __shared__ T shared[2][PLANE_THREADS];
    const int column = plane_column();
    double a = 0;
    double b = 0;
    if (column < columns) {
        for (int row = from + threadIdx.x / 32; row < end; row += PLANE_ROWS) {
            add(row, column, a, b);
        }
    }
    shared[0][threadIdx.x] = static_cast<T>(a);
    shared[1][threadIdx.x] = static_cast<T>(b);
    __syncthreads();
    if (threadIdx.x < 32 && column < columns) {
        T sums[2] = {};
#pragma unroll
        for (int i = 0; i < PLANE_ROWS; i++) {
            sums[0] += shared[0][i * 32 + threadIdx.x];
            sums[1] += shared[1][i * 32 + threadIdx.x];
        }
        first[slot * columns + column] = sums[0];
        if (second != nullptr) {
            second[slot * columns + column] = sums[1];
        }
    }
}
