// What every kernel here shares: bf16 without toolkit headers, 16-byte packs, reductions over a warp and a block.
//
// Element types: T is float or bf16; arithmetic is float32. N = 16 / sizeof(T) elements make one 16-byte access.
// Legend: B batch, L image tokens, T text tokens, S = T + L keys, D width, H heads, M MLP width, P patch, C colours, N rows.
#pragma once

#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
#define FULL_WARP 0xffffffffu

struct bf16 {
    unsigned short bits;
};

__device__ __forceinline__ float widen(float x) { return x; }

__device__ __forceinline__ float widen(bf16 x) { return __int_as_float(static_cast<int>(x.bits) << 16); }

// To nearest even; NaN becomes 0x7fff, as cvt.rn.bf16 has it.
__device__ __forceinline__ bf16 narrow_bf16(float x) {
    bf16 y;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
    return y;
}

template <typename T>
__device__ __forceinline__ T narrow(float x);

template <>
__device__ __forceinline__ float narrow<float>(float x) {
    return x;
}

template <>
__device__ __forceinline__ bf16 narrow<bf16>(float x) {
    return narrow_bf16(x);
}

// 16 bytes of T: one load or store.
template <typename T>
struct alignas(16) Pack {
    static constexpr int N = 16 / sizeof(T);
    T at[N];

    __device__ __forceinline__ float get(int i) const { return widen(at[i]); }
};

template <typename T>
__device__ __forceinline__ Pack<T> load(const T* from) {
    Pack<T> pack;
    *reinterpret_cast<uint4*>(&pack) = *reinterpret_cast<const uint4*>(from);
    return pack;
}

__device__ __forceinline__ float warp_sum(float x) {
#pragma unroll
    for (int step = 16; step > 0; step >>= 1) {
        x += __shfl_xor_sync(FULL_WARP, x, step);
    }
    return x;
}

__device__ __forceinline__ double warp_sum(double x) {
#pragma unroll
    for (int step = 16; step > 0; step >>= 1) {
        x += __shfl_xor_sync(FULL_WARP, x, step);
    }
    return x;
}

// Sum over a block of THREADS threads (a multiple of 32), the same on every thread and in every run; all threads take part.
template <int THREADS, typename F>
__device__ __forceinline__ F block_sum(F x) {
    __shared__ F partial[THREADS / 32];
    x = warp_sum(x);
    __syncthreads();  // an earlier sum may still be read
    if ((threadIdx.x & 31) == 0) {
        partial[threadIdx.x >> 5] = x;
    }
    __syncthreads();
    F sum = partial[0];
#pragma unroll
    for (int i = 1; i < THREADS / 32; i++) {
        sum += partial[i];
    }
    return sum;
}
