// What stands around the products: slices of the depth added up, rows moved to 16-byte boundaries, sums of columns.
#pragma once
#include "matmul_output.cuh"

template <typename V, typename T>
__device__ __forceinline__ V load_as(const T* from);

template <>
__device__ __forceinline__ float load_as<float, float>(const float* from) {
    return *from;
}

template <>
__device__ __forceinline__ float load_as<float, bf16>(const bf16* from) {
    return widen(*from);
}

template <>
__device__ __forceinline__ float4 load_as<float4, float>(const float* from) {
    return load4<float>(from);
}

template <>
__device__ __forceinline__ float4 load_as<float4, bf16>(const bf16* from) {
    return load4<bf16>(from);
}

__device__ __forceinline__ float plus(float x, float y) { return x + y; }

__device__ __forceinline__ void store_as(float* to, float4 x) { store4(to, x); }

__device__ __forceinline__ void store_as(bf16* to, float4 x) { store4(to, x); }

template <typename T>
__device__ __forceinline__ void store_as(T* to, float x) {
    *to = narrow<T>(x);
}

// V: float4, or float for one column.
template <typename V, typename T>
__device__ __forceinline__ void add_slices_at(
    T* c, const float* slices, const float* bias, int column, int count, long long partial, int flags) {
    V sum = {};
#pragma unroll 4
    for (int i = 0; i < count; i++) {
        sum = plus(sum, load_as<V>(slices + i * partial + column));
    }
    if (bias != nullptr) {
        sum = plus(sum, load_as<V>(bias + column));
    }
    if (flags & ACCUMULATE) {
        sum = plus(sum, load_as<V>(c + column));
    }
    store_as(c + column, sum);
}

// c ← (c +) bias + Σ slices, in the order of the slices. A warp has 128 columns of a row: a thread four neighbours, or every
// 32nd where rows of c do not start at multiples of 16 bytes.
// c (m, n); slices (count, m, lds) with lds a multiple of 4; partial = m · lds; grid (m / 8, n / 128), 256 threads.
template <typename T>
__device__ __forceinline__ void add_slices(
    T* c, const float* slices, const float* bias, int m, int n, int lds, int count, long long partial, int flags) {
    const int row = blockIdx.x * 8 + threadIdx.x / 32;
    const int lane = threadIdx.x & 31;
    if (row >= m) {
        return;
    }
    slices += row * static_cast<long long>(lds);
    c += row * static_cast<long long>(n);
    if (flags & WIDE_C) {
        const int column = blockIdx.y * 128 + 4 * lane;
        if (column < n) {
            add_slices_at<float4>(c, slices, bias, column, count, partial, flags);
        }
    } else {
        for (int column = blockIdx.y * 128 + lane; column < min(n, (blockIdx.y + 1) * 128); column += 32) {
            add_slices_at<float>(c, slices, bias, column, count, partial, flags);
        }
    }
}

// A warp moves 256 elements of a row; the columns between `columns` and `stride` become zeros.
__device__ __forceinline__ void align_rows(bf16* to, const bf16* from, int rows, int columns, int stride) {
    const int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    const int first = blockIdx.y * 256 + (threadIdx.x & 31);
    if (row >= rows) {
        return;
    }
    from += row * static_cast<long long>(columns);
    to += row * static_cast<long long>(stride);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        const int column = first + 32 * i;
        if (column < stride) {
            to[column] = column < columns ? from[column] : bf16{0};
        }
    }
}

// Adds a block's eight rows of partial sums in order. `place` is where column j lies in a row of shared memory.
template <typename Place>
__device__ __forceinline__ float add_rows(const float* shared, int row, int column, Place place) {
    float sum = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        sum += shared[i * row + place(column)];
    }
    return sum;
}

// Sums over `rows` rows of a strip of 32 packs of columns; a warp takes every eighth row.
// partial (slices, n), x (m, n); grid (strips, slices), 256 threads.
template <typename T>
__device__ __forceinline__ void sum_slices(float* partial, const T* x, int m, int n, int rows, int wide) {
    constexpr int N = Pack<T>::N;
    constexpr int ROW = N == 4 ? 128 : 272;
    __shared__ __align__(16) float shared[8 * ROW];
    // bf16: fours of even and of odd number apart, by 16 banks.
    const auto place = [](int j) { return N == 4 ? j : (j >> 2 & 1) * 144 + (j >> 3) * 4 + (j & 3); };
    const int lane = threadIdx.x & 31;
    const int warp = threadIdx.x / 32;
    const int first = blockIdx.x * 32 * N;
    const int end = min(m, static_cast<int>((blockIdx.y + 1) * rows));
    float sums[N] = {};
    if (wide) {
        if (first + lane * N < n) {
            const T* from = x + first + lane * N;
#pragma unroll 4
            for (int row = blockIdx.y * rows + warp; row < end; row += 8) {
                const Pack<T> pack = load(from + row * static_cast<long long>(n));
#pragma unroll
                for (int i = 0; i < N; i++) {
                    sums[i] += pack.get(i);
                }
            }
        }
#pragma unroll
        for (int i = 0; i < N; i += 4) {
            write16(
                shared_address(shared + warp * ROW + place(lane * N + i)),
                make_float4(sums[i], sums[i + 1], sums[i + 2], sums[i + 3]));
        }
    } else {
        for (int row = blockIdx.y * rows + warp; row < end; row += 8) {
#pragma unroll
            for (int i = 0; i < N; i++) {
                const int column = first + 32 * i + lane;
                sums[i] += column < n ? widen(x[row * static_cast<long long>(n) + column]) : 0;
            }
        }
#pragma unroll
        for (int i = 0; i < N; i++) {
            shared[warp * ROW + place(32 * i + lane)] = sums[i];
        }
    }
    __syncthreads();
    if (threadIdx.x < 32 * N && first + threadIdx.x < n) {
        partial[blockIdx.y * static_cast<long long>(n) + first + threadIdx.x] =
            add_rows(shared, ROW, threadIdx.x, place);
    }
}

// sums_j += Σ_s partial_sj; 32 columns a block, 256 threads.
__device__ __forceinline__ void add_slices_to_sums(float* sums, const float* partial, int n, int slices) {
    __shared__ float shared[8 * 32];
    const int lane = threadIdx.x & 31;
    const int warp = threadIdx.x / 32;
    const int column = blockIdx.x * 32 + lane;
    float sum = 0;
    if (column < n) {
#pragma unroll 4
        for (int slice = warp; slice < slices; slice += 8) {
            sum += partial[slice * static_cast<long long>(n) + column];
        }
    }
    shared[warp * 32 + lane] = sum;
    __syncthreads();
    if (warp == 0 && column < n) {
        sums[column] += add_rows(shared, 32, lane, [](int j) { return j; });
    }
}
