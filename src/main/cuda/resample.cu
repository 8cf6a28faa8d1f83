// Separable resizing by taps, float32: nearest, bilinear, bicubic, antialiased or not.
//
//   y[b, i, j, c] = Σ_u Σ_v rowWeights[i, u] · columnWeights[j, v] · x[b, rowStart_i + u, columnStart_j + v, c]
//   gradX[b, r, s, c] += Σ over results (i, j) whose taps cover (r, s) of the same weights · gradY[b, i, j, c]
//
// x (B, height, width, C), y (B, h, w, C), starts (h) and (w) of int, weights (h, rowTaps) and (w, columnTaps).
// Launch: a thread an element of what is written, 256 of one line a block (pictures.cuh). The backward gathers: first the
// span of results that can cover each row and each column is looked up, a thread each; starts may come in any order.
// Fewest bytes: x and y once; what taps share comes from the cache.
#include "pictures.cuh"

KERNEL(PICTURE_THREADS)
resample_forward(
        float* y,
        const float* x,
        const int* rowStart,
        const float* rowWeights,
        const int* columnStart,
        const float* columnWeights,
        int height,
        int width,
        int h,
        int w,
        int c,
        int rowTaps,
        int columnTaps) {
    const PicturePlace to(h, w, c);
    if (!to.inside) {
        return;
    }
    const int row = rowStart[to.row];
    const int column = columnStart[to.column];
    float sum = 0;
    for (int u = 0; u < rowTaps; u++) {
        float line = 0;
        for (int v = 0; v < columnTaps; v++) {
            const float value = x[pixel(to.sample, row + u, column + v, to.channel, height, width, c)];
            line = fmaf(columnWeights[to.column * columnTaps + v], value, line);
        }
        sum = fmaf(rowWeights[to.row * rowTaps + u], line, sum);
    }
    y[to.at] = sum;
}

// spans (side, 2): the first of n results whose taps cover each source, and the one after the last; 0, 0 where none do.
KERNEL(PICTURE_THREADS) resample_spans(int* spans, const int* start, int n, int taps, int side) {
    const int source = blockIdx.x * PICTURE_THREADS + threadIdx.x;
    if (source >= side) {
        return;
    }
    int first = 0;
    int end = 0;
    for (int i = 0; i < n; i++) {
        const int u = source - start[i];
        if (u >= 0 && u < taps) {
            first = end == 0 ? i : first;
            end = i + 1;
        }
    }
    reinterpret_cast<int2*>(spans)[source] = make_int2(first, end);
}

KERNEL(PICTURE_THREADS)
resample_backward(
        float* gradX,
        const float* gradY,
        const int* rowStart,
        const float* rowWeights,
        const int* columnStart,
        const float* columnWeights,
        const int* rowSpans,
        const int* columnSpans,
        int height,
        int width,
        int h,
        int w,
        int c,
        int rowTaps,
        int columnTaps) {
    const PicturePlace to(height, width, c);
    if (!to.inside) {
        return;
    }
    const int2 rows = reinterpret_cast<const int2*>(rowSpans)[to.row];
    const int2 columns = reinterpret_cast<const int2*>(columnSpans)[to.column];
    float sum = 0;
    for (int i = rows.x; i < rows.y; i++) {
        const int u = to.row - rowStart[i];
        if (u < 0 || u >= rowTaps) {
            continue;
        }
        float line = 0;
        for (int j = columns.x; j < columns.y; j++) {
            const int v = to.column - columnStart[j];
            if (v >= 0 && v < columnTaps) {
                line = fmaf(columnWeights[j * columnTaps + v], gradY[pixel(to.sample, i, j, to.channel, h, w, c)], line);
            }
        }
        sum = fmaf(rowWeights[i * rowTaps + u], line, sum);
    }
    gradX[to.at] += sum;
}
