// Attention by ordinary multiply-adds in float32: any width of a head, any alignment, float or bf16.
//
// A block has ROWS row operands and walks over tiles of 32 column operands. Eight neighbouring lanes (`column`) share a
// row and thread `row` has rows row + i·GROUPS, columns column + j·8. All tiles in shared memory are float32, W columns
// and four of padding wide, which puts eight rows into eight different groups of banks. Heads wider than W are cut into
// parts of W: the scores are summed over all parts, and a block makes one part of its result.
#pragma once

#include "attention.cuh"

template <int W, int ROWS_, int THREADS_>
struct FfmaTile {
    static constexpr int ROWS = ROWS_;
    static constexpr int THREADS = THREADS_;
    static constexpr int COLUMNS = 32;
    static constexpr int GROUPS = THREADS / 8;
    static constexpr int MINE = ROWS / GROUPS;        // rows of a thread
    static constexpr int PITCH = W + 4;               // floats from row to row of an operand
    static constexpr int WEIGHTS_PITCH = COLUMNS + 8; // four rows of eight weights lie in 32 banks
};

// Four elements in one access.
__device__ __forceinline__ float4 load_four(const float* from) { return *reinterpret_cast<const float4*>(from); }

__device__ __forceinline__ float4 load_four(const bf16* from) {
    uint2 pairs = *reinterpret_cast<const uint2*>(from);
    return make_float4(low_half(pairs.x), high_half(pairs.x), low_half(pairs.y), high_half(pairs.y));
}

// By name, since the compiler takes wide stores of values that it has just computed apart.
__device__ __forceinline__ void store_four(float* to, float4 x) {
    asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to), "f"(x.x), "f"(x.y), "f"(x.z), "f"(x.w) : "memory");
}

__device__ __forceinline__ void store_four(bf16* to, float4 x) {
    asm volatile("st.global.v2.b32 [%0], {%1, %2};" ::"l"(to), "r"(pack_bf16(x.x, x.y)), "r"(pack_bf16(x.z, x.w))
                 : "memory");
}

__device__ __forceinline__ void store_shared(unsigned to, float4 x) {
    asm volatile("st.shared.v4.f32 [%0], {%1, %2, %3, %4};" ::"r"(to), "f"(x.x), "f"(x.y), "f"(x.z), "f"(x.w) : "memory");
}

// Copies rows of W columns, widened, from column `from` on; zeros stand for rows that are not alive and columns past
// the width.
template <int W, typename Tile, int ROWS, typename T>
__device__ __forceinline__ void load_rows(
        float* tile, const T* rows, long long stride, int from, const Attention<T>& in, Bits alive, float factor = 1) {
    if (in.wide) {
        constexpr int N = Pack<T>::N, PACKS = W / N, STEP = Tile::THREADS / PACKS, EACH = ROWS / STEP;
        constexpr int BATCH = EACH < 4 ? EACH : 4;  // loads in flight
        static_assert(Tile::THREADS % PACKS == 0 && EACH % BATCH == 0, "every thread copies as many packs");
        const int column = threadIdx.x % PACKS * N;
        const bool inside = from + column < in.width;
        int row = threadIdx.x / PACKS;
        rows += row * stride + from + column;
        unsigned to = shared_address(tile + row * Tile::PITCH + column);
#pragma unroll 1
        for (int done = 0; done < EACH; done += BATCH) {
            Pack<T> packs[BATCH];
#pragma unroll
            for (int i = 0; i < BATCH; i++) {
                if (inside && has(alive, row + i * STEP)) {
                    packs[i] = load(rows + i * STEP * stride);
                } else {
                    *reinterpret_cast<uint4*>(&packs[i]) = make_uint4(0, 0, 0, 0);
                }
            }
            // Eight floats of a lane go in two halves; four lanes begin with the second, so that both times eight lanes
            // fill 32 banks.
            const int swap = N == 8 ? threadIdx.x & 4 : 0;
#pragma unroll
            for (int i = 0; i < BATCH; i++) {
#pragma unroll
                for (int k = 0; k < N; k += 4) {
                    float four[4];
#pragma unroll
                    for (int e = 0; e < 4; e++) {
                        four[e] = (swap != 0 ? packs[i].get((k ^ 4) % N + e) : packs[i].get(k + e)) * factor;
                    }
                    store_shared(
                            to + 4 * (i * STEP * Tile::PITCH + (k ^ swap)),
                            make_float4(four[0], four[1], four[2], four[3]));
                }
            }
            row += BATCH * STEP;
            rows += BATCH * STEP * stride;
            to += 4 * BATCH * STEP * Tile::PITCH;
        }
    } else {
#pragma unroll 1
        for (int at = threadIdx.x; at < ROWS * W; at += Tile::THREADS) {
            int row = at / W, column = at % W;
            bool there = has(alive, row) && from + column < in.width;
            tile[row * Tile::PITCH + column] = there ? widen(rows[row * stride + from + column]) * factor : 0;
        }
    }
}

