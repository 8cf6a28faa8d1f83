// The backward of attention_ffma.cuh, and Σ dO·O, which every backward starts from.
#pragma once

#include "attention_ffma.cuh"

// delta[b, h, l] = Σ_k grad_out[b, l, h·d + k] · out[…]: eight lanes a row. Blocks of 256 threads: ⌈B·H·L / 32⌉.
template <typename T>
__device__ void attention_delta(
        float* delta, const T* grad_out, const T* out, int heads, int queries, int width, long long rows, int wide) {
    long long row = blockIdx.x * 32ll + threadIdx.x / 8;
    float sum = 0;
    if (row < rows) {
        long long head = row / queries;
        long long at = ((head / heads * queries + row % queries) * heads + head % heads) * width;
        if (wide) {
            for (int k = threadIdx.x % 8 * Pack<T>::N; k < width; k += 8 * Pack<T>::N) {
                Pack<T> x = load(grad_out + at + k), y = load(out + at + k);
#pragma unroll
                for (int e = 0; e < Pack<T>::N; e++) {
                    sum = fmaf(x.get(e), y.get(e), sum);
                }
            }
        } else {
            for (int k = threadIdx.x % 8; k < width; k += 8) {
                sum = fmaf(widen(grad_out[at + k]), widen(out[at + k]), sum);
            }
        }
    }
    sum = lanes_sum<8>(sum);
    if (row < rows && threadIdx.x % 8 == 0) {
        delta[row] = sum;
    }
}

// Rows in global memory: the first of a tile's, and how far one is from the next.
template <typename T>
struct Rows {
    const T* first;
    long long stride;
};

// Two row operands and two column operands, in shared memory and where they come from.
template <typename T>
struct Operands {
    float* a1;
    float* a2;
    float* b1;
    float* b2;
    Rows<T> from_a1;
    Rows<T> from_a2;
    Bits rows;  // alive
};

// x = a1·b1ᵀ and y = a2·b2ᵀ of one tile. The block's own part of the width comes last, so that it is what b1 and b2
// then hold.
template <int W, typename Tile, typename T>
__device__ __forceinline__ void pair_of_products(
        float (&x)[Tile::MINE][4],
        float (&y)[Tile::MINE][4],
        const Operands<T>& op,
        Rows<T> from_b1,
        Rows<T> from_b2,
        Bits columns,
        const FfmaPlace<W>& place,
        bool held,
        const Attention<T>& in) {
    const int column = threadIdx.x % 8, row = threadIdx.x / 8;
    for (int step = 1; step <= place.parts; step++) {
        int part = (place.part + step) % place.parts;
        __syncthreads();  // earlier tiles may still be read
        if (!held || place.parts > 1) {
            load_rows<W, Tile, Tile::ROWS>(op.a1, op.from_a1.first, op.from_a1.stride, part * W, in, op.rows);
            load_rows<W, Tile, Tile::ROWS>(op.a2, op.from_a2.first, op.from_a2.stride, part * W, in, op.rows);
        }
        load_rows<W, Tile, Tile::COLUMNS>(op.b1, from_b1.first, from_b1.stride, part * W, in, columns);
        load_rows<W, Tile, Tile::COLUMNS>(op.b2, from_b2.first, from_b2.stride, part * W, in, columns);
        __syncthreads();
        add_products<Tile>(x, op.a1, op.b1, row, column, FfmaPlace<W>::columns(in.width, part));
        add_products<Tile>(y, op.a2, op.b2, row, column, FfmaPlace<W>::columns(in.width, part));
    }
}

// Adds factor · sums to the alive rows of a gradient, by way of an operand that is no longer needed.
template <int W, typename Tile, typename T>
__device__ __forceinline__ void add_gradient(
        T* gradient,
        const float (&sums)[Tile::MINE][W / 8],
        float factor,
        const Operands<T>& op,
        const FfmaPlace<W>& place,
        const Attention<T>& in) {
    float factors[Tile::MINE];
#pragma unroll
    for (int i = 0; i < Tile::MINE; i++) {
        factors[i] = factor;
    }
    int from = place.part * W;
    write_rows<W, Tile, true>(gradient + from, in.width, sums, factors, op.rows, in.width - from, in.wide, op.a1);
}

// The operands' places in shared memory: 2·ROWS·PITCH, 2·32·PITCH and ROWS·40 floats.
template <typename Tile, typename T>
__device__ __forceinline__ float* place_operands(Operands<T>& op) {
    extern __shared__ float4 shared[];
    op.a1 = reinterpret_cast<float*>(shared);
    op.a2 = op.a1 + Tile::ROWS * Tile::PITCH;
    op.b1 = op.a2 + Tile::ROWS * Tile::PITCH;
    op.b2 = op.b1 + Tile::COLUMNS * Tile::PITCH;
    return op.b2 + Tile::COLUMNS * Tile::PITCH;
}

// exp(scale · score − logSumExp): the difference is taken before it goes to base 2, so that its rounding shrinks with
// it.
__device__ __forceinline__ float probability(float score, float scale, float log_sum_exp) {
    return exp2_fast(fmaf(score, scale, -log_sum_exp) * LOG2_E);
}

