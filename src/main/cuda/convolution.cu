// Cross-correlation of pictures, float32, weights float32 or bf16.
//
//   y[b, i, j, o] = bias_o + Σ_{c, u, v} weight[o, c, u, v] · x[b, stride·i + u − top, stride·j + v − left, group(o)·C/groups + c]
//   gradX[b, r, s, c] += Σ over (o, u, v) whose tap falls on (r, s);  gradWeight[o, c, u, v] += Σ_{b, i, j} gradY · x
//
// x (B, height, width, C), y (B, h, w, O), weight (O, C/groups, kh, kw).
// Method: implicit products, Chetlur et al. 2014 (arXiv:1410.0759) §3: patches are gathered into shared memory and never lie
// anywhere else. Weights are turned first, widened, so that results lie side by side. Depth goes by taps, channels within.
// Launch: tiles of 64 pixels × 64 channels (of the weights 64 taps' channels × 64 results), 16 deep, 256 threads of 4 × 4; groups
// along z. Where a group has few results a thread takes an element and goes through its taps. The gradient of the weights goes
// by slices of pixels, which are then added in order: no atomics, the same bits in every run.
// Fewest bytes: x, y and the weights once; a pixel of x is read kh·kw · O/64 times, mostly from the cache.
// traffic: convolution_weights_* a thread reads the weights of one result or channel, which lie taps apart; they are few beside the products
// traffic: convolution_weight_sums the gradient lies (O, C/groups, kh, kw) and its slices with results side by side; they are few beside the products
#include "convolution.cuh"

KERNEL(CONVOLUTION_THREADS)
convolution_forward(
        float* y, const float* x, const float* weights, const float* bias, PICTURES, int perGroup, int results, int kw) {
    tiled_product<false>(y, x, weights, bias, Pictures{PICTURE_VALUES}, perGroup, results, kw);
}

KERNEL(CONVOLUTION_THREADS)
convolution_backward(
        float* gradX, const float* gradY, const float* weights, const float* bias, PICTURES, int perGroup, int results, int kw) {
    tiled_product<true>(gradX, gradY, weights, bias, Pictures{PICTURE_VALUES}, perGroup, results, kw);
}

KERNEL(CONVOLUTION_THREADS)
convolution_direct_forward(
        float* y, const float* x, const float* weights, const float* bias, PICTURES, int perGroup, int results, int kw) {
    direct_product<false>(y, x, weights, bias, Pictures{PICTURE_VALUES}, perGroup, results, kw);
}

KERNEL(CONVOLUTION_THREADS)
convolution_direct_backward(
        float* gradX, const float* gradY, const float* weights, const float* bias, PICTURES, int perGroup, int results, int kw) {
    direct_product<true>(gradX, gradY, weights, bias, Pictures{PICTURE_VALUES}, perGroup, results, kw);
}

KERNEL(CONVOLUTION_THREADS)
convolution_weight_slices(
        float* slices, const float* x, const float* gradY, PICTURES, int perGroup, int results, int kw, int piece) {
    weight_slices(slices, x, gradY, Pictures{PICTURE_VALUES}, perGroup, results, kw, piece);
}

KERNEL(CONVOLUTION_THREADS)
convolution_direct_weight_slices(
        float* slices, const float* x, const float* gradY, PICTURES, int perGroup, int results, int kw, int piece) {
    direct_weight_slices(slices, x, gradY, Pictures{PICTURE_VALUES}, perGroup, results, kw, piece);
}

// gradWeight (o, perGroup, taps) += Σ slices (count, taps · perGroup, o), in order.
KERNEL(CONVOLUTION_THREADS)
convolution_weight_sums(float* gradWeight, const float* slices, int count, int o, int perGroup, int taps) {
    const int at = blockIdx.x * CONVOLUTION_THREADS + threadIdx.x;
    const int n = o * perGroup * taps;
    if (at < n) {
        float sum = 0;
#pragma unroll 4
        for (int i = 0; i < count; i++) {
            sum += slices[static_cast<long long>(i) * n + at];
        }
        const int k = at / o;
        gradWeight[(at % o * static_cast<long long>(perGroup) + k % perGroup) * taps + k / perGroup] += sum;
    }
}

// to (taps, perGroup, o) of weight (o, perGroup, taps), or for the backward (taps, results of a group, groups · perGroup).
template <typename T>
__device__ __forceinline__ void turn_weights(float* to, const T* weight, int o, int perGroup, int taps, int groups, int back) {
    const int at = blockIdx.x * CONVOLUTION_THREADS + threadIdx.x;
    if (at >= o * perGroup * taps) {
        return;
    }
    const int across = back ? groups * perGroup : o;
    const int deep = back ? o / groups : perGroup;
    const int column = at % across;
    const int k = at / across;
    const int tap = k / deep;
    const int result = back ? column / perGroup * deep + k % deep : column;
    const int channel = back ? column % perGroup : k % deep;
    to[at] = widen(weight[(result * static_cast<long long>(perGroup) + channel) * taps + tap]);
}

KERNEL(CONVOLUTION_THREADS)
convolution_weights_f32(float* to, const float* weight, int o, int perGroup, int taps, int groups, int back) {
    turn_weights(to, weight, o, perGroup, taps, groups, back);
}

KERNEL(CONVOLUTION_THREADS)
convolution_weights_bf16(float* to, const bf16* weight, int o, int perGroup, int taps, int groups, int back) {
    turn_weights(to, weight, o, perGroup, taps, groups, back);
}