// products[i][j] += Σ_k a[row + i·GROUPS][k] · b[column + j·8][k] for k < width, a multiple of 4.
template <typename Tile>
__device__ __forceinline__ void add_products(
        float (&products)[Tile::MINE][4], const float* a, const float* b, int row, int column, int width) {
    a += row * Tile::PITCH;
    b += column * Tile::PITCH;
#pragma unroll 1
    for (int k = 0; k < width; k += 4) {
        float4 y[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            y[j] = *reinterpret_cast<const float4*>(b + j * 8 * Tile::PITCH + k);
        }
#pragma unroll
        for (int i = 0; i < Tile::MINE; i++) {
            float4 x = *reinterpret_cast<const float4*>(a + i * Tile::GROUPS * Tile::PITCH + k);
#pragma unroll
            for (int j = 0; j < 4; j++) {
                float sum = products[i][j];
                sum = fmaf(x.x, y[j].x, sum);
                sum = fmaf(x.y, y[j].y, sum);
                sum = fmaf(x.z, y[j].z, sum);
                products[i][j] = fmaf(x.w, y[j].w, sum);
            }
        }
    }
}

// Hands the weights of this thread to the eight lanes that share its rows, the only ones that read them.
template <typename Tile>
__device__ __forceinline__ void share_weights(float* weights, const float (&w)[Tile::MINE][4], int row, int column) {
    __syncwarp();  // earlier weights may still be read
#pragma unroll
    for (int i = 0; i < Tile::MINE; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            weights[(row + i * Tile::GROUPS) * Tile::WEIGHTS_PITCH + column + j * 8] = w[i][j];
        }
    }
    __syncwarp();
}

// sums[i][4j + e] += Σ_k weights[row + i·GROUPS][k] · b[k][column·4 + j·32 + e] for k < count, rounded up to a multiple
// of 4.
template <int W, typename Tile>
__device__ __forceinline__ void add_weighted(
        float (&sums)[Tile::MINE][W / 8], const float* weights, const float* b, int row, int column, int count) {
    weights += row * Tile::WEIGHTS_PITCH;
    b += column * 4;
#pragma unroll 1
    for (int k = 0; k < count; k += 4) {
        float w[Tile::MINE][4];
#pragma unroll
        for (int i = 0; i < Tile::MINE; i++) {
            float4 four = *reinterpret_cast<const float4*>(weights + i * Tile::GROUPS * Tile::WEIGHTS_PITCH + k);
            w[i][0] = four.x;
            w[i][1] = four.y;
            w[i][2] = four.z;
            w[i][3] = four.w;
        }
#pragma unroll
        for (int m = 0; m < 4; m++) {
#pragma unroll
            for (int j = 0; j < W / 32; j++) {
                float4 y = *reinterpret_cast<const float4*>(b + (k + m) * Tile::PITCH + j * 32);
#pragma unroll
                for (int i = 0; i < Tile::MINE; i++) {
                    sums[i][4 * j] = fmaf(w[i][m], y.x, sums[i][4 * j]);
                    sums[i][4 * j + 1] = fmaf(w[i][m], y.y, sums[i][4 * j + 1]);
                    sums[i][4 * j + 2] = fmaf(w[i][m], y.z, sums[i][4 * j + 2]);
                    sums[i][4 * j + 3] = fmaf(w[i][m], y.w, sums[i][4 * j + 3]);
                }
            }
        }
    }
}

