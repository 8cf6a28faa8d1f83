// float × float, or float × bf16 widened where it is read: fused multiply-adds on register tiles.
//
// A block computes BM × BN of c in steps of 16 of the depth, a thread 8 × BN/16. Both operands lie in shared memory with the
// lanes (rows of a, columns of b) contiguous, one row per depth; two stages: one is filled while the other is read.
// float comes by cp.async: 16 bytes at a time where the lanes are contiguous in memory too, else 4, which turns it on the way;
// bf16 comes through a register, 16 bytes at a time.
#pragma once
#include "matmul_output.cuh"

#define DEPTH 16

// LANES rows of a, or columns of b, by DEPTH, in shared memory. A row of LANES + 4 keeps 4 × 8 turned elements on 32 banks; the
// gap between the halves keeps 16 × 2 on 32 banks.
template <int LANES>
struct DeepTile {
    static constexpr int ROW = LANES + 4;
    static constexpr int GAP = 16;
    static constexpr int FLOATS = DEPTH * ROW + GAP;

    __device__ __forceinline__ static int place(int deep, int lane) { return deep * ROW + (deep >> 3) * GAP + lane; }
};

// Where a thread reads an operand, and where it puts what it has read.
template <int LANES>
struct FloatOperand {
    static constexpr int THREADS = 2 * LANES;
    using Tile = DeepTile<LANES>;

    const char* from;
    int stride;   // bytes
    unsigned to;  // float, in a tile
    int inside;   // bit i: the lane of pass i exists
    int deep;
    bool deep_rows;
    bool wide;
    bool bfloat16;

    __device__ __forceinline__ FloatOperand(
        const void* x, int row, int first_lane, int lanes, int first_deep, bool deep_rows, bool wide, bool bfloat16)
        : stride(row << (bfloat16 ? 1 : 2)), deep_rows(deep_rows), wide(wide), bfloat16(bfloat16) {
        const int thread = threadIdx.x;
        const int pack = bfloat16 ? 3 : wide ? 2 : 0;  // logarithm of its elements, along the lanes
        int lane;
        if (deep_rows) {
            lane = (thread << pack) % LANES;
            deep = (thread << pack) / LANES;
        } else {
            lane = bfloat16 ? thread / 2 : thread / 8;
            deep = bfloat16 ? thread % 2 * 8 : thread % 8;
        }
        to = 4 * Tile::place(deep, lane);
        inside = 0;
        for (int i = 0; i < 4; i++) {
            if (first_lane + lane + (deep_rows ? 0 : i * (THREADS / 8)) < lanes) {
                inside |= 1 << i;
            }
        }
        deep += first_deep;
        const int along = deep_rows ? first_lane + lane : deep;
        from = static_cast<const char*>(x) + static_cast<long long>(deep_rows ? deep : first_lane + lane) * stride +
               (static_cast<long long>(along) << (bfloat16 ? 1 : 2));
    }

    // Starts the copies of the next DEPTH; beyond depth and lanes they bring zeros.
    __device__ __forceinline__ void fetch(unsigned tile, int end) {
        tile += to;
        if (!deep_rows) {
            fetch_turned(tile, end);
        } else if (wide) {
            fetch_rows<4>(tile, end);
        } else {
            fetch_rows<1>(tile, end);
        }
        advance();
    }

    __device__ __forceinline__ void advance() {
        from += deep_rows ? static_cast<long long>(stride) * DEPTH : DEPTH * (bfloat16 ? 2 : 4);
        deep += DEPTH;
    }

