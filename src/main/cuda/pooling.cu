// Largest and mean of windows of a picture, float32.
//
//   max      y = max of x over the window, padding never wins; index = row · width + column of the first of equals
//            gradX += Σ gradY of the windows whose index is this pixel
//   average  y = Σ x / count over the window, count its pixels in the picture or all size²
//            gradX += Σ gradY / count of the windows that this pixel lies in
//
// x (B, height, width, C), y and index (B, h, w, C); window i takes rows [stride · i − padding, + size).
// Launch: a thread an element of what is written, 256 of one line a block (pictures.cuh); backwards gather, in the windows'
// order, so that the bits are those of every run.
// Fewest bytes: x and y once; overlapping windows come from the cache.
#include "pictures.cuh"

struct Windows {
    int size, stride, padding;

    // Rows or columns [first, end) of a window that lie in the picture.
    __device__ __forceinline__ int first(int window) const { return max(0, window * stride - padding); }

    __device__ __forceinline__ int end(int window, int side) const { return min(side, window * stride - padding + size); }

    // The first window that a row or column lies in, and the one after the last.
    __device__ __forceinline__ int first_over(int place) const {
        const int beyond = place + padding - size + 1;
        return beyond <= 0 ? 0 : (beyond + stride - 1) / stride;
    }

    __device__ __forceinline__ int end_over(int place, int windows) const {
        return min(windows, (place + padding) / stride + 1);
    }
};

#define SIDES int height, int width, int h, int w, int c, int size, int stride, int padding

KERNEL(PICTURE_THREADS) pooling_max(float* y, int* index, const float* x, SIDES) {
    const PicturePlace to(h, w, c);
    const Windows windows{size, stride, padding};
    if (!to.inside) {
        return;
    }
    float best = 0;
    int where = -1;
    for (int row = windows.first(to.row); row < windows.end(to.row, height); row++) {
        for (int column = windows.first(to.column); column < windows.end(to.column, width); column++) {
            const float value = x[pixel(to.sample, row, column, to.channel, height, width, c)];
            // What is no number comes before all, so that a fault shows.
            if (where < 0 || value > best || (value != value && best == best)) {
                best = value;
                where = row * width + column;
            }
        }
    }
    y[to.at] = best;
    index[to.at] = where;
}

KERNEL(PICTURE_THREADS) pooling_max_backward(float* gradX, const float* gradY, const int* index, SIDES) {
    const PicturePlace to(height, width, c);
    const Windows windows{size, stride, padding};
    if (!to.inside) {
        return;
    }
    const int own = to.row * width + to.column;
    float sum = 0;
    for (int i = windows.first_over(to.row); i < windows.end_over(to.row, h); i++) {
        for (int j = windows.first_over(to.column); j < windows.end_over(to.column, w); j++) {
            const long long at = pixel(to.sample, i, j, to.channel, h, w, c);
            if (index[at] == own) {
                sum += gradY[at];
            }
        }
    }
    gradX[to.at] += sum;
}

// Rows or columns of a window that count.
__device__ __forceinline__ int counted(const Windows& windows, int window, int side, int countPadding) {
    return countPadding ? windows.size : windows.end(window, side) - windows.first(window);
}

KERNEL(PICTURE_THREADS) pooling_average(float* y, const float* x, SIDES, int countPadding) {
    const PicturePlace to(h, w, c);
    const Windows windows{size, stride, padding};
    if (!to.inside) {
        return;
    }
    float sum = 0;
    for (int row = windows.first(to.row); row < windows.end(to.row, height); row++) {
        for (int column = windows.first(to.column); column < windows.end(to.column, width); column++) {
            sum += x[pixel(to.sample, row, column, to.channel, height, width, c)];
        }
    }
    const int rows = counted(windows, to.row, height, countPadding);
    y[to.at] = sum / static_cast<float>(rows * counted(windows, to.column, width, countPadding));
}

KERNEL(PICTURE_THREADS) pooling_average_backward(float* gradX, const float* gradY, SIDES, int countPadding) {
    const PicturePlace to(height, width, c);
    const Windows windows{size, stride, padding};
    if (!to.inside) {
        return;
    }
    float sum = 0;
    for (int i = windows.first_over(to.row); i < windows.end_over(to.row, h); i++) {
        const int rows = counted(windows, i, height, countPadding);
#pragma unroll 1
        for (int j = windows.first_over(to.column); j < windows.end_over(to.column, w); j++) {
            const int pixels = rows * counted(windows, j, width, countPadding);
            sum += gradY[pixel(to.sample, i, j, to.channel, h, w, c)] / static_cast<float>(pixels);
        }
    }
    gradX[to.at] += sum;
}
