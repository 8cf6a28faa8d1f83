// GELU-gated linear unit, Shazeer 2020 (arXiv:2002.05202), GEGLU, eq. 6, with the tanh form of GELU.
//
//   y = gelu(gate) · up,   gelu(x) = ½ x (1 + tanh u) = x · σ(2u),   u = √(2/π) (x + 0.044715 x³)
//   gradUp += gradY · gelu(gate)
//   gradGate += gradY · up · gelu'(gate),   gelu'(x) = σ + x · σ · (1 − σ) · (2u)'
//
// All of n elements of T; gradGate or gradUp may be null. σ = 1/(1 + e^−2u) has no difference of like terms, which
// ½ (1 + tanh u) has left of zero; an overflowing e^−2u gives the right zero.
//
// Launch: blocks of 256; a thread takes two units of 16 bytes, 256 apart, (or single elements) of every tensor. The
// elements that do not fill a unit are the last block's, one a thread.
//
// Fewest bytes: forward 3·n of T, backward 7·n of T.
// traffic: geglu_*_single_* where tensors do not start at a multiple of 16 bytes, the bytes of a warp lie across one sector more than they fill
#include "rows.cuh"

constexpr double TWICE = 1.5957691216057308;  // 2·√(2/π)
constexpr double CUBIC = 0.044715;
constexpr double LOG2_E = 1.4426950408889634;
constexpr int UNITS = 2;

// σ(2u): both approximations are good to 2⁻²², and the exponent's rounding weighs |2u|·2⁻²⁴ where σ is next to 0.
__device__ __forceinline__ float sigmoid_of_gelu(float x) {
    constexpr float linear = static_cast<float>(-TWICE * LOG2_E);
    constexpr float cubic = static_cast<float>(-TWICE * LOG2_E * CUBIC);
    float power;
    float weight;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x * fmaf(x * x, cubic, linear)));
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(weight) : "f"(1.0f + power));
    return weight;
}

template <int V>
__device__ __forceinline__ void gated(float (&y)[V], const float (&gate)[V], const float (&up)[V]) {
#pragma unroll
    for (int j = 0; j < V; j++) {
        y[j] = gate[j] * sigmoid_of_gelu(gate[j]) * up[j];
    }
}

template <typename T, int V>
__device__ __forceinline__ void forward(
        T* __restrict__ y, const T* __restrict__ gate, const T* __restrict__ up, long long n) {
    const long long whole = n / V;
    const long long first = static_cast<long long>(blockIdx.x) * (256 * UNITS) + threadIdx.x;
    Unit<T, V> gates[UNITS];
    Unit<T, V> ups[UNITS];
#pragma unroll
    for (int i = 0; i < UNITS; i++) {
        const long long unit = first + i * 256;
        gates[i] = read<T, V>(gate + unit * V, unit < whole);
        ups[i] = read<T, V>(up + unit * V, unit < whole);
    }
#pragma unroll
    for (int i = 0; i < UNITS; i++) {
        float a[V];
        float b[V];
        widen(a, gates[i]);
        widen(b, ups[i]);
        gated(a, a, b);
        if (first + i * 256 < whole) {
            write(y + (first + i * 256) * V, a);
        }
    }
    const long long single = whole * V + threadIdx.x;
    if (V > 1 && blockIdx.x == gridDim.x - 1 && single < n) {
        float a[1] = {widen(gate[single])};
        const float b[1] = {widen(up[single])};
        gated(a, a, b);
        y[single] = narrow<T>(a[0]);
    }
}

// The unit at `at` of both gradients.
template <typename T, int V>
__device__ __forceinline__ void add_gradients(
        T* gradGate, T* gradUp, long long at, const Unit<T, V>& grads, const Unit<T, V>& gates, const Unit<T, V>& ups) {
    float grad[V];
    float x[V];
    float up[V];
    widen(grad, grads);
    widen(x, gates);
    widen(up, ups);
    float into_gate[V] = {};
    float into_up[V] = {};
    if (gradGate != nullptr) {
        widen(into_gate, read<T, V>(gradGate + at));
    }
    if (gradUp != nullptr) {
        widen(into_up, read<T, V>(gradUp + at));
    }
#pragma unroll
    for (int j = 0; j < V; j++) {
        const float weight = sigmoid_of_gelu(x[j]);
        // Where x² is that large, weight · (1 − weight) is 0, and 0 · ∞ must not come up.
        constexpr float linear = static_cast<float>(TWICE);
        constexpr float square = static_cast<float>(3 * TWICE * CUBIC);
        const float slope = fmaf(fminf(x[j] * x[j], 1e30f), square, linear);
        into_up[j] += grad[j] * (x[j] * weight);
        into_gate[j] += grad[j] * up[j] * (weight + x[j] * weight * (1 - weight) * slope);
    }
    if (gradGate != nullptr) {
        write(gradGate + at, into_gate);
    }
    if (gradUp != nullptr) {
        write(gradUp + at, into_up);
    }
}

template <typename T, int V>
__device__ __forceinline__ void backward(
        T* __restrict__ gradGate,
        T* __restrict__ gradUp,
        const T* __restrict__ gradY,
        const T* __restrict__ gate,
        const T* __restrict__ up,
        long long n) {
    const long long whole = n / V;
    const long long first = static_cast<long long>(blockIdx.x) * (256 * UNITS) + threadIdx.x;
    Unit<T, V> grads[UNITS];
    Unit<T, V> gates[UNITS];
    Unit<T, V> ups[UNITS];
#pragma unroll
    for (int i = 0; i < UNITS; i++) {
        const long long unit = first + i * 256;
        grads[i] = read<T, V>(gradY + unit * V, unit < whole);
        gates[i] = read<T, V>(gate + unit * V, unit < whole);
        ups[i] = read<T, V>(up + unit * V, unit < whole);
    }
#pragma unroll
    for (int i = 0; i < UNITS; i++) {
        if (first + i * 256 < whole) {
            add_gradients(gradGate, gradUp, (first + i * 256) * V, grads[i], gates[i], ups[i]);
        }
    }
    const long long single = whole * V + threadIdx.x;
    if (V > 1 && blockIdx.x == gridDim.x - 1 && single < n) {
        add_gradients(gradGate, gradUp, single, read<T, 1>(gradY + single), read<T, 1>(gate + single),
                read<T, 1>(up + single));
    }
}

#define ENTRIES(name, type, v)                                                                                         \
    KERNEL(256) geglu_forward##name(type* y, const type* gate, const type* up, long long n) {                          \
        forward<type, v>(y, gate, up, n);                                                                              \
    }                                                                                                                  \
    KERNEL(256)                                                                                                        \
    geglu_backward##name(                                                                                              \
            type* gradGate, type* gradUp, const type* gradY, const type* gate, const type* up, long long n) {          \
        backward<type, v>(gradGate, gradUp, gradY, gate, up, n);                                                       \
    }

ENTRIES(_f32, float, WIDE<float>)
ENTRIES(_bf16, bf16, WIDE<bf16>)
ENTRIES(_single_f32, float, 1)
ENTRIES(_single_bf16, bf16, 1)
