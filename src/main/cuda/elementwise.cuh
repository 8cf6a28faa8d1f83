// Loops over elements: every thread has several wide loads in flight, then computes, then stores.
//
// A block takes a tile of THREADS · U groups of N elements; thread i takes groups i, i + THREADS, … so that each access of a
// warp is one contiguous stretch. One pass, no loop over tiles: blocks are many and the hardware balances them. A pointer
// that is not aligned to a group sends the whole tile through single elements, and so does what is left after the last group.
//
// Operands may be one and the same (in place), so nothing is declared __restrict__ and nothing goes through ld.global.nc:
// all loads of a tile come before its first store instead.
#pragma once

#include "common.cuh"

#define THREADS 256

// A kernel of which at least so many blocks fit a multiprocessor: left to itself the assembler spills registers of some to
// make room for one block more.
#define RESIDENT_KERNEL(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)

// N elements of T, moved in one access of 2, 4, 8 or 16 bytes.
template <typename T, int N>
struct alignas(N * sizeof(T)) Group {
    T at[N];

    __device__ __forceinline__ float get(int i) const { return widen(at[i]); }

    // Element i becomes f(i), which may read this group's elements from i on.
    template <typename F>
    __device__ __forceinline__ void each(F f) {
#pragma unroll
        for (int i = 0; i < N; i++) {
            at[i] = narrow<T>(f(i));
        }
    }
};

// bf16 in pairs, so that a group stays in 32-bit registers; each() reads both of a pair before it writes them.
template <int N>
struct alignas(N * 2) BF16Pairs {
    unsigned int pair[N / 2];

    __device__ __forceinline__ float get(int i) const {
        return __int_as_float(static_cast<int>(i & 1 ? pair[i / 2] & 0xffff0000u : pair[i / 2] << 16));
    }

    template <typename F>
    __device__ __forceinline__ void each(F f) {
#pragma unroll
        for (int i = 0; i < N; i += 2) {
            float low = f(i);
            float high = f(i + 1);
            asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair[i / 2]) : "f"(high), "f"(low));
        }
    }
};

template <>
struct Group<bf16, 4> : BF16Pairs<4> {};
template <>
struct Group<bf16, 8> : BF16Pairs<8> {};

// Accesses are spelled out, since a copy of a group in C++ may come out as one access an element. They keep their order.
#define LOAD(TYPE, FORM, OPERANDS, ...)                                                       \
    __device__ __forceinline__ void load(TYPE& to, const void* from) {                        \
        asm volatile("ld.global." FORM " " OPERANDS ";" : __VA_ARGS__ : "l"(from) : "memory"); \
    }
#define STORE(TYPE, FORM, OPERANDS, ...)                                                     \
    __device__ __forceinline__ void store(void* to, const TYPE& from) {                      \
        asm volatile("st.global." FORM " " OPERANDS ";" : : __VA_ARGS__, "l"(to) : "memory"); \
    }
#define FLOAT4 Group<float, 4>
#define FLOAT1 Group<float, 1>
#define BF16_8 Group<bf16, 8>
#define BF16_4 Group<bf16, 4>
#define BF16_1 Group<bf16, 1>

LOAD(FLOAT4, "v4.f32", "{%0, %1, %2, %3}, [%4]", "=f"(to.at[0]), "=f"(to.at[1]), "=f"(to.at[2]), "=f"(to.at[3]))
LOAD(FLOAT1, "f32", "%0, [%1]", "=f"(to.at[0]))
LOAD(BF16_8, "v4.u32", "{%0, %1, %2, %3}, [%4]", "=r"(to.pair[0]), "=r"(to.pair[1]), "=r"(to.pair[2]), "=r"(to.pair[3]))
LOAD(BF16_4, "v2.u32", "{%0, %1}, [%2]", "=r"(to.pair[0]), "=r"(to.pair[1]))
LOAD(BF16_1, "u16", "%0, [%1]", "=h"(to.at[0].bits))
STORE(FLOAT4, "v4.f32", "[%4], {%0, %1, %2, %3}", "f"(from.at[0]), "f"(from.at[1]), "f"(from.at[2]), "f"(from.at[3]))
STORE(FLOAT1, "f32", "[%1], %0", "f"(from.at[0]))
STORE(BF16_8, "v4.u32", "[%4], {%0, %1, %2, %3}", "r"(from.pair[0]), "r"(from.pair[1]), "r"(from.pair[2]), "r"(from.pair[3]))
STORE(BF16_4, "v2.u32", "[%2], {%0, %1}", "r"(from.pair[0]), "r"(from.pair[1]))
STORE(BF16_1, "u16", "[%1], %0", "h"(from.at[0].bits))

template <int N, typename T>
__device__ __forceinline__ Group<T, N> load_group(const T* from) {
    Group<T, N> group;
    load(group, from);
    return group;
}

template <typename T, int N>
__device__ __forceinline__ void store_group(T* to, const Group<T, N>& group) {
    store(to, group);
}

// Whether groups of N elements can be read from here on; true of null.
template <int N, typename T>
__device__ __forceinline__ bool fits(const T* p) {
    return (reinterpret_cast<unsigned long long>(p) & (N * sizeof(T) - 1)) == 0;
}

// A number of elements as a type, so that one lambda serves groups and single elements.
template <int N>
struct Width {
    static constexpr int value = N;
};
#define WIDTH(w) decltype(w)::value

// The groups of THREADS · U from element `first` on that end at or before `end`.
template <int U, int N, typename Load, typename Store>
__device__ __forceinline__ void tile(long long first, long long end, Load load, Store store) {
    const Width<N> width;
    decltype(load(width, first)) in[U];
#pragma unroll
    for (int u = 0; u < U; u++) {
        long long i = first + static_cast<long long>(u * THREADS + threadIdx.x) * N;
        if (i + N <= end) {
            in[u] = load(width, i);
        }
    }
#pragma unroll
    for (int u = 0; u < U; u++) {
        long long i = first + static_cast<long long>(u * THREADS + threadIdx.x) * N;
        if (i + N <= end) {
            store(width, i, in[u]);
        }
    }
}

// Elements [0, n), tile `at` of them; load(width, i) reads what the elements from i on need, store(width, i, loaded) writes.
template <int U, int N, typename Load, typename Store>
__device__ __forceinline__ void elementwise(long long at, long long n, bool wide, Load load, Store store) {
    long long first = at * (THREADS * U * N);
    if (wide) {
        tile<U, N>(first, n, load, store);
        long long rest = n - n % N + threadIdx.x;
        if (N > 1 && first + THREADS * U * N >= n && rest < n) {
            store(Width<1>(), rest, load(Width<1>(), rest));
        }
    } else {
#pragma unroll 1
        for (int k = 0; k < N; k++) {
            tile<U, 1>(first + k * (THREADS * U), n, load, store);
        }
    }
}

// 1/x to an ulp, one instruction.
__device__ __forceinline__ float reciprocal(float x) {
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
