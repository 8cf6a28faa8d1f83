// Rows that the threads of a block share: a thread owns the same columns in every row, so that a sum over rows stays
// in its registers and a sum over a row takes one barrier.
//
// A unit is what a thread reads at once: V elements of T. Kernels come in two forms. The wide one takes 16 bytes at
// once, so every row starts at a multiple of 16; the block is large enough for all units of a row. The single one
// takes any row, one element at once. A thread keeps some units of a row in registers, blockDim.x units apart;
// columns beyond those, of which only the single form has any, are read again.
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

// Elements of a unit in the wide form.
template <typename T>
constexpr int WIDE = 16 / sizeof(T);

// Units of a row that a thread keeps. Of bf16 a forward keeps two: what a row costs beside its elements is shared by
// more.
template <typename T, int V>
constexpr int FORWARD_ITEMS = V == 1 ? 4 : 4 / sizeof(T);

template <int V>
constexpr int BACKWARD_ITEMS = V == 1 ? 4 : 1;

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

// In PTX, since the compiler now and then makes four stores of one.
__device__ __forceinline__ void write(void* to, unsigned a, unsigned b, unsigned c, unsigned d) {
    asm volatile("{\n\t.reg .u64 global;\n\tcvta.to.global.u64 global, %0;\n\t"
                 "st.global.v4.b32 [global], {%1, %2, %3, %4};\n\t}"
                 :
                 : "l"(to), "r"(a), "r"(b), "r"(c), "r"(d)
                 : "memory");
}

__device__ __forceinline__ void write(float* to, const float (&x)[4]) {
    write(to, __float_as_uint(x[0]), __float_as_uint(x[1]), __float_as_uint(x[2]), __float_as_uint(x[3]));
}

__device__ __forceinline__ unsigned narrow_pair(float low, float high) {
    unsigned word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
}

__device__ __forceinline__ void write(bf16* to, const float (&x)[8]) {
    write(to, narrow_pair(x[0], x[1]), narrow_pair(x[2], x[3]), narrow_pair(x[4], x[5]), narrow_pair(x[6], x[7]));
}

// The V floats at `column` of a row of floats that go with a unit, whatever its T; zeros from `limit` on. The whole
// warp takes part, with consecutive units in a pair of lanes: eight floats of a lane are two accesses, of which each
// would touch every sector, so a pair takes its first eight floats together, then its second, and swaps halves.
template <int V, typename Index>
__device__ __forceinline__ void read_floats(float (&x)[V], const float* row, Index column, Index limit) {
    if constexpr (V == 1) {
        x[0] = column < limit ? row[column] : 0;
    } else if constexpr (V == 4) {
        widen(x, read<float, 4>(row + column, column < limit));
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

// Sums over the block, the same on every thread and in every run, of two or four numbers a thread. `shared` holds 32
// · COUNT floats, of an earlier sum only when a barrier lies between that and this.
//
// Halves of a warp swap what the other half goes on with, so that four sums take six shuffles and not twenty.
template <int COUNT>
__device__ __forceinline__ void block_sums(float (&sums)[COUNT], float* shared) {
    static_assert(COUNT == 2 || COUNT == 4, "halves");
    const int lane = threadIdx.x & 31;
    int step = 16;
#pragma unroll
    for (int left = COUNT / 2; left > 0; left >>= 1, step >>= 1) {
        const bool upper = (lane & step) != 0;
#pragma unroll
        for (int k = 0; k < left; k++) {
            const float theirs = __shfl_xor_sync(FULL_WARP, upper ? sums[k] : sums[k + left], step);
            sums[k] = (upper ? sums[k + left] : sums[k]) + theirs;
        }
    }
    float sum = sums[0];
#pragma unroll
    for (int s = 16 / COUNT; s > 0; s >>= 1) {
        sum += __shfl_xor_sync(FULL_WARP, sum, s);
    }
    // Now the lanes from 32/COUNT · k on have sum k of their warp.
    if (lane % (32 / COUNT) == 0) {
        shared[(threadIdx.x >> 5) * COUNT + lane / (32 / COUNT)] = sum;
    }
    __syncthreads();
    sum = 0;
#pragma unroll 1
    for (int i = lane; i < static_cast<int>(blockDim.x >> 5) * COUNT; i += 32) {
        sum += shared[i];
    }
#pragma unroll
    for (int s = COUNT; s < 32; s <<= 1) {
        sum += __shfl_xor_sync(FULL_WARP, sum, s);
    }
#pragma unroll
    for (int k = 0; k < COUNT; k++) {
        sums[k] = __shfl_sync(FULL_WARP, sum, k);
    }
}

// 1/√x: the approximation, good to 2⁻²², and one step of Newton's.
__device__ __forceinline__ float reciprocal_root(float x) {
    const float root = rsqrtf(x);
    return root * fmaf(-0.5f * x * root, root, 1.5f);
}

// sum/d, given 1/d: the mean of equal numbers is that number.
__device__ __forceinline__ float mean_of(float sum, int d, float inverse) {
    const float mean = sum * inverse;
    return fmaf(fmaf(-mean, static_cast<float>(d), sum), inverse, mean);
}

// Turns the pairs of a unit by the table's cosines and sines, SIGN = −1 the other way round. With single elements
// the pair's other half is the neighbour lane's, and so is that of the table; the whole warp takes part.
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
