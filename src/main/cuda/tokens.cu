// Movements of tokens: pictures to patches and back, columns, concatenation, rows by index.
//
//   patchify       tokens[b, (row, q), (c, py, px)] = image[b, c, row·P + py, q·P + px], and back; either type on either side
//   move_rows      to[r·toStride + j] (= or +=) from[r·fromStride + j], j < width: slices, concatenations, their backwards
//   gather_rows    y[b, r, :] = x[b, index[b, r], :], and for a table shared by the batch
//   scatter_rows   x[b, index[b, r], :] += y[b, r, :], no index twice in a sample
//   embed_backward gradTable[index[n], :] += gradY[n, :] in the order of n
//
// Paper: Dosovitskiy et al. 2021, eq. 1 (patches).
// Launch: move, gather and scatter one tile of 512 groups of 16 bytes a block of 256 threads. patchify has two forms. Where a
// patch's row fills a 32-byte sector on both sides, a thread copies the same 4 columns of 4 picture lines, all loads first.
// Narrower patches go through shared memory: a block takes G neighbouring patches and some colours, reads whole stretches of
// picture lines and writes whole stretches of tokens, or the reverse. embed_backward has one warp for each row and 32 groups
// of columns: it scans the indices, 128 at a time, and adds the rows that are its own as they come. It owns the table's row
// of its number where the table is not longer than the batch; else the row named by index n, unless an earlier n names it too.
// So no sorting, no atomics, and the sums have the order of n.
// Fewest bytes: every element moved is read once and written once, an accumulated one read once more; indices 4 bytes a row.
// traffic: embed_backward_any_* where rows do not start at a multiple of 16 bytes, the bytes of a warp lie across one sector more than they fill
#include "elementwise.cuh"

#define LINES 4
#define STAGE 4160
#define STAGE_LINES 64
#define SCAN 4

// No conversion where the types agree.
template <typename To, typename From, int N>
__device__ __forceinline__ Group<To, N> moved(const Group<From, N>& from) {
    if constexpr (sizeof(To) == sizeof(From)) {
        return from;
    } else {
        Group<To, N> to;
        to.each([&](int j) { return from.get(j); });
        return to;
    }
}

template <typename To, typename From, int N>
__device__ __forceinline__ Group<To, N> moved(const Group<From, N>& from, const Group<To, N>& onto, bool accumulate) {
    Group<To, N> sum = moved<To, From, N>(from);
    if (accumulate) {
        sum.each([&](int j) { return onto.get(j) + from.get(j); });
    }
    return sum;
}

// Picture (B, C, height, width) beside tokens (B, down·across, C·P²); a sample has fewer than 2³¹ elements.
struct Picture {
    int colours;
    int height;
    int width;
    int patch;
};

// A thread copies 4 lines of one column group of one band of patches; line (c, py) has number c·P + py. groups is the number of
// column groups of all bands.
template <typename Tok, typename Img, bool TO_TOKENS, int N>
__device__ __forceinline__ void move_patches(Tok* tokens, Img* image, Picture of, long long groups, bool accumulate) {
    long long t = static_cast<long long>(blockIdx.x) * THREADS + threadIdx.x;
    if (t >= groups) {
        return;
    }
    int across = of.width / N;
    long long band = t / across;
    int x = static_cast<int>(t - band * across) * N;
    int down = of.height / of.patch;
    long long sample = band / down;
    int row = static_cast<int>(band - sample * down);
    int q = x / of.patch;
    int lines = of.colours * of.patch;
    Tok* token = tokens + (band * (of.width / of.patch) + q) * lines * of.patch + (x - q * of.patch);
    Img* pixel = image + (sample * of.colours * of.height + static_cast<long long>(row) * of.patch) * of.width + x;
    int first = blockIdx.y * LINES;
    int colour = first / of.patch;
    int py = first - colour * of.patch;
    Tok* at_token[LINES];
    Img* at_pixel[LINES];
    Group<Img, N> of_image[LINES];
    Group<Tok, N> of_token[LINES];
#pragma unroll
    for (int k = 0; k < LINES; k++) {
        at_token[k] = token + (first + k) * of.patch;
        at_pixel[k] = pixel + (colour * of.height + py) * of.width;
        if (first + k < lines) {
            if (TO_TOKENS || accumulate) {
                of_image[k] = load_group<N>(at_pixel[k]);
            }
            if (!TO_TOKENS || accumulate) {
                of_token[k] = load_group<N>(at_token[k]);
            }
        }
        py++;
        if (py == of.patch) {
            py = 0;
            colour++;
        }
    }
#pragma unroll
    for (int k = 0; k < LINES; k++) {
        if (first + k < lines) {
            if constexpr (TO_TOKENS) {
                store_group(at_token[k], moved<Tok, Img, N>(of_image[k], of_token[k], accumulate));
            } else {
                store_group(at_pixel[k], moved<Img, Tok, N>(of_token[k], of_image[k], accumulate));
            }
        }
    }
}

