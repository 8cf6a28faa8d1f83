// Softmax with a mask, float32.
//
//   y = softmax(scale · x) over the last axis, keys left out where the mask is false; a row without keys is zero
//   gradX += scale · y ⊙ (gradY − Σ_s gradY ⊙ y)
//
// x, y (B, H, L, S), y may be x; mask (B, L, S) of bytes or null.
// Launch: a warp a row, 8 rows a block of 256 threads. The largest score is taken off first (Milakov and Gimelshein 2018,
// arXiv:1805.02867, alg. 2), and y holds the powers between the passes; a row is read again from the cache, so that S is any.
// Fewest bytes: forward 8 an element and 1/H of the mask, backward 16 an element.
#include "columns.cuh"

KERNEL(PLANE_THREADS)
softmax_forward(
        float* y, const float* x, const unsigned char* mask, int rows, int h, int l, int s, float scale) {
    const int row = plane_row();
    if (row >= rows) {
        return;
    }
    const int lane = threadIdx.x & 31;
    x += element(row, 0, s);
    y += element(row, 0, s);
    if (mask != nullptr) {
        mask += element(row / (h * l) * l + row % l, 0, s);
    }
    float largest = -__int_as_float(0x7f800000);
    for (int key = lane; key < s; key += 32) {
        if (mask == nullptr || mask[key]) {
            largest = fmaxf(largest, scale * x[key]);
        }
    }
#pragma unroll
    for (int step = 16; step > 0; step >>= 1) {
        largest = fmaxf(largest, __shfl_xor_sync(FULL_WARP, largest, step));
    }
    float sum = 0;
    for (int key = lane; key < s; key += 32) {
        float power = 0;
        if (mask == nullptr || mask[key]) {
            power = expf(scale * x[key] - largest);
        }
        sum += power;
        y[key] = power;
    }
    sum = warp_sum(sum);
    const float factor = sum == 0 ? 0 : 1 / sum;
    for (int key = lane; key < s; key += 32) {
        y[key] *= factor;
    }
}

KERNEL(PLANE_THREADS)
softmax_backward(float* gradX, const float* gradY, const float* y, int rows, int s, float scale) {
    const int row = plane_row();
    if (row >= rows) {
        return;
    }
    const int lane = threadIdx.x & 31;
    gradX += element(row, 0, s);
    gradY += element(row, 0, s);
    y += element(row, 0, s);
    float sum = 0;
    for (int key = lane; key < s; key += 32) {
        sum = fmaf(gradY[key], y[key], sum);
    }
    sum = warp_sum(sum);
    for (int key = lane; key < s; key += 32) {
        gradX[key] += scale * y[key] * (gradY[key] - sum);
    }
}