// to = factor · sums, or to += factor · sums, in the alive rows and the columns that are below `left`. Where a row's
// start says nothing about alignment, sums pass through `stage`, ROWS · PITCH floats, so that neighbouring lanes write
// neighbours.
template <int W, typename Tile, bool ADD, typename T>
__device__ __forceinline__ void write_rows(
        T* to,
        long long stride,
        const float (&sums)[Tile::MINE][W / 8],
        const float (&factors)[Tile::MINE],
        Bits alive,
        int left,
        int wide,
        float* stage) {
    const int column = threadIdx.x % 8 * 4, first = threadIdx.x / 8;
    if (!wide) {
        __syncthreads();  // the stage may still be read
    }
#pragma unroll
    for (int i = 0; i < Tile::MINE; i++) {
        int row = first + i * Tile::GROUPS;
#pragma unroll
        for (int j = 0; j < W / 32; j++) {
            const float* x = &sums[i][4 * j];
            if (!wide) {
                store_shared(
                        shared_address(stage + row * Tile::PITCH + column + j * 32),
                        make_float4(x[0] * factors[i], x[1] * factors[i], x[2] * factors[i], x[3] * factors[i]));
            } else if (has(alive, row) && column + j * 32 < left) {
                T* four = to + row * stride + column + j * 32;
                float4 sum = ADD ? load_four(four) : make_float4(0, 0, 0, 0);
                sum.x = fmaf(x[0], factors[i], sum.x);
                sum.y = fmaf(x[1], factors[i], sum.y);
                sum.z = fmaf(x[2], factors[i], sum.z);
                sum.w = fmaf(x[3], factors[i], sum.w);
                store_four(four, sum);
            }
        }
    }
    if (!wide) {
        __syncthreads();
#pragma unroll 1
        for (int at = threadIdx.x; at < Tile::ROWS * W; at += Tile::THREADS) {
            int row = at / W, k = at % W;
            if (has(alive, row) && k < left) {
                float x = stage[row * Tile::PITCH + k];
                to[row * stride + k] = narrow<T>(ADD ? x + widen(to[row * stride + k]) : x);
            }
        }
    }
}

// Where a block of a grid of B·H heads × row tiles × parts of W columns stands; parts of one tile are neighbours.
template <int W>
struct FfmaPlace {
    int parts;
    int part;
    int tile;
    int head;

    __device__ FfmaPlace(int width, int tiles) : parts((width + W - 1) / W) {
        part = blockIdx.x % parts;
        tile = blockIdx.x / parts % tiles;
        head = blockIdx.x / parts / tiles;
    }

    // Columns of a part, as many as are walked over: a multiple of 4, of which those past the width hold zeros.
    __device__ static int columns(int width, int part) { return (min(W, width - part * W) + 3) & ~3; }
};

// Highest row that is alive, plus one.
__device__ __forceinline__ int used(Bits alive) { return 64 - __clzll(static_cast<long long>(alive)); }

// One online softmax step: scores, not yet scaled, become weights relative to the rows' new maxima; sums so far are
// rescaled.
template <int W, typename Tile>
__device__ __forceinline__ void soften(
        float (&scores)[Tile::MINE][4],
        float (&maxima)[Tile::MINE],
        float (&denominators)[Tile::MINE],
        float (&sums)[Tile::MINE][W / 8],
        Bits alive,
        int column,
        float scale2) {
    bool real[4];
#pragma unroll
    for (int j = 0; j < 4; j++) {
        real[j] = has(alive, column + j * 8);
    }
#pragma unroll
    for (int i = 0; i < Tile::MINE; i++) {
        float before = maxima[i], highest = MINUS_INFINITY;
#pragma unroll
        for (int j = 0; j < 4; j++) {
            highest = real[j] ? fmaxf(highest, scores[i][j]) : highest;
        }
        float max = fmaxf(before, lanes_max<8>(highest));
        // The difference is taken before it is scaled: its rounding then shrinks with it.
        float shrink = before == MINUS_INFINITY ? 0 : exp2_fast((before - max) * scale2);
        maxima[i] = max;
        denominators[i] *= shrink;
#pragma unroll
        for (int j = 0; j < 4; j++) {
            scores[i][j] = real[j] ? exp2_fast((scores[i][j] - max) * scale2) : 0;
            denominators[i] += scores[i][j];
        }
#pragma unroll
        for (int c = 0; c < W / 8; c++) {
            sums[i][c] *= shrink;
        }
    }
}

