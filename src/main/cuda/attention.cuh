// What all attention kernels share: their arguments, and the tiles that the keys are cut into.
#pragma once

#include "common.cuh"

#define LOG2_E 1.4426950408889634f
#define LN_2 0.6931471805599453f
#define MINUS_INFINITY __int_as_float(0xff800000)

typedef unsigned long long Bits;  // one for each of up to 64 rows of a tile

// What a launch reads besides the tensors of its own; in the order of the arguments of every entry.
#define ATTENTION_INPUTS(T)                                                                                        \
    const T *query, const T *text_keys, const T *text_values, const T *keys, const T *values,                      \
            const unsigned char *mask, int heads, int queries, int text, int image, int width, float scale, int wide
#define ATTENTION_NAMES \
    query, text_keys, text_values, keys, values, mask, heads, queries, text, image, width, scale, wide

template <typename T>
struct Attention {
    const T* query;        // (B, H, L, d)
    const T* text_keys;    // (B, H, T, d), null when T = 0
    const T* text_values;  // (B, H, T, d), null when T = 0
    const T* keys;         // (B, H, K, d)
    const T* values;       // (B, H, K, d)
    const unsigned char* mask;  // (B, T), non-zero = real token; null = all real
    int heads;
    int queries;  // L
    int text;     // T
    int image;    // K
    int width;    // d
    float scale;
    int wide;  // 1 when rows of d elements, of every tensor, start at multiples of 16 bytes

    // First element of a (B, L, H·d) tensor that belongs to a head; its rows are out_stride() apart.
    __device__ long long out_offset(int head) const {
        return (static_cast<long long>(head / heads) * queries * heads + head % heads) * width;
    }
    __device__ long long out_stride() const { return static_cast<long long>(heads) * width; }

    // First element of a head in a tensor with so many rows a head.
    __device__ long long offset(int head, int rows) const { return static_cast<long long>(head) * rows * width; }
};

__device__ __forceinline__ Bits first_bits(int count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }

__device__ __forceinline__ bool has(Bits bits, int row) { return (bits >> row) & 1; }

// Gradients of keys and values, each null where not wanted.
template <typename T>
struct KeyGradients {
    T* text_keys;
    T* text_values;
    T* keys;
    T* values;
};

// The keys in tiles of N ≤ 64 rows, first those of the text, then those of the image. A tile holds only one kind, so
// that text of which nothing is real leaves no trace in the order of sums.
template <int N>
struct KeyTiles {
    const unsigned char* mask;  // of this sample
    int text;
    int image;

    template <typename T>
    __device__ KeyTiles(const Attention<T>& in, int head)
        : mask(in.mask == nullptr ? nullptr : in.mask + static_cast<long long>(head / in.heads) * in.text),
          text(in.text),
          image(in.image) {}

    __device__ static int tiles(int rows) { return (rows + N - 1) / N; }
    __device__ int count() const { return tiles(text) + tiles(image); }
    __device__ bool is_text(int tile) const { return tile < tiles(text); }

    // Row of a tile's first key among its kind.
    __device__ int first(int tile) const { return (is_text(tile) ? tile : tile - tiles(text)) * N; }

    // Which rows are there and real, the same in all lanes; every lane of the warp calls it.
    __device__ Bits alive(int tile) const {
        int row = first(tile);
        if (!is_text(tile)) {
            return first_bits(min(N, image - row));
        }
        Bits bits = first_bits(min(N, text - row));
        if (mask != nullptr) {
            int mine = row + (threadIdx.x & 31);
            Bits real = __ballot_sync(FULL_WARP, mine < text && mask[mine] != 0);
            if (N > 32) {
                mine += 32;
                real |= static_cast<Bits>(__ballot_sync(FULL_WARP, mine < text && mask[mine] != 0)) << 32;
            }
            bits &= real;
        }
        return bits;
    }

    // A tile's first row in the one of two tensors, (B, H, T, d) and (B, H, K, d), that it belongs to.
    template <typename T>
    __device__ T* rows(int tile, int head, int width, T* of_text, T* of_image) const {
        bool in_text = is_text(tile);
        long long row = static_cast<long long>(head) * (in_text ? text : image) + first(tile);
        return (in_text ? of_text : of_image) + row * width;
    }

    // The first tile from this one on that has a real key, or count().
    __device__ int from(int tile, Bits* bits) const {
        for (int all = count(); tile < all; tile++) {
            *bits = alive(tile);
            if (*bits != 0) {
                return tile;
            }
        }
        *bits = 0;
        return tile;
    }
};

__device__ __forceinline__ unsigned shared_address(const void* p) {
    return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// Two bf16 in one register, the first in the low half.
__device__ __forceinline__ unsigned pack_bf16(float low, float high) {
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
    return both;
}

__device__ __forceinline__ float low_half(unsigned both) { return __uint_as_float(both << 16); }

__device__ __forceinline__ float high_half(unsigned both) { return __uint_as_float(both & 0xffff0000u); }

// 2^x to 2 units in the last place; results below 2^−126 are 0.
__device__ __forceinline__ float exp2_fast(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// Base 2, to 2^−22 of the result or, near 1, absolutely.
__device__ __forceinline__ float log2_fast(float x) {
    float y;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// Reductions over aligned groups of LANES lanes.
template <int LANES>
__device__ __forceinline__ float lanes_max(float x) {
#pragma unroll
    for (int step = LANES / 2; step > 0; step >>= 1) {
        x = fmaxf(x, __shfl_xor_sync(FULL_WARP, x, step));
    }
    return x;
}

template <int LANES>
__device__ __forceinline__ float lanes_sum(float x) {
#pragma unroll
    for (int step = LANES / 2; step > 0; step >>= 1) {
        x += __shfl_xor_sync(FULL_WARP, x, step);
    }
    return x;
}
