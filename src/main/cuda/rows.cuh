// Rows that the threads of a block share: a thread owns the same columns in every row, so that a sum over rows stays in its
// registers and a sum over a row takes one barrier.
//
// A unit is what a thread reads at once: V elements of T. Kernels come in two forms. WIDE takes 16 bytes at once and one
// unit of a row a thread, so every row starts at a multiple of 16 and has at most 576 units. SINGLE takes any row: one
// element at once; ITEMS elements, blockDim.x apart, stay in a thread's registers, and columns beyond those are read again.
#pragma once

#include "common.cuh"

template <typename T, int V>
struct Unit {
    uint4 words;
};

template <typename T>
struct Unit<T, 1> {
    T element;
};

#define WIDE(T) T, 16 / sizeof(T), 1
#define SINGLE(T) T, 1, 4

// Rows of a block in a forward: enough loads in flight, few enough registers.
template <int V>
constexpr int FORWARD_ROWS = V == 1 ? 2 : 4;

// Whether there is more of a row than fits the block's registers; never in the wide form.
template <int V>
__device__ __forceinline__ bool beyond(int column, int d) {
    return V == 1 && column < d;
}

template <typename T, int V>
__device__ __forceinline__ Unit<T, V> read(const T* from) {
    return *reinterpret_cast<const Unit<T, V>*>(from);
}

// The unit where `there`, zeros elsewhere.
template <typename T, int V>
__device__ __forceinline__ Unit<T, V> read(const T* from, bool there) {
    Unit<T, V> unit = {};
    if (there) {
        unit = read<T, V>(from);
    }
    return unit;
}

template <typename T>
__device__ __forceinline__ void widen(float (&x)[1], const Unit<T, 1>& unit) {
    x[0] = widen(unit.element);
}

__device__ __forceinline__ void widen(float (&x)[4], const Unit<float, 4>& unit) {
    x[0] = __uint_as_float(unit.words.x);
    x[1] = __uint_as_float(unit.words.y);
    x[2] = __uint_as_float(unit.words.z);
    x[3] = __uint_as_float(unit.words.w);
}

__device__ __forceinline__ void widen(float (&x)[8], const Unit<bf16, 8>& unit) {
    const unsigned words[4] = {unit.words.x, unit.words.y, unit.words.z, unit.words.w};
#pragma unroll
    for (int j = 0; j < 4; j++) {
        x[2 * j] = __uint_as_float(words[j] << 16);
        x[2 * j + 1] = __uint_as_float(words[j] & 0xffff0000u);
    }
}

template <typename T>
__device__ __forceinline__ void write(T* to, const float (&x)[1]) {
    *to = narrow<T>(x[0]);
}

__device__ __forceinline__ void write(float* to, const float (&x)[4]) {
    *reinterpret_cast<float4*>(to) = make_float4(x[0], x[1], x[2], x[3]);
}

__device__ __forceinline__ unsigned narrow_pair(float low, float high) {
    unsigned word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
}

__device__ __forceinline__ void write(bf16* to, const float (&x)[8]) {
    *reinterpret_cast<uint4*>(to) = make_uint4(
            narrow_pair(x[0], x[1]), narrow_pair(x[2], x[3]), narrow_pair(x[4], x[5]), narrow_pair(x[6], x[7]));
}

// The V floats at `column` of a row of floats that go with a unit, whatever its T; zeros from `limit` on. The whole warp takes
// part, with consecutive units in a pair of lanes: eight floats of a lane are two accesses, of which each would touch every
// sector, so a pair takes its first eight floats together, then its second, and swaps halves.
template <int V, typename Index>
__device__ __forceinline__ void read_floats(float (&x)[V], const float* row, Index column, Index limit) {
    if constexpr (V == 1) {
        x[0] = column < limit ? row[column] : 0;
    } else if constexpr (V == 4) {
        const float4 four = column < limit ? *reinterpret_cast<const float4*>(row + column) : float4{};
        x[0] = four.x;
        x[1] = four.y;
        x[2] = four.z;
        x[3] = four.w;
    } else {
        const bool odd = (threadIdx.x & 1) != 0;
        const Index pair = odd ? column - 8 : column;
        float four[8];
        read_floats(reinterpret_cast<float(&)[4]>(four[0]), row + (odd ? 4 : 0), pair, limit);
        read_floats(reinterpret_cast<float(&)[4]>(four[4]), row + (odd ? 4 : 0), pair + 8, limit);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const float theirs = __shfl_xor_sync(FULL_WARP, odd ? four[j] : four[4 + j], 1);
            x[j] = odd ? theirs : four[j];
            x[4 + j] = odd ? four[4 + j] : theirs;
        }
    }
}

