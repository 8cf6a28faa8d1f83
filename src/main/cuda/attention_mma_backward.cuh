// The backward of attention_mma.cuh: weights are computed again from logSumExp, once for dQ and once for dK and dV.
#pragma once

#include "attention_mma.cuh"

// dQ. Needs 16-byte rows. Blocks: B·H · ⌈L/(64·M)⌉. Shared bytes: (128·M + 4·N)·2·D.
template <int D, int M, int N, bool HELD>
__device__ void attention_backward_query_mma(
        bf16* gradient, const bf16* grad_out, const float* log_sum_exp, const float* delta, Attention<bf16> in) {
    using Tile = MmaTile<D>;
    constexpr int ROWS = 64 * M, STAGE = N * Tile::ROW_BYTES;
    extern __shared__ __align__(256) unsigned char shared_bytes[];
    const int blocks = (in.queries + ROWS - 1) / ROWS;
    const int head = blockIdx.x / blocks, first = blockIdx.x % blocks * ROWS;
    const int count = in.queries - first;
    const unsigned query_tile = shared_address(shared_bytes), grad_tile = query_tile + ROWS * Tile::ROW_BYTES;
    const unsigned stages = grad_tile + ROWS * Tile::ROW_BYTES;
    const float scale2 = in.scale * LOG2_E;
    const KeyTiles<N> tiles(in, head);
    in.width = D;
    auto copy = [&](int tile, Bits alive, int stage) {
        unsigned to = stages + stage * 2 * STAGE;
        Tile::template copy<N>(to, tiles.rows(tile, head, D, in.text_keys, in.keys), D, alive);
        Tile::template copy<N>(to + STAGE, tiles.rows(tile, head, D, in.text_values, in.values), D, alive);
    };

    const long long query_offset = in.offset(head, in.queries) + first * static_cast<long long>(D);
    Tile::template copy<ROWS>(query_tile, in.query + query_offset, D, count);
    Tile::template copy<ROWS>(
            grad_tile, grad_out + in.out_offset(head) + first * in.out_stride(), in.out_stride(), count);
    Bits alive, next_alive;
    int tile = tiles.from(0, &alive);
    if (alive != 0) {
        copy(tile, alive, 0);
    }
    float sums[M][D / 8][4] = {}, shifts[M][2], deltas[M][2];
#pragma unroll
    for (int i = 0; i < 2 * M; i++) {
        int row = threadIdx.x / 32 * 16 * M + i * 8 + (threadIdx.x & 31) / 4;
        long long at = static_cast<long long>(head) * in.queries + first + row;
        shifts[i / 2][i % 2] = row < count ? log_sum_exp[at] * LOG2_E : 0;
        deltas[i / 2][i % 2] = row < count ? delta[at] : 0;
    }
    wait_for_copies();
    __syncthreads();
    RowOperand<D, M, HELD> queries, grads;
    queries.take(query_tile);
    grads.take(grad_tile);
    for (int stage = 0; alive != 0; stage ^= 1) {
        int next = tiles.from(tile + 1, &next_alive);
        wait_for_copies();
        __syncthreads();  // this tile is there, and nobody reads the one before it any more
        if (next_alive != 0) {
            copy(next, next_alive, stage ^ 1);
        }
        if (threadIdx.x / 32 * 16 * M < count) {  // else the warp has no query
            unsigned keys = stages + stage * 2 * STAGE;
            float scores[M][N / 8][4] = {}, slopes[M][N / 8][4] = {};
            add_products<D, M, N, HELD>(scores, queries, keys);
            add_products<D, M, N, HELD>(slopes, grads, keys + STAGE);
            Bits mine = alive >> (threadIdx.x & 3) * 2;
#pragma unroll
            for (int n = 0; n < N / 8; n++) {
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    bool real = has(mine, n * 8 + e % 2);
#pragma unroll
                    for (int i = 0; i < M; i++) {
                        float p = exp2_fast(fmaf(scores[i][n][e], scale2, -shifts[i][e / 2]));
                        slopes[i][n][e] = real ? p * (slopes[i][n][e] - deltas[i][e / 2]) : 0;
                    }
                }
            }
            add_weighted<D, M, N>(sums, slopes, keys);
        }
        tile = next;
        alive = next_alive;
    }
    float factors[M][2];
#pragma unroll
    for (int i = 0; i < M; i++) {
        factors[i][0] = factors[i][1] = in.scale;
    }
    write_rows<D, M, true>(gradient + query_offset, D, sums, factors, shared_bytes, count);
}