    // Eight threads read 32 bytes of a row.
    __device__ __forceinline__ void fetch_turned(unsigned tile, int end) const {
        const long long step = static_cast<long long>(stride) * (THREADS / 8);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const bool exists = inside >> i & 1;
            copy4(tile + 4 * i * (THREADS / 8), from + i * step, exists && deep < end);
            copy4(tile + 4 * i * (THREADS / 8) + 4 * Tile::place(8, 0), from + i * step + 32, exists && deep + 8 < end);
        }
    }

    template <int N>
    __device__ __forceinline__ void fetch_rows(unsigned tile, int end) const {
        constexpr int ROWS = THREADS * N / LANES;
        const long long step = static_cast<long long>(stride) * ROWS;
#pragma unroll
        for (int i = 0; i < DEPTH / ROWS; i++) {
            const bool wanted = (inside & 1) && deep + i * ROWS < end;
            if (N == 4) {
                copy16(tile + 4 * Tile::place(i * ROWS, 0), from + i * step, wanted);
            } else {
                copy4(tile + 4 * Tile::place(i * ROWS, 0), from + i * step, wanted);
            }
        }
    }

    // bf16: eight elements a thread, stored after the arithmetic of the step before.
    __device__ __forceinline__ uint4 look(int end) {
        uint4 bits = make_uint4(0, 0, 0, 0);
        if ((inside & 1) && deep < end) {
            bits = *reinterpret_cast<const uint4*>(from);
        }
        advance();
        return bits;
    }

    __device__ __forceinline__ void widen_to(float* tile, uint4 bits) const {
        float* target = tile + to / 4;
        const float4 low = make_float4(
            __uint_as_float(bits.x << 16),
            __uint_as_float(bits.x & 0xffff0000u),
            __uint_as_float(bits.y << 16),
            __uint_as_float(bits.y & 0xffff0000u));
        const float4 high = make_float4(
            __uint_as_float(bits.z << 16),
            __uint_as_float(bits.z & 0xffff0000u),
            __uint_as_float(bits.w << 16),
            __uint_as_float(bits.w & 0xffff0000u));
        if (deep_rows) {
            // Half of the threads store the second half first: eight threads' 16 bytes lie on 32 banks.
            const bool swap = threadIdx.x & 4;
            write16(shared_address(target + (swap ? 4 : 0)), swap ? high : low);
            write16(shared_address(target + (swap ? 0 : 4)), swap ? low : high);
        } else {
            target[0 * Tile::ROW] = low.x;
            target[1 * Tile::ROW] = low.y;
            target[2 * Tile::ROW] = low.z;
            target[3 * Tile::ROW] = low.w;
            target[4 * Tile::ROW] = high.x;
            target[5 * Tile::ROW] = high.y;
            target[6 * Tile::ROW] = high.z;
            target[7 * Tile::ROW] = high.w;
        }
    }
};

// Warps of 32 × (8·TN) of c; a thread has rows 4·y …, 16 + 4·y … and columns 4·x … (, 32 + 4·x …).
// Neighbouring threads alternate between two rows: a 16-byte read of half a warp then has at most eight different addresses.
template <int BM, int BN, int WARPS_M, int WARPS_N, bool MIXED>
struct FloatProduct {
    static constexpr int THREADS = 32 * WARPS_M * WARPS_N;
    static constexpr int TN = BN / WARPS_N / 8;
    static constexpr int STAGE = DeepTile<BM>::FLOATS + DeepTile<BN>::FLOATS;
    static_assert(BM / WARPS_M == 32 && THREADS == 2 * BM && THREADS == 2 * BN, "the loads and the warps' tiles");

    __device__ __forceinline__ static void run(MATMUL_ARGUMENTS) {
        __shared__ __align__(16) float stages[2 * STAGE];
        const TileAt tile = tile_at<BM, BN>(m, n);
        const int begin = blockIdx.y * depth;
        const int end = min(k, begin + depth);
        FloatOperand<BM> left(
            a, lda, tile.row, m, begin, flags & DEEP_ROWS_A, flags & WIDE_A, MIXED && (flags & BFLOAT16_A));
        FloatOperand<BN> right(
            b, ldb, tile.column, n, begin, flags & DEEP_ROWS_B, flags & WIDE_B, MIXED && (flags & BFLOAT16_B));
        float sums[8][TN] = {};
        const int warp = threadIdx.x / 32;
        const int lane = threadIdx.x & 31;
        const int row = warp / WARPS_N * 32 + (lane / 16 * 2 + lane % 2) * 4;
        const int column = warp % WARPS_N * (8 * TN) + lane % 16 / 2 * 4;
        multiply(sums, left, right, stages, row, column, begin, end);
        emit_all({slice_of(c, partial), bias, m, n, ldc, flags}, tile.row + row, tile.column + column, sums);
    }