// The same way round; nothing is written from `limit` on.
template <int V>
__device__ __forceinline__ void write_floats(float* row, const float (&x)[V], int column, int limit) {
    if constexpr (V == 1) {
        if (column < limit) {
            row[column] = x[0];
        }
    } else if constexpr (V == 4) {
        if (column < limit) {
            write(row + column, x);
        }
    } else {
        const bool odd = (threadIdx.x & 1) != 0;
        const int pair = odd ? column - 8 : column;
        float first[4];
        float second[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const float theirs = __shfl_xor_sync(FULL_WARP, odd ? x[j] : x[4 + j], 1);
            first[j] = odd ? theirs : x[j];
            second[j] = odd ? x[4 + j] : theirs;
        }
        write_floats(row + (odd ? 4 : 0), first, pair, limit);
        write_floats(row + (odd ? 4 : 0), second, pair + 8, limit);
    }
}

// Sums over the block, the same on every thread and in every run; `shared` holds 32 · COUNT floats, of an earlier sum only
// when a barrier lies between that and this.
template <int COUNT>
__device__ __forceinline__ void block_sums(float (&sums)[COUNT], float* shared) {
#pragma unroll
    for (int k = 0; k < COUNT; k++) {
        sums[k] = warp_sum(sums[k]);
    }
    const int warps = blockDim.x >> 5;
    if (warps == 1) {
        return;
    }
    if ((threadIdx.x & 31) == 0) {
#pragma unroll
        for (int k = 0; k < COUNT; k++) {
            shared[(threadIdx.x >> 5) * COUNT + k] = sums[k];
        }
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < COUNT; k++) {
        sums[k] = shared[k];
    }
    for (int warp = 1; warp < warps; warp++) {
#pragma unroll
        for (int k = 0; k < COUNT; k++) {
            sums[k] += shared[warp * COUNT + k];
        }
    }
}

// Sum over the `lanes` lanes (a power of two, at most 32) that a lane shares its row with; the whole warp takes part.
__device__ __forceinline__ float lanes_sum(float x, int lanes) {
    for (int step = lanes >> 1; step > 0; step >>= 1) {
        x += __shfl_xor_sync(FULL_WARP, x, step);
    }
    return x;
}

// Turns the pairs of a unit by the table's cosines and sines, SIGN = −1 the other way round. With single elements the pair's
// other half is the neighbour lane's, and so is that of the table; the whole warp takes part.
template <int SIGN, int V>
__device__ __forceinline__ void rotate(float (&x)[V], const float (&table)[V]) {
    if constexpr (V == 1) {
        const float other = __shfl_xor_sync(FULL_WARP, x[0], 1);
        const float neighbour = __shfl_xor_sync(FULL_WARP, table[0], 1);
        x[0] = (threadIdx.x & 1) != 0 ? neighbour * x[0] + SIGN * table[0] * other
                                      : table[0] * x[0] - SIGN * neighbour * other;
    } else {
#pragma unroll
        for (int j = 0; j < V; j += 2) {
            const float even = x[j];
            const float odd = x[j + 1];
            x[j] = table[j] * even - SIGN * table[j + 1] * odd;
            x[j + 1] = table[j] * odd + SIGN * table[j + 1] * even;
        }
    }
}

// gradient[group, c] += Σ over pieces of partials[group, piece, c], pieces `lanes` apart in order and then in a tree.
//
// A block takes blockDim.x / lanes columns of a group; `tiles` blocks make a group. `lanes` is a power of two.
template <typename T>
__device__ __forceinline__ void column_sums(
        T* gradient, const float* partials, long long pieces, int columns, int tiles, int lanes) {
    __shared__ float shared[1024];
    const int width = blockDim.x / lanes;
    const int lane = threadIdx.x / width;
    const int column = static_cast<int>(blockIdx.x % tiles) * width + threadIdx.x % width;
    const long long group = blockIdx.x / tiles;
    float sum = 0;
    if (column < columns) {
        const float* at = partials + group * pieces * columns + column;
#pragma unroll 8
        for (long long piece = lane; piece < pieces; piece += lanes) {
            sum += at[piece * columns];
        }
    }
    for (int half = lanes >> 1; half > 0; half >>= 1) {
        shared[threadIdx.x] = sum;
        __syncthreads();
        if (lane < half) {
            sum += shared[threadIdx.x + half * width];
        }
        __syncthreads();
    }
    if (lane == 0 && column < columns) {
        T* to = gradient + group * columns + column;
        *to = narrow<T>(widen(*to) + sum);
    }
}