// dK and dV of 64 keys, of text or image, either of them null. Needs 16-byte rows. Blocks: B·H · (⌈T/64⌉ + ⌈K/64⌉).
// Shared bytes: (128 + 4·N)·2·D + 16·N. Rows are keys and columns are queries here.
template <int D, int N, bool HELD>
__device__ void attention_backward_keys_mma(
        KeyGradients<bf16> gradients,
        const bf16* grad_out,
        const float* log_sum_exp,
        const float* delta,
        Attention<bf16> in) {
    using Tile = MmaTile<D>;
    constexpr int ROWS = 64, STAGE = N * Tile::ROW_BYTES;
    extern __shared__ __align__(256) unsigned char shared_bytes[];
    const int blocks = KeyTiles<ROWS>::tiles(in.text) + KeyTiles<ROWS>::tiles(in.image);
    const int head = blockIdx.x / blocks, block = blockIdx.x % blocks;
    const KeyTiles<ROWS> tiles(in, head);
    const bool in_text = tiles.is_text(block);
    const bool wants_keys = (in_text ? gradients.text_keys : gradients.keys) != nullptr;
    const bool wants_values = (in_text ? gradients.text_values : gradients.values) != nullptr;
    const Bits alive = tiles.alive(block);
    if (alive == 0 || !(wants_keys || wants_values)) {
        return;
    }
    const unsigned key_tile = shared_address(shared_bytes), value_tile = key_tile + ROWS * Tile::ROW_BYTES;
    const unsigned stages = value_tile + ROWS * Tile::ROW_BYTES;
    const float* statistics = reinterpret_cast<const float*>(shared_bytes + 2 * ROWS * Tile::ROW_BYTES + 4 * STAGE);
    const float scale2 = in.scale * LOG2_E;
    in.width = D;
    const bf16* query_rows = in.query + in.offset(head, in.queries);
    const bf16* grad_rows = grad_out + in.out_offset(head);
    // Queries and gradients, and of each query logSumExp and delta.
    auto copy = [&](int first, int stage) {
        unsigned to = stages + stage * 2 * STAGE;
        int count = in.queries - first;
        Tile::template copy<N>(to, query_rows + first * static_cast<long long>(D), D, count);
        Tile::template copy<N>(to + STAGE, grad_rows + first * in.out_stride(), in.out_stride(), count);
        if (threadIdx.x < 2 * N) {
            int column = threadIdx.x % N;
            const float* from = (threadIdx.x < N ? log_sum_exp : delta) + static_cast<long long>(head) * in.queries;
            copy_4(shared_address(statistics + stage * 2 * N + threadIdx.x),
                   column < count ? from + first + column : from,
                   column < count);
        }
    };

    Tile::template copy<ROWS>(key_tile, tiles.rows(block, head, D, in.text_keys, in.keys), D, alive);
    Tile::template copy<ROWS>(value_tile, tiles.rows(block, head, D, in.text_values, in.values), D, alive);
    copy(0, 0);
    float key_sums[1][D / 8][4] = {}, value_sums[1][D / 8][4] = {};
    wait_for_copies();
    __syncthreads();
    RowOperand<D, 1, HELD> keys, values;
    keys.take(key_tile);
    values.take(value_tile);
    int stage = 0;
    for (int first = 0; first < in.queries; first += N) {
        wait_for_copies();
        __syncthreads();  // this tile is there, and nobody reads the one before it any more
        if (first + N < in.queries) {
            copy(first + N, stage ^ 1);
        }
        unsigned queries = stages + stage * 2 * STAGE;
        const float* logs = statistics + stage * 2 * N + (threadIdx.x & 3) * 2;
        float scores[1][N / 8][4] = {}, slopes[1][N / 8][4] = {};
        add_products<D, 1, N, HELD>(scores, keys, queries);
        add_products<D, 1, N, HELD>(slopes, values, queries + STAGE);
        // A query past the end is a row of zeros: whatever its weight, it adds nothing.
#pragma unroll
        for (int n = 0; n < N / 8; n++) {
            float2 log = *reinterpret_cast<const float2*>(logs + n * 8);
            float2 shift = *reinterpret_cast<const float2*>(logs + N + n * 8);
#pragma unroll
            for (int e = 0; e < 4; e++) {
                scores[0][n][e] = exp2_fast(fmaf(scores[0][n][e], scale2, (e % 2 == 0 ? log.x : log.y) * -LOG2_E));
                slopes[0][n][e] = scores[0][n][e] * (slopes[0][n][e] - (e % 2 == 0 ? shift.x : shift.y));
            }
        }
        add_weighted<D, 1, N>(value_sums, scores, queries + STAGE);
        add_weighted<D, 1, N>(key_sums, slopes, queries);
        stage ^= 1;
    }
    if (wants_keys) {
        const float factors[1][2] = {{in.scale, in.scale}};
        bf16* rows = tiles.rows(block, head, D, gradients.text_keys, gradients.keys);
        write_rows<D, 1, true>(rows, D, key_sums, factors, shared_bytes, alive);
    }
    if (wants_values) {
        const float factors[1][2] = {{1, 1}};
        bf16* rows = tiles.rows(block, head, D, gradients.text_values, gradients.values);
        write_rows<D, 1, true>(rows, D, value_sums, factors, shared_bytes + ROWS * Tile::ROW_BYTES, alive);
    }
}