template <typename Tok, typename Img, bool TO_TOKENS>
__device__ __forceinline__ void patches(
    Tok* tokens, Img* image, Picture of, long long groups, bool wide, bool accumulate) {
    if (wide) {
        move_patches<Tok, Img, TO_TOKENS, 4>(tokens, image, of, groups, accumulate);
    } else {
        move_patches<Tok, Img, TO_TOKENS, 1>(tokens, image, of, groups, accumulate);
    }
}

template <typename P>
struct ElementOf;
template <typename T>
struct ElementOf<T*> {
    typedef T type;
};

// Block (band, patch group, colour group) by way of shared memory, at most 64 columns and 64 lines. A token's part is laid out
// with a stride that is P modulo 32, so that neighbours in a picture line lie in neighbouring banks; it is 65·P at most.
template <typename Tok, typename Img, bool TO_TOKENS>
__device__ __forceinline__ void stage_patches(
    Tok* tokens, Img* image, Picture of, int patches_a_block, int colours_a_block, bool accumulate) {
    __shared__ float stage[STAGE];
    __shared__ int line_at[STAGE_LINES];
    int lane = threadIdx.x % 32;
    int warp = threadIdx.x / 32;
    int across = of.width / of.patch;
    int down = of.height / of.patch;
    int q = blockIdx.y * patches_a_block;
    int patches = min(patches_a_block, across - q);
    int colour = blockIdx.z * colours_a_block;
    int lines = min(colours_a_block, of.colours - colour) * of.patch;
    int part = lines * of.patch;
    int stride = part + (of.patch - part & 31);
    int sample = blockIdx.x / down;
    int row = blockIdx.x - sample * down;
    if (threadIdx.x < lines) {
        int c = threadIdx.x / of.patch;
        line_at[threadIdx.x] = ((colour + c) * of.height + (threadIdx.x - c * of.patch)) * of.width;
    }
    __syncthreads();
    int token_size = of.colours * of.patch * of.patch;
    Tok* token = tokens + (static_cast<long long>(blockIdx.x) * across + q) * token_size + colour * of.patch * of.patch;
    Img* pixel = image + (static_cast<long long>(sample) * of.colours * of.height + row * of.patch) * of.width + q * of.patch;
    auto picture = [&](auto body) {
        for (int x = lane; x < patches * of.patch; x += 32) {
            int p = x / of.patch;
            float* column = stage + p * stride + (x - p * of.patch);
#pragma unroll 4
            for (int line = warp; line < lines; line += THREADS / 32) {
                body(pixel + line_at[line] + x, column + line * of.patch);
            }
        }
    };
    auto sequence = [&](auto body) {
        for (int p = warp; p < patches; p += THREADS / 32) {
#pragma unroll 4
            for (int i = lane; i < part; i += 32) {
                body(token + static_cast<long long>(p) * token_size + i, stage + p * stride + i);
            }
        }
    };
    auto in = [](auto* from, float* to) { *to = widen(*from); };
    auto out = [=](auto* to, float* from) {
        Group<typename ElementOf<decltype(to)>::type, 1> result;
        float onto = accumulate ? widen(*to) : 0.0f;
        result.each([&](int) { return accumulate ? onto + *from : *from; });
        *to = result.at[0];
    };
    if constexpr (TO_TOKENS) {
        picture(in);
        __syncthreads();
        sequence(out);
    } else {
        sequence(in);
        __syncthreads();
        picture(out);
    }
}

struct Rows {
    long long to;
    long long from;
};