// Blocks: B·H · ⌈L/ROWS⌉ · ⌈d/W⌉. Shared floats: ROWS·PITCH queries, 2·32·PITCH keys and values, ROWS·40 weights.
template <typename T, int W, int ROWS, int THREADS>
__device__ void attention_forward_ffma(T* out, float* log_sum_exp, Attention<T> in) {
    using Tile = FfmaTile<W, ROWS, THREADS>;
    extern __shared__ float4 shared[];
    float* queries = reinterpret_cast<float*>(shared);
    float* keys = queries + ROWS * Tile::PITCH;
    float* values = keys + Tile::COLUMNS * Tile::PITCH;
    float* weights = values + Tile::COLUMNS * Tile::PITCH;
    const int column = threadIdx.x % 8, row = threadIdx.x / 8;
    const FfmaPlace<W> place(in.width, (in.queries + ROWS - 1) / ROWS);
    const int first = place.tile * ROWS;
    const KeyTiles<Tile::COLUMNS> tiles(in, place.head);
    const T* query_rows = in.query + in.offset(place.head, in.queries) + static_cast<long long>(first) * in.width;
    const float sign = in.scale < 0 ? -1 : 1;  // of the queries, so that the highest score is the highest product

    float maxima[Tile::MINE], denominators[Tile::MINE], sums[Tile::MINE][W / 8];
#pragma unroll
    for (int i = 0; i < Tile::MINE; i++) {
        maxima[i] = MINUS_INFINITY;
        denominators[i] = 0;
#pragma unroll
        for (int c = 0; c < W / 8; c++) {
            sums[i][c] = 0;
        }
    }
    Bits alive;
    bool held = false;
    for (int tile = tiles.from(0, &alive); alive != 0; tile = tiles.from(tile + 1, &alive)) {
        const T* key_rows = tiles.rows(tile, place.head, in.width, in.text_keys, in.keys);
        const T* value_rows = tiles.rows(tile, place.head, in.width, in.text_values, in.values);
        float scores[Tile::MINE][4] = {};
        for (int part = 0; part < place.parts; part++) {
            __syncthreads();  // earlier tiles may still be read
            if (!held) {
                load_rows<W, Tile, ROWS>(
                        queries, query_rows, in.width, part * W, in, first_bits(in.queries - first), sign);
                held = place.parts == 1;
            }
            load_rows<W, Tile, Tile::COLUMNS>(keys, key_rows, in.width, part * W, in, alive);
            if (part == 0) {
                load_rows<W, Tile, Tile::COLUMNS>(values, value_rows, in.width, place.part * W, in, alive);
            }
            __syncthreads();
            add_products<Tile>(scores, queries, keys, row, column, FfmaPlace<W>::columns(in.width, part));
        }
        soften<W, Tile>(scores, maxima, denominators, sums, alive, column, fabsf(in.scale) * LOG2_E);
        share_weights<Tile>(weights, scores, row, column);
        add_weighted<W, Tile>(sums, weights, values, row, column, used(alive));
    }
    float factors[Tile::MINE];
#pragma unroll
    for (int i = 0; i < Tile::MINE; i++) {
        float denominator = lanes_sum<8>(denominators[i]);
        factors[i] = denominator == 0 ? 0 : 1 / denominator;  // 0 only without any key
        int query = first + row + i * Tile::GROUPS;
        if (query < in.queries && column == 0 && place.part == 0) {
            log_sum_exp[static_cast<long long>(place.head) * in.queries + query] =
                    maxima[i] * fabsf(in.scale) + logf(denominator);
        }
    }
    T* to = out + in.out_offset(place.head) + first * in.out_stride() + place.part * W;
    write_rows<W, Tile, false>(
            to,
            in.out_stride(),
            sums,
            factors,
            first_bits(in.queries - first),
            in.width - place.part * W,
            in.wide,
            queries);
}
