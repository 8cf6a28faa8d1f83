// Philox 4×32 with ten rounds (Salmon et al. 2011, §3.3) and normal numbers from it (Box and Muller 1958, eq. 1), the same
// numbers as PhiloxRandom.java's: block i of stream s under seed k is the cipher of counter (i, s) under key k.
#pragma once

#include "float64.cuh"

__device__ __forceinline__ uint4 philox_block(unsigned long long seed, unsigned long long stream, unsigned long long block) {
    unsigned int c0 = static_cast<unsigned int>(block);
    unsigned int c1 = static_cast<unsigned int>(block >> 32);
    unsigned int c2 = static_cast<unsigned int>(stream);
    unsigned int c3 = static_cast<unsigned int>(stream >> 32);
    unsigned int k0 = static_cast<unsigned int>(seed);
    unsigned int k1 = static_cast<unsigned int>(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned long long p0 = static_cast<unsigned long long>(0xD2511F53u) * c0;
        unsigned long long p1 = static_cast<unsigned long long>(0xCD9E8D57u) * c2;
        c0 = static_cast<unsigned int>(p1 >> 32) ^ c1 ^ k0;
        c2 = static_cast<unsigned int>(p0 >> 32) ^ c3 ^ k1;
        c1 = static_cast<unsigned int>(p1);
        c3 = static_cast<unsigned int>(p0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return make_uint4(c0, c1, c2, c3);
}

// Two normal numbers from two words: √(−2 ln u) · (cos, sin)(2π w), u = (x + ½)/2³², w = y/2³², in float64, rounded once.
__device__ __forceinline__ float2 normal_pair(unsigned int x, unsigned int y) {
    double radius = __dsqrt_rn(-2.0 * log64((static_cast<double>(x) + 0.5) * 0x1p-32));
    SineCosine of_angle = sine_cosine64(static_cast<double>(y) * (6.283185307179586 * 0x1p-32));
    return make_float2(static_cast<float>(radius * of_angle.cosine), static_cast<float>(radius * of_angle.sine));
}
