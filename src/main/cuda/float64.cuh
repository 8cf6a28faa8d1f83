// Logarithm, sine and cosine in float64, good to about an ulp, so that what is rounded to float32 has the bits that any other
// good implementation gives.
//
// Arguments are known to be harmless here: no infinities, no denormals, angles far below 2⁵⁰. So a two-part π/2 reduces exactly
// enough and nothing needs Payne and Hanek's table in local memory. Series are Taylor's, cut where a term falls below 2⁻⁵⁵.
#pragma once

// ln x for a normal x > 0: x = 2^k m with m in [√½, √2), ln m = 2 artanh(s), s = (m − 1)/(m + 1).
__device__ __forceinline__ double log64(double x) {
    long long bits = __double_as_longlong(x);
    int k = static_cast<int>(bits >> 52) - 1023;
    double m = __longlong_as_double((bits & 0xfffffffffffffll) | 0x3ff0000000000000ll);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        k += 1;
    }
    double f = m - 1.0;
    double s = f / (2.0 + f);
    double z = s * s;
    double p = 1.0 / 23;
    p = __fma_rn(p, z, 1.0 / 21);
    p = __fma_rn(p, z, 1.0 / 19);
    p = __fma_rn(p, z, 1.0 / 17);
    p = __fma_rn(p, z, 1.0 / 15);
    p = __fma_rn(p, z, 1.0 / 13);
    p = __fma_rn(p, z, 1.0 / 11);
    p = __fma_rn(p, z, 1.0 / 9);
    p = __fma_rn(p, z, 1.0 / 7);
    p = __fma_rn(p, z, 1.0 / 5);
    p = __fma_rn(p, z, 1.0 / 3);
    double twice = s + s;
    double of_m = __fma_rn(twice * z, p, twice);
    // ln 2 in two parts, the first with 33 bits: k times it is exact.
    const double LN2_HIGH = 0x1.62e42feep-1;
    const double LN2_LOW = 0x1.a39ef35793c76p-33;
    return __fma_rn(static_cast<double>(k), LN2_HIGH, __fma_rn(static_cast<double>(k), LN2_LOW, of_m));
}

struct SineCosine {
    double sine;
    double cosine;
};

// Both of an angle in radians, |angle| < 2⁵⁰.
__device__ __forceinline__ SineCosine sine_cosine64(double angle) {
    const double TWO_OVER_PI = 0x1.45f306dc9c883p-1;
    const double HALF_PI_HIGH = 0x1.921fb54442d18p+0;
    const double HALF_PI_LOW = 0x1.1a62633145c07p-54;
    // Adding 1.5 · 2⁵² rounds to the nearest integer, and leaves it in the low bits.
    const double ROUND = 6755399441055744.0;
    double shifted = __fma_rn(angle, TWO_OVER_PI, ROUND);
    int quarter = static_cast<int>(__double_as_longlong(shifted));
    double turns = shifted - ROUND;
    double r = __fma_rn(-turns, HALF_PI_HIGH, angle);
    r = __fma_rn(-turns, HALF_PI_LOW, r);
    double z = r * r;
    double p = -1.0 / 1307674368000.0;
    p = __fma_rn(p, z, 1.0 / 6227020800.0);
    p = __fma_rn(p, z, -1.0 / 39916800.0);
    p = __fma_rn(p, z, 1.0 / 362880.0);
    p = __fma_rn(p, z, -1.0 / 5040.0);
    p = __fma_rn(p, z, 1.0 / 120.0);
    p = __fma_rn(p, z, -1.0 / 6.0);
    double sine = __fma_rn(r * z, p, r);
    double q = 1.0 / 20922789888000.0;
    q = __fma_rn(q, z, -1.0 / 87178291200.0);
    q = __fma_rn(q, z, 1.0 / 479001600.0);
    q = __fma_rn(q, z, -1.0 / 3628800.0);
    q = __fma_rn(q, z, 1.0 / 40320.0);
    q = __fma_rn(q, z, -1.0 / 720.0);
    q = __fma_rn(q, z, 1.0 / 24.0);
    double half = 0.5 * z;
    double head = 1.0 - half;
    double cosine = head + __fma_rn(z * z, q, (1.0 - head) - half);
    SineCosine result;
    result.sine = (quarter & 1) ? cosine : sine;
    result.cosine = (quarter & 1) ? sine : cosine;
    if (quarter & 2) {
        result.sine = -result.sine;
    }
    if ((quarter + 1) & 2) {
        result.cosine = -result.cosine;
    }
    return result;
}