    // Starts the copies of one step; a bf16 operand is handed back.
    __device__ __forceinline__ static uint4 fetch(
        FloatOperand<BM>& left, FloatOperand<BN>& right, float* stage, int end) {
        uint4 bits = make_uint4(0, 0, 0, 0);
        if (left.bfloat16) {
            bits = left.look(end);
        } else {
            left.fetch(shared_address(stage), end);
        }
        if (right.bfloat16) {
            bits = right.look(end);
        } else {
            right.fetch(shared_address(stage + DeepTile<BM>::FLOATS), end);
        }
        end_copies();
        return bits;
    }

    __device__ __forceinline__ static void finish(
        const FloatOperand<BM>& left, const FloatOperand<BN>& right, float* stage, uint4 bits) {
        if (left.bfloat16) {
            left.widen_to(stage, bits);
        } else if (right.bfloat16) {
            right.widen_to(stage + DeepTile<BM>::FLOATS, bits);
        }
        await_copies<0>();
        __syncthreads();
    }

    __device__ __forceinline__ static void multiply(
        float (&sums)[8][TN],
        FloatOperand<BM>& left,
        FloatOperand<BN>& right,
        float* stages,
        int row,
        int column,
        int begin,
        int end) {
        float4 l[2][2];
        float4 r[2][TN / 4];
        const unsigned shared = shared_address(stages);
        const unsigned left_from = shared + 4 * row;
        const unsigned right_from = shared + 4 * (DeepTile<BM>::FLOATS + column);
        const auto read = [&](int buffer, int stage, int deep) {
#pragma unroll
            for (int i = 0; i < 2; i++) {
                l[buffer][i] = read16(left_from + 4 * stage + 4 * DeepTile<BM>::place(deep, 16 * i));
            }
#pragma unroll
            for (int j = 0; j < TN / 4; j++) {
                r[buffer][j] = read16(right_from + 4 * stage + 4 * DeepTile<BN>::place(deep, 32 * j));
            }
        };
        finish(left, right, stages, fetch(left, right, stages, end));
        read(0, 0, 0);
        int reading = 0;
        for (int deep = begin; deep < end; deep += DEPTH) {
            const int next = STAGE - reading;
            const uint4 bits = fetch(left, right, stages + next, end);
#pragma unroll
            for (int i = 0; i < DEPTH - 1; i++) {
                read((i + 1) & 1, reading, i + 1);
                multiply_step(sums, l[i & 1], r[i & 1]);
            }
            finish(left, right, stages + next, bits);
            read(0, next, 0);  // past the end: zeros that nobody multiplies
            reading = next;
            multiply_step(sums, l[1], r[1]);
        }
    }

    __device__ __forceinline__ static void multiply_step(
        float (&sums)[8][TN], const float4 (&l)[2], const float4 (&r)[TN / 4]) {
#pragma unroll
        for (int i = 0; i < 8; i++) {
            const float x = part(l[i / 4], i % 4);
#pragma unroll
            for (int j = 0; j < TN; j++) {
                sums[i][j] = fmaf(x, part(r[j / 4], j % 4), sums[i][j]);
            }
        }
    }

    __device__ __forceinline__ static float part(const float4& x, int i) {
        return i == 0 ? x.x : i == 1 ? x.y : i == 2 ? x.z : x.w;
    }

    __device__ __forceinline__ static void emit_all(
        const Output& output, int row, int column, const float (&sums)[8][TN]) {
#pragma unroll
        for (int j = 0; j < TN / 4; j++) {
            const float4 bias = bias_at(output, column + 32 * j);
            float4 packs[8];
#pragma unroll
            for (int i = 0; i < 8; i++) {
                const float(&x)[TN] = sums[i];
                packs[i] = plus(make_float4(x[4 * j], x[4 * j + 1], x[4 * j + 2], x[4 * j + 3]), bias);
            }
            emit(output, row, column + 32 * j, packs, [](int i) { return i / 4 * 16 + i % 4; });
        }
    }
};
