// Elements of pictures (B, height, width, C): a block takes 256 elements of one line, its pixels' channels side by side.
#pragma once

#include "common.cuh"

#define PICTURE_THREADS 256

// Where a thread is; grid (B · height, width · C / 256).
struct PicturePlace {
    int sample, row, column, channel;
    bool inside;
    long long at;

    __device__ __forceinline__ PicturePlace(int height, int width, int channels) {
        const int within = blockIdx.y * PICTURE_THREADS + threadIdx.x;
        sample = blockIdx.x / height;
        row = blockIdx.x % height;
        column = within / channels;
        channel = within % channels;
        inside = within < width * channels;
        at = blockIdx.x * (static_cast<long long>(width) * channels) + within;
    }
};

// Where a pixel's channel lies.
__device__ __forceinline__ long long pixel(
        int sample, int row, int column, int channel, int height, int width, int channels) {
    return ((static_cast<long long>(sample) * height + row) * width + column) * channels + channel;
}
