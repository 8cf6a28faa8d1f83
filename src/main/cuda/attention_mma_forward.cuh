// The forward of attention_mma.cuh.
#pragma once

#include "attention_mma.cuh"

// A row's reference for its exponents is its highest score so far, or one that is this much lower in base 2. Weights up
// to 2^8 lose nothing in floating point, and sums need rescaling only now and then.
#define SLACK 8.0f

// One online softmax step of a warp: scores become weights.
template <int D, int M, int N>
__device__ __forceinline__ void soften(
        float (&scores)[M][N / 8][4],
        float (&references)[M][2],
        float (&denominators)[M][2],
        float (&sums)[M][D / 8][4],
        Bits alive,
        float scale2) {
    if (alive != first_bits(N)) {
        Bits mine = alive >> (threadIdx.x & 3) * 2;
#pragma unroll
        for (int n = 0; n < N / 8; n++) {
#pragma unroll
            for (int e = 0; e < 2; e++) {
                if (!has(mine, n * 8 + e)) {
#pragma unroll
                    for (int i = 0; i < M; i++) {
                        scores[i][n][e] = scores[i][n][e + 2] = MINUS_INFINITY;
                    }
                }
            }
        }
    }
#pragma unroll
    for (int i = 0; i < M; i++) {
        float highest[2] = {MINUS_INFINITY, MINUS_INFINITY};
#pragma unroll
        for (int n = 0; n < N / 8; n++) {
            highest[0] = fmaxf(highest[0], fmaxf(scores[i][n][0], scores[i][n][1]));
            highest[1] = fmaxf(highest[1], fmaxf(scores[i][n][2], scores[i][n][3]));
        }
        highest[0] = lanes_max<4>(highest[0]);
        highest[1] = lanes_max<4>(highest[1]);
        bool far = (highest[0] - references[i][0]) * scale2 > SLACK || (highest[1] - references[i][1]) * scale2 > SLACK;
        if (__any_sync(FULL_WARP, far)) {
#pragma unroll
            for (int r = 0; r < 2; r++) {
                float reference = fmaxf(references[i][r], highest[r]);
                float shrink = exp2_fast((references[i][r] - reference) * scale2);
                references[i][r] = reference;
                denominators[i][r] *= shrink;
#pragma unroll
                for (int n = 0; n < D / 8; n++) {
                    sums[i][n][2 * r] *= shrink;
                    sums[i][n][2 * r + 1] *= shrink;
                }
            }
        }
#pragma unroll
        for (int r = 0; r < 2; r++) {
            float shift = references[i][r] * scale2;
#pragma unroll
            for (int n = 0; n < N / 8; n++) {
                scores[i][n][2 * r] = exp2_fast(fmaf(scores[i][n][2 * r], scale2, -shift));
                scores[i][n][2 * r + 1] = exp2_fast(fmaf(scores[i][n][2 * r + 1], scale2, -shift));
                denominators[i][r] += scores[i][n][2 * r] + scores[i][n][2 * r + 1];
            }
        }
    }
}

// Needs scale > 0 and 16-byte rows. Blocks: B·H · ⌈L/(64·M)⌉. Shared bytes: (64·M + 4·N)·2·D.
template <int D, int M, int N, bool HELD>
__device__ void attention_forward_mma(bf16* out, float* log_sum_exp, Attention<bf16> in) {
    using Tile = MmaTile<D>;
    constexpr int ROWS = 64 * M, STAGE = N * Tile::ROW_BYTES;
    extern __shared__ __align__(256) unsigned char shared_bytes[];
    const int blocks = (in.queries + ROWS - 1) / ROWS;
    const int head = blockIdx.x / blocks, first = blockIdx.x % blocks * ROWS;
    const int count = in.queries - first;
    const unsigned query_tile = shared_address(shared_bytes), stages = query_tile + ROWS * Tile::ROW_BYTES;
    const float scale2 = in.scale * LOG2_E;
    const KeyTiles<N> tiles(in, head);
    in.width = D;
    auto copy = [&](int tile, Bits alive, int stage) {
        unsigned to = stages + stage * 2 * STAGE;
        Tile::template copy<N>(to, tiles.rows(tile, head, D, in.text_keys, in.keys), D, alive);
        Tile::template copy<N>(to + STAGE, tiles.rows(tile, head, D, in.text_values, in.values), D, alive);
    };

    float sums[M][D / 8][4] = {}, references[M][2], denominators[M][2] = {};
#pragma unroll
    for (int i = 0; i < M; i++) {
        references[i][0] = references[i][1] = MINUS_INFINITY;
    }
    const bf16* query_rows = in.query + in.offset(head, in.queries) + first * static_cast<long long>(D);
    Tile::template copy<ROWS>(query_tile, query_rows, D, count);
    Bits alive, next_alive;
    int tile = tiles.from(0, &alive);
    if (alive != 0) {
        copy(tile, alive, 0);
    }
    wait_for_copies();
    __syncthreads();
    RowOperand<D, M, HELD> queries;
    queries.take(query_tile);
    for (int stage = 0; alive != 0; stage ^= 1) {
        int next = tiles.from(tile + 1, &next_alive);
        wait_for_copies();
        __syncthreads();  // this tile is there, and nobody reads the one before it any more
        if (next_alive != 0) {
            copy(next, next_alive, stage ^ 1);
        }
        if (threadIdx.x / 32 * 16 * M < count) {  // else the warp has no query
            unsigned keys = stages + stage * 2 * STAGE;
            float scores[M][N / 8][4] = {};
            add_products<D, M, N, HELD>(scores, queries, keys);
            soften<D, M, N>(scores, references, denominators, sums, alive, scale2);
            add_weighted<D, M, N>(sums, scores, keys + STAGE);
        }
        tile = next;
        alive = next_alive;
    }
    float factors[M][2];
#pragma unroll
    for (int i = 0; i < 2 * M; i++) {
        float denominator = lanes_sum<4>(denominators[i / 2][i % 2]);
        factors[i / 2][i % 2] = denominator == 0 ? 0 : 1 / denominator;
    }
    bf16* rows = out + in.out_offset(head) + first * in.out_stride();
    write_rows<D, M, false>(rows, in.out_stride(), sums, factors, shared_bytes, count);
#pragma unroll
    for (int i = 0; i < 2 * M; i++) {
        int row = threadIdx.x / 32 * 16 * M + i * 8 + (threadIdx.x & 31) / 4;
        if ((threadIdx.x & 3) == 0 && row < count) {
            log_sum_exp[static_cast<long long>(head) * in.queries + first + row] =
                    (references[i / 2][i % 2] * scale2 - log2_fast(factors[i / 2][i % 2])) * LN_2;
        }
    }
}