// dQ of ROWS queries. Blocks: B·H · ⌈L/ROWS⌉ · ⌈d/W⌉.
template <typename T, int W, int ROWS>
__device__ void attention_backward_query_ffma(
        T* gradient, const T* grad_out, const float* log_sum_exp, const float* delta, Attention<T> in) {
    using Tile = FfmaTile<W, ROWS, 128>;
    const int column = threadIdx.x % 8, row = threadIdx.x / 8;
    const FfmaPlace<W> place(in.width, (in.queries + ROWS - 1) / ROWS);
    const int first = place.tile * ROWS;
    const KeyTiles<Tile::COLUMNS> tiles(in, place.head);
    const long long query_offset = in.offset(place.head, in.queries) + static_cast<long long>(first) * in.width;
    Operands<T> op;
    float* weights = place_operands<Tile>(op);
    op.from_a1 = {in.query + query_offset, in.width};
    op.from_a2 = {grad_out + in.out_offset(place.head) + first * in.out_stride(), in.out_stride()};
    op.rows = first_bits(in.queries - first);

    float sums[Tile::MINE][W / 8] = {}, logs[Tile::MINE], deltas[Tile::MINE];
#pragma unroll
    for (int i = 0; i < Tile::MINE; i++) {
        long long query = static_cast<long long>(place.head) * in.queries + first + row + i * Tile::GROUPS;
        bool there = has(op.rows, row + i * Tile::GROUPS);
        logs[i] = there ? log_sum_exp[query] : 0;
        deltas[i] = there ? delta[query] : 0;
    }
    Bits alive;
    bool held = false;
    for (int tile = tiles.from(0, &alive); alive != 0; tile = tiles.from(tile + 1, &alive)) {
        Rows<T> key_rows = {tiles.rows(tile, place.head, in.width, in.text_keys, in.keys), in.width};
        Rows<T> value_rows = {tiles.rows(tile, place.head, in.width, in.text_values, in.values), in.width};
        float scores[Tile::MINE][4] = {}, slopes[Tile::MINE][4] = {};
        pair_of_products<W, Tile>(scores, slopes, op, key_rows, value_rows, alive, place, held, in);
        held = true;
#pragma unroll
        for (int j = 0; j < 4; j++) {
            bool real = has(alive, column + j * 8);
#pragma unroll
            for (int i = 0; i < Tile::MINE; i++) {
                float p = real ? probability(scores[i][j], in.scale, logs[i]) : 0;
                slopes[i][j] = p * (slopes[i][j] - deltas[i]);
            }
        }
        share_weights<Tile>(weights, slopes, row, column);
        add_weighted<W, Tile>(sums, weights, op.b1, row, column, used(alive));
    }
    add_gradient<W, Tile>(gradient + query_offset, sums, in.scale, op, place, in);
}

// dK and dV of ROWS keys, of text or image, either of them null. Blocks: B·H · (⌈T/ROWS⌉ + ⌈K/ROWS⌉) · ⌈d/W⌉.
template <typename T, int W, int ROWS>
__device__ void attention_backward_keys_ffma(
        KeyGradients<T> gradients, const T* grad_out, const float* log_sum_exp, const float* delta, Attention<T> in) {
    using Tile = FfmaTile<W, ROWS, 128>;
    const int column = threadIdx.x % 8, row = threadIdx.x / 8;
    const FfmaPlace<W> place(in.width, KeyTiles<ROWS>::tiles(in.text) + KeyTiles<ROWS>::tiles(in.image));
    const KeyTiles<ROWS> tiles(in, place.head);
    const bool in_text = tiles.is_text(place.tile);
    const bool wants_keys = (in_text ? gradients.text_keys : gradients.keys) != nullptr;
    const bool wants_values = (in_text ? gradients.text_values : gradients.values) != nullptr;
    Operands<T> op;
    float* weights = place_operands<Tile>(op);
    op.from_a1 = {tiles.rows(place.tile, place.head, in.width, in.text_keys, in.keys), in.width};
    op.from_a2 = {tiles.rows(place.tile, place.head, in.width, in.text_values, in.values), in.width};
    op.rows = tiles.alive(place.tile);
    if (op.rows == 0 || !(wants_keys || wants_values)) {
        return;
    }
    const T* query_rows = in.query + in.offset(place.head, in.queries);
    const T* grad_rows = grad_out + in.out_offset(place.head);
    float key_sums[Tile::MINE][W / 8] = {}, value_sums[Tile::MINE][W / 8] = {};
    for (int first = 0; first < in.queries; first += Tile::COLUMNS) {
        int count = min(Tile::COLUMNS, in.queries - first);
        float scores[Tile::MINE][4] = {}, slopes[Tile::MINE][4] = {};
        pair_of_products<W, Tile>(
                scores,
                slopes,
                op,
                Rows<T>{query_rows + static_cast<long long>(first) * in.width, in.width},
                Rows<T>{grad_rows + first * in.out_stride(), in.out_stride()},
                first_bits(count),
                place,
                first > 0,
                in);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            long long query = static_cast<long long>(place.head) * in.queries + first + column + j * 8;
            // A query past the end is a row of zeros: whatever its weight, it adds nothing.
            bool there = column + j * 8 < count;
            float log = there ? log_sum_exp[query] : 0, shift = there ? delta[query] : 0;
#pragma unroll
            for (int i = 0; i < Tile::MINE; i++) {
                scores[i][j] = probability(scores[i][j], in.scale, log);
                slopes[i][j] = scores[i][j] * (slopes[i][j] - shift);
            }
        }
        share_weights<Tile>(weights, scores, row, column);
        add_weighted<W, Tile>(value_sums, weights, op.b2, row, column, count);
        share_weights<Tile>(weights, slopes, row, column);
        add_weighted<W, Tile>(key_sums, weights, op.b1, row, column, count);
    }
    if (wants_keys) {
        T* to = tiles.rows(place.tile, place.head, in.width, gradients.text_keys, gradients.keys);
        add_gradient<W, Tile>(to, key_sums, in.scale, op, place, in);
    }
    if (wants_values) {
        T* to = tiles.rows(place.tile, place.head, in.width, gradients.text_values, gradients.values);
        add_gradient<W, Tile>(to, value_sums, 1, op, place, in);
    }
}
