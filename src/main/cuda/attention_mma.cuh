// Attention on tensor cores: bf16 operands, float32 sums, heads of D = 32, 64 or 128.
//
// A block has four warps with 16·M rows each; its row operand stays, tiles of N column operands come by cp.async, the
// next one while this one is computed with. Products of one tile are the accumulators of mma.sync m16n8k16 and, rounded
// to bf16 in place, the first operand of the next product (Dao 2023, §3): weights never leave the registers. In shared
// memory the 16-byte chunks of a row are permuted by its number, so that eight rows of ldmatrix, of a copy or of a
// store touch all 32 banks once.
#pragma once

#include "attention.cuh"

#define MMA_THREADS 128

// 16 (or 4) bytes to shared memory, in the background; zeros when not `there`, and then `from` is not read.
__device__ __forceinline__ void copy_16(unsigned to, const void* from, bool there) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(there ? 16 : 0) : "memory");
}

__device__ __forceinline__ void copy_4(unsigned to, const void* from, bool there) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(from), "r"(there ? 4 : 0) : "memory");
}

__device__ __forceinline__ void wait_for_copies() { asm volatile("cp.async.wait_all;" ::: "memory"); }

// Four 8 × 8 matrices, row addresses from lanes 0–7, 8–15, 16–23 and 24–31; the second form transposes each.
__device__ __forceinline__ void load_matrices(unsigned (&to)[4], unsigned address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(address)
                 : "memory");
}

__device__ __forceinline__ void load_transposed(unsigned (&to)[4], unsigned address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(address)
                 : "memory");
}