template <typename To, typename From, int N>
struct Moving {
    Group<To, N> onto;
    Group<From, N> from;
    long long at;
};

// n elements in rows of `width`; of_row(r) says where row r begins on both sides, in elements.
template <typename To, typename From, typename OfRow>
__device__ __forceinline__ void move_rows(
    To* to, const From* from, long long n, int width, bool wide, bool accumulate, OfRow of_row) {
    constexpr int N = 16 / (sizeof(To) > sizeof(From) ? sizeof(To) : sizeof(From));
    elementwise<2, N>(
        blockIdx.x, n, wide && width % N == 0 && fits<N>(to) && fits<N>(from),
        [=](auto w, long long i) {
            Moving<To, From, WIDTH(w)> moving;
            long long row = i / width;
            Rows begin = of_row(row);
            moving.at = begin.to + (i - row * width);
            moving.from = load_group<WIDTH(w)>(from + begin.from + (i - row * width));
            if (accumulate) {
                moving.onto = load_group<WIDTH(w)>(to + moving.at);
            }
            return moving;
        },
        [=](auto w, long long i, auto moving) {
            store_group(to + moving.at, moved<To, From, WIDTH(w)>(moving.from, moving.onto, accumulate));
        });
}

// A warp takes one row of the table and 32 groups of its columns; see above. Where it owns by position, rows is n.
template <typename Table, typename Y, int N>
__device__ __forceinline__ void embed_backward(
    Table* grad_table, const Y* grad_y, const int* index, int n, int rows, int d, bool by_position) {
    int lane = threadIdx.x % 32;
    int owner = blockIdx.x * (THREADS / 32) + threadIdx.x / 32;
    if (owner >= rows) {
        return;
    }
    int mine = by_position ? index[owner] : owner;
    // Looks begin at multiples of 32, where sectors do.
    int start = by_position ? owner : 0;
    int aligned = start & ~31;
    for (int begin = aligned; begin + 32 > 0 && start > 0; begin -= 32 * SCAN) {
        bool named = false;
#pragma unroll
        for (int k = 0; k < SCAN; k++) {
            int at = begin - 32 * k + lane;
            named |= at >= 0 && at < start && index[at] == mine;
        }
        if (__any_sync(FULL_WARP, named)) {
            return;
        }
    }
    int column = (blockIdx.y * 32 + lane) * N;
    bool inside = column < d;
    Table* into = grad_table + static_cast<long long>(mine) * d + column;
    float sum[N];
    bool touched = false;
    for (int begin = aligned; begin < n; begin += 32 * SCAN) {
        int here[SCAN];
#pragma unroll
        for (int k = 0; k < SCAN; k++) {
            int at = begin + 32 * k + lane;
            here[k] = at >= start && at < n ? index[at] : -1;
        }
#pragma unroll
        for (int k = 0; k < SCAN; k++) {
            unsigned int found = __ballot_sync(FULL_WARP, here[k] == mine);
            if (found != 0 && !touched) {
                touched = true;
                if (inside) {
                    Group<Table, N> start = load_group<N>(into);
#pragma unroll
                    for (int j = 0; j < N; j++) {
                        sum[j] = start.get(j);
                    }
                }
            }
            while (found != 0) {
                Group<Y, N> of_row[SCAN];
                bool taken[SCAN];
#pragma unroll
                for (int m = 0; m < SCAN; m++) {
                    taken[m] = inside && found != 0;
                    long long row = begin + 32 * k + __ffs(found) - 1;
                    if (taken[m]) {
                        of_row[m] = load_group<N>(grad_y + row * d + column);
                    }
                    found &= found - 1;
                }
#pragma unroll
                for (int m = 0; m < SCAN; m++) {
#pragma unroll
                    for (int j = 0; j < N; j++) {
                        sum[j] = taken[m] ? sum[j] + of_row[m].get(j) : sum[j];
                    }
                }
            }
        }
    }
    if (touched && inside) {
        Group<Table, N> end;
        end.each([&](int j) { return sum[j]; });
        store_group(into, end);
    }
}

