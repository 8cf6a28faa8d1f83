// bf16 × bf16 on tensor cores: mma.sync m16n8k16, float32 accumulators.
//
// A block computes BM × BN of c in steps of 32 of the depth. STAGES − 1 steps ahead of the arithmetic, cp.async brings both
// operands to shared memory as they lie in global memory, in 16-byte chunks whose place within a row is XORed with the row's
// number: writes, ldmatrix and ldmatrix.trans (for the operand whose depth is its slow axis) are free of bank conflicts.
// While a step of 16 is multiplied, the fragments of the next one are read.
#pragma once
#include "matmul_output.cuh"

#define STEP 32

__device__ __forceinline__ void read_matrices(unsigned (&x)[4], unsigned from) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(from)
                 : "memory");
}

__device__ __forceinline__ void read_transposed(unsigned (&x)[4], unsigned from) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(from)
                 : "memory");
}

__device__ __forceinline__ void multiply_add(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// LANES rows of a (or columns of b) by STEP of the depth. DEEP_ROWS: the depth is the slow axis, a row holds LANES elements;
// otherwise a row is one lane and holds STEP elements.
template <int LANES, bool DEEP_ROWS, int THREADS>
struct Operand {
    static constexpr int CHUNKS = (DEEP_ROWS ? LANES : STEP) / 8;  // of a row
    static constexpr int ROW_BYTES = 16 * CHUNKS;
    static constexpr int ROWS_AT_ONCE = THREADS / CHUNKS;
    static constexpr int PASSES = (DEEP_ROWS ? STEP : LANES) / ROWS_AT_ONCE;
    static constexpr int BYTES = LANES * STEP * 2;
    static_assert(ROWS_AT_ONCE % 8 == 0, "the XOR is the same in every pass");

    const bf16* from;
    long long stride;
    unsigned to;
    int lane;   // of this thread's first chunk
    int deep;
    int lanes;  // in all

    __device__ __forceinline__ Operand(const void* x, int stride, int first_lane, int lanes, int first_deep)
        : stride(stride), lanes(lanes) {
        const int row = threadIdx.x / CHUNKS;
        const int chunk = threadIdx.x % CHUNKS;
        to = place(row, chunk);
        lane = first_lane + (DEEP_ROWS ? 8 * chunk : row);
        deep = first_deep + (DEEP_ROWS ? row : 8 * chunk);
        from = static_cast<const bf16*>(x) + (DEEP_ROWS ? deep * this->stride + lane : lane * this->stride + deep);
    }

    __device__ __forceinline__ static unsigned place(int row, int chunk) {
        return row * ROW_BYTES + ((chunk ^ (DEEP_ROWS ? row & 7 : row >> 1 & 3)) << 4);
    }

    // Starts the copies of the next STEP of depth; beyond depth and lanes they bring zeros.
    __device__ __forceinline__ void fetch(unsigned stage, int depth) {
#pragma unroll
        for (int pass = 0; pass < PASSES; pass++) {
            const int below = pass * ROWS_AT_ONCE;
            const bool wanted =
                DEEP_ROWS ? lane < lanes && deep + below < depth : lane + below < lanes && deep < depth;
            copy16(stage + to + below * ROW_BYTES, from + below * stride, wanted);
        }
        deep += STEP;
        from += DEEP_ROWS ? STEP * stride : STEP;
    }
};

// The 16 × 16 pieces of an operand as mma wants them: x4 of ldmatrix gives four 8 × 8 matrices, lanes first, then depth for a;
// depth first, then lanes for b.
template <int LANES, bool DEEP_ROWS, bool RIGHT>
struct Fragments {
    unsigned base;

    __device__ __forceinline__ explicit Fragments(int first_lane) {
        const int lane = threadIdx.x & 31;
        const bool plain = DEEP_ROWS == RIGHT;
        const int row = plain ? lane & 15 : (lane & 7) + (lane >> 4 << 3);
        const int half = plain ? lane >> 4 : lane >> 3 & 1;
        base = DEEP_ROWS ? Operand<LANES, true, 256>::place(row, first_lane / 8 + half)
                         : Operand<LANES, false, 256>::place(first_lane + row, half);
    }

    // Lanes 16·piece …, depth 16·step ….
    __device__ __forceinline__ void read(unsigned (&x)[4], unsigned stage, int piece, int step) const {
        if (DEEP_ROWS) {
            read_transposed(x, stage + (base ^ piece << 5) + step * 16 * LANES * 2);
        } else {
            read_matrices(x, stage + (base ^ step << 5) + piece * 16 * STEP * 2);
        }
    }
};

// Threads t and t ^ 1 swap halves of two 8-column pieces: each then has four neighbours of a row, 16 bytes of float.
__device__ __forceinline__ float4 neighbours(float left0, float left1, float right0, float right1) {
    const bool odd = threadIdx.x & 1;
    const float got0 = __shfl_xor_sync(FULL_WARP, odd ? left0 : right0, 1);
    const float got1 = __shfl_xor_sync(FULL_WARP, odd ? left1 : right1, 1);
    return odd ? make_float4(got0, got1, right0, right1) : make_float4(left0, left1, got0, got1);
}

template <int BM, int BN, int WARPS_M, int WARPS_N, int STAGES, bool TRANSPOSE_A, bool TRANSPOSE_B>
struct TensorCoreProduct {
    static constexpr int THREADS = 32 * WARPS_M * WARPS_N;
    static constexpr int PIECES_M = BM / WARPS_M / 16;
    static constexpr int PIECES_N = BN / WARPS_N / 16;
    using Left = Operand<BM, TRANSPOSE_A, THREADS>;
    using Right = Operand<BN, !TRANSPOSE_B, THREADS>;
    static constexpr int STAGE_BYTES = Left::BYTES + Right::BYTES;

    __device__ __forceinline__ static void run(MATMUL_ARGUMENTS) {
        extern __shared__ uint4 stages[];
        const unsigned shared = shared_address(stages);
        const TileAt tile = tile_at<BM, BN>(m, n);
        const int begin = blockIdx.y * depth;
        const int end = min(k, begin + depth);
        Left left(a, lda, tile.row, m, begin);
        Right right(b, ldb, tile.column, n, begin);
#pragma unroll
        for (int stage = 0; stage < STAGES - 1; stage++) {
            fetch(left, right, shared + stage * STAGE_BYTES, end);
        }
        const int warp = threadIdx.x / 32;
        const int row = warp / WARPS_N * (BM / WARPS_M);
        const int column = warp % WARPS_N * (BN / WARPS_N);
        float sums[PIECES_M][2 * PIECES_N][4] = {};
        multiply(sums, left, right, shared, row, column, end - begin, end);
        emit_all({slice_of(c, partial), bias, m, n, ldc, flags}, tile.row + row, tile.column + column, sums);
    }

    __device__ __forceinline__ static void fetch(Left& left, Right& right, unsigned stage, int end) {
        left.fetch(stage, end);
        right.fetch(stage + Left::BYTES, end);
        end_copies();
    }

    __device__ __forceinline__ static void multiply(
        float (&sums)[PIECES_M][2 * PIECES_N][4],
        Left& left,
        Right& right,
        unsigned shared,
        int row,
        int column,
        int depth,
        int end) {
        const Fragments<BM, TRANSPOSE_A, false> left_fragments(row);
        const Fragments<BN, !TRANSPOSE_B, true> right_fragments(column);
        unsigned l[2][PIECES_M][4];
        unsigned r[2][PIECES_N][4];
        const auto read = [&](int buffer, unsigned stage, int step) {
#pragma unroll
            for (int i = 0; i < PIECES_M; i++) {
                left_fragments.read(l[buffer][i], stage, i, step);
            }
#pragma unroll
            for (int j = 0; j < PIECES_N; j++) {
                right_fragments.read(r[buffer][j], stage + Left::BYTES, j, step);
            }
        };
        const auto advance = [&](unsigned stage) {
            return stage == shared + (STAGES - 1) * STAGE_BYTES ? shared : stage + STAGE_BYTES;
        };
        unsigned reading = shared;
        unsigned writing = shared + (STAGES - 1) * STAGE_BYTES;
        await_copies<STAGES - 2>();
        __syncthreads();
        read(0, reading, 0);
        for (int done = 0; done < depth; done += STEP) {
            // The stage written here was last read before the last barrier.
            read(1, reading, 1);
            fetch(left, right, writing, end);
            writing = advance(writing);
            multiply_step(sums, l[0], r[0]);
            reading = advance(reading);
            await_copies<STAGES - 2>();
            __syncthreads();
            read(0, reading, 0);  // past the end: zeros that nobody multiplies
            multiply_step(sums, l[1], r[1]);
        }
    }

    __device__ __forceinline__ static void multiply_step(
        float (&sums)[PIECES_M][2 * PIECES_N][4], const unsigned (&l)[PIECES_M][4], const unsigned (&r)[PIECES_N][4]) {
#pragma unroll
        for (int i = 0; i < PIECES_M; i++) {
#pragma unroll
            for (int j = 0; j < PIECES_N; j++) {
                multiply_add(sums[i][2 * j], l[i], r[j][0], r[j][1]);
                multiply_add(sums[i][2 * j + 1], l[i], r[j][2], r[j][3]);
            }
        }
    }

    __device__ __forceinline__ static void emit_all(
        const Output& output,
        int row,
        int column,
        const float (&sums)[PIECES_M][2 * PIECES_N][4]) {
        const int lane = threadIdx.x & 31;
        row += lane >> 2;
        column += (lane & 1) * 8 + (lane >> 1 & 1) * 4;
#pragma unroll
        for (int j = 0; j < PIECES_N; j++) {
            const float4 bias = bias_at(output, column + 16 * j);
            float4 packs[2 * PIECES_M];
#pragma unroll
            for (int i = 0; i < 2 * PIECES_M; i++) {
                const float(&l)[4] = sums[i / 2][2 * j];
                const float(&r)[4] = sums[i / 2][2 * j + 1];
                const int half = i % 2 * 2;
                packs[i] = plus(neighbours(l[half], l[half + 1], r[half], r[half + 1]), bias);
            }
            emit(output, row, column + 16 * j, packs, [](int i) { return 8 * i; });
        }
    }
};