__device__ __forceinline__ void mma(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ __forceinline__ bool has(int count, int row) { return row < count; }

// A tile of rows of D elements in shared memory.
template <int D>
struct MmaTile {
    static constexpr int ROW_BYTES = 2 * D;
    static constexpr int CHUNKS = D / 8;

    // Byte of a chunk of 16. Rows of 64 bytes share 128 bytes in pairs.
    __device__ static unsigned at(int row, int chunk) {
        return row * ROW_BYTES + ((chunk ^ (D == 32 ? (row >> 1) & 3 : row & 7)) << 4);
    }

    // Where this lane's row of four matrices begins, rows 0–15 by columns 0–15. For rows 16·n and columns 16·c on add
    // n · 16 · ROW_BYTES and take the exclusive or with 32·c.
    __device__ static unsigned of_lane() { return at(threadIdx.x & 15, (threadIdx.x & 31) >> 4); }

    // Starts copying rows; zeros stand for those that are not alive (Bits, or int: how many there are).
    template <int ROWS, typename Alive>
    __device__ static void copy(unsigned to, const bf16* rows, long long stride, Alive alive) {
        constexpr int STEP = MMA_THREADS / CHUNKS;
        int row = threadIdx.x / CHUNKS, chunk = threadIdx.x % CHUNKS;
        const bf16* from = rows + row * stride + chunk * 8;
#pragma unroll
        for (int i = 0; i < ROWS; i += STEP) {
            bool there = has(alive, row + i);
            copy_16(to + at(row + i, chunk), there ? from : rows, there);
            from += STEP * stride;
        }
    }
};

// The 16·M rows of a warp as first operand; held in registers, or read again and again where those are short.
template <int D, int M, bool HELD>
struct RowOperand {
    unsigned address;
    unsigned held[HELD ? D / 16 : 1][M][4];

    __device__ __forceinline__ void take(unsigned tile) {
        address = tile + threadIdx.x / 32 * 16 * M * MmaTile<D>::ROW_BYTES;
#pragma unroll
        for (int c = 0; c < (HELD ? D / 16 : 0); c++) {
            read(held[c], c);
        }
    }

    // Columns 16·c to 16·c + 15.
    __device__ __forceinline__ void get(unsigned (&to)[M][4], int c) const {
        if (HELD) {
#pragma unroll
            for (int i = 0; i < M * 4; i++) {
                to[i / 4][i % 4] = held[HELD ? c : 0][i / 4][i % 4];
            }
        } else {
            read(to, c);
        }
    }

    __device__ __forceinline__ void read(unsigned (&to)[M][4], int c) const {
#pragma unroll
        for (int i = 0; i < M; i++) {
            load_matrices(to[i], address + i * 16 * MmaTile<D>::ROW_BYTES + (MmaTile<D>::of_lane() ^ (c << 5)));
        }
    }
};

// x += rows · columnsᵀ, over D. The four matrices of a load are columns 0–7 and 8–15, each at depths 0–7 and then 8–15.
template <int D, int M, int N, bool HELD>
__device__ __forceinline__ void add_products(
        float (&x)[M][N / 8][4], const RowOperand<D, M, HELD>& rows, unsigned columns) {
    const unsigned lane = MmaTile<D>::of_lane();
#pragma unroll
    for (int c = 0; c < D / 16; c++) {
        unsigned a[M][4];
        rows.get(a, c);
#pragma unroll
        for (int n = 0; n < N / 16; n++) {
            unsigned b[4];
            load_matrices(b, columns + n * 16 * MmaTile<D>::ROW_BYTES + (lane ^ (c << 5)));
#pragma unroll
            for (int i = 0; i < M; i++) {
                mma(x[i][2 * n], a[i], b[0], b[2]);
                mma(x[i][2 * n + 1], a[i], b[1], b[3]);
            }
        }
    }
}

// sums += weights · columns, over the N rows of columns; the weights are rounded to bf16.
template <int D, int M, int N>
__device__ __forceinline__ void add_weighted(
        float (&sums)[M][D / 8][4], const float (&weights)[M][N / 8][4], unsigned columns) {
    const unsigned lane = MmaTile<D>::of_lane();
#pragma unroll
    for (int k = 0; k < N / 16; k++) {
        unsigned a[M][4];
#pragma unroll
        for (int i = 0; i < M; i++) {
            const float(&left)[4] = weights[i][2 * k], (&right)[4] = weights[i][2 * k + 1];
            a[i][0] = pack_bf16(left[0], left[1]);
            a[i][1] = pack_bf16(left[2], left[3]);
            a[i][2] = pack_bf16(right[0], right[1]);
            a[i][3] = pack_bf16(right[2], right[3]);
        }
#pragma unroll
        for (int n = 0; n < D / 16; n++) {
            unsigned b[4];
            load_transposed(b, columns + k * 16 * MmaTile<D>::ROW_BYTES + (lane ^ (n << 5)));
#pragma unroll
            for (int i = 0; i < M; i++) {
                mma(sums[i][2 * n], a[i], b[0], b[1]);
                mma(sums[i][2 * n + 1], a[i], b[2], b[3]);
            }
        }
    }
}

// to = factor · sums, or to += factor · sums, for the alive ones of a warp's 16·M rows. They pass through `stage`, the
// warp's own rows of a tile in shared memory, since global memory wants 16 bytes a lane.
template <int D, int M, bool ADD, typename Alive>
__device__ __forceinline__ void write_rows(
        bf16* to, long long stride, const float (&sums)[M][D / 8][4], const float (&factors)[M][2],
        unsigned char* stage, Alive alive) {
    using Tile = MmaTile<D>;
    constexpr int STEP = 32 / Tile::CHUNKS;
    const int lane = threadIdx.x & 31, warp_row = threadIdx.x / 32 * 16 * M;
    const int row = warp_row + lane / Tile::CHUNKS, chunk = lane % Tile::CHUNKS;
    to += row * stride + chunk * 8;
    __syncwarp();
    if (ADD) {
#pragma unroll
        for (int i = 0; i < 16 * M; i += STEP) {
            if (has(alive, row + i)) {
                *reinterpret_cast<uint4*>(stage + Tile::at(row + i, chunk)) =
                        *reinterpret_cast<const uint4*>(to + i * stride);
            }
        }
        __syncwarp();
    }
#pragma unroll
    for (int i = 0; i < 2 * M; i++) {
        int at = warp_row + i * 8 + lane / 4;
        float factor = factors[i / 2][i % 2];
#pragma unroll
        for (int n = 0; n < D / 8; n++) {
            unsigned* pair = reinterpret_cast<unsigned*>(stage + Tile::at(at, n) + (lane & 3) * 4);
            float low = sums[i / 2][n][i % 2 * 2], high = sums[i / 2][n][i % 2 * 2 + 1];
            *pair = ADD ? pack_bf16(fmaf(low, factor, low_half(*pair)), fmaf(high, factor, high_half(*pair)))
                        : pack_bf16(low * factor, high * factor);
        }
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < 16 * M; i += STEP) {
        if (has(alive, row + i)) {
            *reinterpret_cast<uint4*>(to + i * stride) =
                    *reinterpret_cast<const uint4*>(stage + Tile::at(row + i, chunk));
        }
    }
}
