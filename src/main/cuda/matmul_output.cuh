// Where a product goes: the order of the tiles, and the way from accumulators to c.
#pragma once
#include "common.cuh"

// Flags.
#define ACCUMULATE 1
#define BFLOAT16_C 2
#define WIDE_C 4        // four neighbours of c and of the bias lie on 16 bytes
#define DEEP_ROWS_A 8   // the depth is the slow axis of a
#define DEEP_ROWS_B 16
#define WIDE_A 32       // rows of a start at multiples of 16 bytes
#define WIDE_B 64
#define BFLOAT16_A 128
#define BFLOAT16_B 256

// Arguments of every product kernel, in this order.
#define MATMUL_ARGUMENTS                                                                                              \
    void *c, const void *a, const void *b, const float *bias, int m, int n, int k, int lda, int ldb, int ldc,         \
        int depth, long long partial, int flags

// c (m, ldc) row-major; columns at or after n are not written, but for the rest of a pack of four.
// Slice s of the depth writes to c + s * partial elements.
struct Output {
    void* c;
    const float* bias;
    int m;
    int n;
    int ldc;
    int flags;
};

struct TileAt {
    int row;
    int column;
};

// Blocks that run at the same time share rows of a and columns of b: 16 rows of tiles, column after column.
template <int BM, int BN>
__device__ __forceinline__ TileAt tile_at(int m, int n) {
    constexpr int GROUP = 16;
    const int rows = (m + BM - 1) / BM;
    const int columns = (n + BN - 1) / BN;
    const int group = blockIdx.x / (GROUP * columns);
    const int within = blockIdx.x % (GROUP * columns);
    const int height = min(GROUP, rows - group * GROUP);
    return {(group * GROUP + within % height) * BM, within / height * BN};
}

// Only partial sums, which are float, have more than one slice.
__device__ __forceinline__ void* slice_of(void* c, long long partial) {
    return static_cast<float*>(c) + blockIdx.y * partial;
}

__device__ __forceinline__ float4 bias_at(const Output& output, int column) {
    if (output.bias == nullptr || column >= output.n) {
        return make_float4(0, 0, 0, 0);
    }
    return *reinterpret_cast<const float4*>(output.bias + column);
}

__device__ __forceinline__ float4 plus(float4 x, float4 y) {
    return make_float4(x.x + y.x, x.y + y.y, x.z + y.z, x.w + y.w);
}

// Four neighbours of a row: 16 bytes of float, 8 of bf16.
template <typename T>
__device__ __forceinline__ float4 load4(const T* from);

template <>
__device__ __forceinline__ float4 load4<float>(const float* from) {
    return *reinterpret_cast<const float4*>(from);
}

template <>
__device__ __forceinline__ float4 load4<bf16>(const bf16* from) {
    const uint2 bits = *reinterpret_cast<const uint2*>(from);
    return make_float4(
        __uint_as_float(bits.x << 16),
        __uint_as_float(bits.x & 0xffff0000u),
        __uint_as_float(bits.y << 16),
        __uint_as_float(bits.y & 0xffff0000u));
}

__device__ __forceinline__ void store4(float* to, float4 x) { *reinterpret_cast<float4*>(to) = x; }

__device__ __forceinline__ unsigned narrow2(float low, float high) {
    unsigned bits;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return bits;
}

__device__ __forceinline__ void store4(bf16* to, float4 x) {
    *reinterpret_cast<uint2*>(to) = make_uint2(narrow2(x.x, x.y), narrow2(x.z, x.w));
}

template <typename T, int PACKS, typename Below>
__device__ __forceinline__ void emit_as(const Output& output, int row, int column, float4 (&sums)[PACKS], Below below) {
    const long long ldc = output.ldc;
    T* c = static_cast<T*>(output.c) + row * ldc + column;
    if (output.flags & ACCUMULATE) {
#pragma unroll
        for (int i = 0; i < PACKS; i++) {
            if (row + below(i) < output.m) {
                sums[i] = plus(sums[i], load4<T>(c + below(i) * ldc));
            }
        }
    }
#pragma unroll
    for (int i = 0; i < PACKS; i++) {
        if (row + below(i) < output.m) {
            store4(c + below(i) * ldc, sums[i]);
        }
    }
}

// c ← (c +) sums: packs of four columns from `column` on, pack i in row `row` + below(i).
template <int PACKS, typename Below>
__device__ __forceinline__ void emit(const Output& output, int row, int column, float4 (&sums)[PACKS], Below below) {
    if (column >= output.n) {
        return;
    }
    if (output.flags & BFLOAT16_C) {
        emit_as<bf16>(output, row, column, sums, below);
    } else {
        emit_as<float>(output, row, column, sums, below);
    }
}

// Shared memory.
__device__ __forceinline__ unsigned shared_address(const void* shared) {
    return static_cast<unsigned>(__cvta_generic_to_shared(shared));
}

// 16 bytes of shared memory. In assembler, since the compiler may cut such an access in pieces.
__device__ __forceinline__ float4 read16(unsigned from) {
    float4 x;
    asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
                 : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w)
                 : "r"(from)
                 : "memory");
    return x;
}

__device__ __forceinline__ void write16(unsigned to, float4 x) {
    asm volatile("st.shared.v4.f32 [%0], {%1, %2, %3, %4};" ::"r"(to), "f"(x.x), "f"(x.y), "f"(x.z), "f"(x.w) : "memory");
}

// 16 bytes to shared memory in the background, past L1; zeros when not wanted, and then `from` is not touched.
__device__ __forceinline__ void copy16(unsigned to, const void* from, bool wanted) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(wanted ? 16 : 0));
}

__device__ __forceinline__ void copy4(unsigned to, const void* from, bool wanted) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(from), "r"(wanted ? 4 : 0));
}

__device__ __forceinline__ void end_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int PENDING>
__device__ __forceinline__ void await_copies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}