#define PATCHES(TOK, IMG, SUFFIX)                                                                                              \
    KERNEL(THREADS) patchify_##SUFFIX(TOK* tokens, IMG* image, int colours, int height, int width, int patch,                  \
                                      long long groups, int wide, int accumulate) {                                            \
        patches<TOK, IMG, true>(tokens, image, {colours, height, width, patch}, groups, wide, accumulate);                     \
    }                                                                                                                          \
    KERNEL(THREADS) unpatchify_##SUFFIX(TOK* tokens, IMG* image, int colours, int height, int width, int patch,                \
                                        long long groups, int wide, int accumulate) {                                          \
        patches<TOK, IMG, false>(tokens, image, {colours, height, width, patch}, groups, wide, accumulate);                    \
    }                                                                                                                          \
    KERNEL(THREADS) patchify_staged_##SUFFIX(TOK* tokens, IMG* image, int colours, int height, int width, int patch,           \
                                             int patches_a_block, int colours_a_block, int accumulate) {                       \
        stage_patches<TOK, IMG, true>(                                                                                         \
            tokens, image, {colours, height, width, patch}, patches_a_block, colours_a_block, accumulate);                     \
    }                                                                                                                          \
    RESIDENT_KERNEL(THREADS, 6) unpatchify_staged_##SUFFIX(TOK* tokens, IMG* image, int colours, int height, int width, int patch, \
                                               int patches_a_block, int colours_a_block, int accumulate) {                     \
        stage_patches<TOK, IMG, false>(                                                                                        \
            tokens, image, {colours, height, width, patch}, patches_a_block, colours_a_block, accumulate);                     \
    }

PATCHES(float, float, f32_f32)
PATCHES(float, bf16, f32_bf16)
PATCHES(bf16, float, bf16_f32)
PATCHES(bf16, bf16, bf16_bf16)

#define SAME_TYPE(T, SUFFIX)                                                                                                   \
    RESIDENT_KERNEL(THREADS, 4) move_rows_##SUFFIX(                                                                            \
        T* to, const T* from, long long n, int width, long long to_stride, long long from_stride, int accumulate) {            \
        bool wide = ((to_stride | from_stride) * sizeof(T) & 15) == 0;                                                         \
        move_rows(to, from, n, width, wide, accumulate, [=](long long row) { return Rows{row * to_stride, row * from_stride}; }); \
    }                                                                                                                          \
    RESIDENT_KERNEL(THREADS, 4) scatter_rows_##SUFFIX(                                                                         \
        T* x, const T* y, const int* index, long long n, int d, int rows_a_sample, int length) {                               \
        move_rows(x, y, n, d, true, true, [=](long long row) {                                                                 \
            return Rows{(row / rows_a_sample * length + index[row]) * d, row * d};                                             \
        });                                                                                                                    \
    }

SAME_TYPE(float, f32)
SAME_TYPE(bf16, bf16)

#define TWO_TYPES(TO, FROM, SUFFIX)                                                                                            \
    RESIDENT_KERNEL(THREADS, 4) gather_rows_##SUFFIX(                                                                          \
        TO* y, const FROM* x, const int* index, long long n, int d, int rows_a_sample, int length) {                           \
        move_rows(y, x, n, d, true, false, [=](long long row) {                                                                \
            return Rows{row * d, (row / rows_a_sample * length + index[row]) * d};                                             \
        });                                                                                                                    \
    }                                                                                                                          \
    KERNEL(THREADS) embed_backward_wide_##SUFFIX(                                                                              \
        TO* grad_table, const FROM* grad_y, const int* index, int n, int rows, int d, int by_position) {                       \
        constexpr int N = 16 / (sizeof(TO) > sizeof(FROM) ? sizeof(TO) : sizeof(FROM));                                        \
        embed_backward<TO, FROM, N>(grad_table, grad_y, index, n, rows, d, by_position);                                       \
    }                                                                                                                          \
    KERNEL(THREADS) embed_backward_any_##SUFFIX(                                                                               \
        TO* grad_table, const FROM* grad_y, const int* index, int n, int rows, int d, int by_position) {                       \
        embed_backward<TO, FROM, 1>(grad_table, grad_y, index, n, rows, d, by_position);                                       \
    }

TWO_TYPES(float, float, f32_f32)
TWO_TYPES(float, bf16, f32_bf16)
TWO_TYPES(bf16, float, bf16_f32)
TWO_TYPES(bf16, bf16, bf16_bf16)
