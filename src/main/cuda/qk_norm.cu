// Query, key or value out of a fused projection, normalised, rotated and laid out by heads in one pass: rms_norm.cu over the
// d numbers of a head, then rope.cu, each optional.
//
//   heads[b, h, l, :] = R_l · (scale ⊙ x[b, l, column + h·d …] · rstd[b, l, h])
//   g = R_l⁻¹ · gradHeads,   x̂ = x · rstd
//   gradX[b, l, column + h·d …] += rstd · (scale ⊙ g − x̂ · mean(scale ⊙ g ⊙ x̂)),   or g itself without a scale
//   gradScale += Σ over b, l, h of g ⊙ x̂
//
// heads, gradHeads (B, H, L, d), x, gradX (B, L, X) of T; rstd (B, L, H), scale, gradScale (d) and table (1 or B, L, d/2, 2)
// of F32. scale, rstd and table may be null, and so may gradX and partials.
//
// Launch: blocks of 128 (of 256 for the compiler, which then spills nowhere). `lanes` lanes of a warp, a power of two, take one token: 16 bytes of a head each, in `heads` heads
// whose loads are in flight together; scale and table stay in registers meanwhile. The 32/lanes tokens of a warp follow each
// other, so that its stores do too. The backward has a warp for every piece of `piece` such items (tokens, then groups of
// heads); its share of gradScale is a row of partials (pieces, d), which qk_norm_scale sums. Pieces depend on the shape
// alone, so the bits do too.
//
// Fewest bytes: forward 2·B·H·L·d of T, backward 4·B·H·L·d of T (3 without a scale), and the table's 4·L·d a sample or in
// all. What lies beyond 32 single elements of a head is read twice.
#include "rows.cuh"

// What a call is about.
struct Heads {
    unsigned tokens;  // B·L
    int l;
    int h;
    int d;
    long long width;         // of a row of x
    long long table_stride;  // from one sample's table to the next: 0 when they share one
    int lanes;
    int heads;
    int groups;  // of heads: ⌈h / heads⌉
};

// One token and a group of its heads.
struct Item {
    bool inside;
    long long token;
    int head;
    int count;  // of heads
    long long row;    // number of its first head's row in (B, H, L, d)
    long long angle;  // number of its first cosine in the table

    __device__ __forceinline__ Item(const Heads& at, unsigned tile, int group) {
        const unsigned number = tile * (32 / at.lanes) + (threadIdx.x & 31) / at.lanes;
        inside = number < at.tokens;
        token = min(number, at.tokens - 1);
        head = group * at.heads;
        count = min(at.heads, at.h - head);
        const unsigned sample = static_cast<unsigned>(token) / at.l;
        const unsigned position = static_cast<unsigned>(token) % at.l;
        row = (static_cast<long long>(sample) * at.h + head) * at.l + position;
        angle = sample * at.table_stride + static_cast<long long>(position) * at.d;
    }
};

template <typename T, int V, int ITEMS>
__device__ __forceinline__ void forward(
        T* __restrict__ heads,
        float* __restrict__ rstd,
        const T* __restrict__ x,
        const float* __restrict__ scale,
        const float* __restrict__ table,
        const Heads& at,
        float eps) {
    constexpr int BATCH = V == 1 ? 1 : 4;
    const unsigned tile = blockIdx.x / at.groups * (blockDim.x >> 5) + (threadIdx.x >> 5);
    const Item item(at, tile, blockIdx.x % at.groups);
    const int start = (threadIdx.x & (at.lanes - 1)) * V;
    const int step = at.lanes * V;
    const int scaled = scale == nullptr ? 0 : at.d;  // columns that a scale has
    const int turned = table == nullptr ? 0 : at.d;
    const T* const row = x + item.token * at.width + static_cast<long long>(item.head) * at.d;

    float factors[ITEMS][V];
    float angles[ITEMS][V];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const int column = start + i * step;
        read_floats(factors[i], scale, column, scaled);
        read_floats(angles[i], table + item.angle, column, turned);
    }
    auto put = [&](int k, int column, const Unit<T, V>& unit, float r, const float(&factor)[V],
                   const float(&angle)[V]) {
        float values[V];
        widen(values, unit);
        if (scale != nullptr) {
#pragma unroll
            for (int j = 0; j < V; j++) {
                values[j] = values[j] * r * factor[j];
            }
        }
        if (table != nullptr) {
            rotate<1>(values, angle);
        }
        if (item.inside && k < item.count && column < at.d) {
            write(heads + (item.row + static_cast<long long>(k) * at.l) * at.d + column, values);
        }
    };
    for (int batch = 0; batch < item.count; batch += BATCH) {
        Unit<T, V> units[BATCH][ITEMS];
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
#pragma unroll
            for (int i = 0; i < ITEMS; i++) {
                const int column = start + i * step;
                units[k][i] = read<T, V>(
                        row + static_cast<long long>(batch + k) * at.d + column,
                        batch + k < item.count && column < at.d);
            }
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            const T* const from = row + static_cast<long long>(batch + k) * at.d;
            float r = 1;
            if (scale != nullptr) {
                float sum = 0;
                auto add = [&](const Unit<T, V>& unit) {
                    float values[V];
                    widen(values, unit);
#pragma unroll
                    for (int j = 0; j < V; j++) {
                        sum += values[j] * values[j];
                    }
                };
#pragma unroll
                for (int i = 0; i < ITEMS; i++) {
                    add(units[k][i]);
                }
                for (int column = start + ITEMS * step; beyond<V>(column, at.d); column += step) {
                    add(read<T, V>(from + column));
                }
                r = 1.0f / sqrtf(lanes_sum(sum, at.lanes) / at.d + eps);
                if (start == 0 && item.inside && batch + k < item.count) {
                    rstd[item.token * at.h + item.head + batch + k] = r;
                }
            }
#pragma unroll
            for (int i = 0; i < ITEMS; i++) {
                put(batch + k, start + i * step, units[k][i], r, factors[i], angles[i]);
            }
            // The whole warp stays together, for the rotation.
            for (int base = ITEMS * step; beyond<V>(base, at.d); base += step) {
                const int column = base + start;
                const bool there = column < at.d;
                float factor[V];
                float angle[V];
                read_floats(factor, scale, column, scaled);
                read_floats(angle, table + item.angle, column, turned);
                put(batch + k, column, read<T, V>(from + column, there), r, factor, angle);
            }
        }
    }
}

template <typename T, int V, int ITEMS>
__device__ __forceinline__ void backward(
        T* __restrict__ gradX,
        float* __restrict__ partials,
        const T* __restrict__ gradHeads,
        const T* __restrict__ x,
        const float* __restrict__ rstd,
        const float* __restrict__ scale,
        const float* __restrict__ table,
        const Heads& at,
        unsigned items,
        unsigned piece) {
    constexpr int BATCH = V == 1 ? 1 : 2;
    const unsigned number = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5);
    const unsigned begin = min(items, number * piece);
    const unsigned end = min(items, begin + piece);
    const int start = (threadIdx.x & (at.lanes - 1)) * V;
    const int step = at.lanes * V;
    const bool keeps = partials != nullptr && begin < end;
    float* const partial = keeps ? partials + static_cast<long long>(number) * at.d : nullptr;
    const int scaled = scale == nullptr ? 0 : at.d;  // columns that a scale has
    const int turned = table == nullptr ? 0 : at.d;

    float factors[ITEMS][V];
    float columns[ITEMS][V] = {};
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        read_floats(factors[i], scale, start + i * step, scaled);
    }
    if (keeps) {
        const float zeros[V] = {};
        for (int column = start + ITEMS * step; beyond<V>(column, at.d); column += step) {
            write_floats(partial, zeros, column, at.d);
        }
    }
    // Makes gradHeads' numbers g, adds g·x̂ to the columns and scale·g·x̂ to the row.
    auto add = [&](float& dot, float(&sums)[V], float(&g)[V], const Unit<T, V>& unit, float r,
                   const float(&factor)[V]) {
        float values[V];
        widen(values, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            const float product = g[j] * (values[j] * r);
            sums[j] += product;
            dot += product * factor[j];
        }
    };
    auto put = [&](T* to, float mean, const float(&g)[V], const Unit<T, V>& unit, float r, const float(&factor)[V]) {
        float values[V];
        float sums[V];
        widen(values, unit);
        widen(sums, read<T, V>(to));
#pragma unroll
        for (int j = 0; j < V; j++) {
            sums[j] += scale == nullptr ? g[j] : r * (factor[j] * g[j] - values[j] * r * mean);
        }
        write(to, sums);
    };
    for (unsigned i0 = begin; i0 < end; i0++) {
        const Item item(at, i0 / at.groups, i0 % at.groups);
        const long long in_x = item.token * at.width + static_cast<long long>(item.head) * at.d;
        float angles[ITEMS][V];
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
            const int column = start + i * step;
            read_floats(angles[i], table + item.angle, column, turned);
        }
        for (int batch = 0; batch < item.count; batch += BATCH) {
            Unit<T, V> grads[BATCH][ITEMS];
            Unit<T, V> units[BATCH][ITEMS];
            float r[BATCH];
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                const bool mine = item.inside && batch + k < item.count;
                r[k] = scale != nullptr && mine ? rstd[item.token * at.h + item.head + batch + k] : 1;
#pragma unroll
                for (int i = 0; i < ITEMS; i++) {
                    const int column = start + i * step;
                    const bool there = mine && column < at.d;
                    grads[k][i] = read<T, V>(
                            gradHeads + (item.row + static_cast<long long>(batch + k) * at.l) * at.d + column, there);
                    units[k][i] = read<T, V>(
                            x + in_x + static_cast<long long>(batch + k) * at.d + column, there && scale != nullptr);
                }
            }
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                const bool mine = item.inside && batch + k < item.count;
                const T* const grad_row = gradHeads + (item.row + static_cast<long long>(batch + k) * at.l) * at.d;
                const long long x_row = in_x + static_cast<long long>(batch + k) * at.d;
                float g[ITEMS][V];
                float dot = 0;
#pragma unroll
                for (int i = 0; i < ITEMS; i++) {
                    widen(g[i], grads[k][i]);
                    if (table != nullptr) {
                        rotate<-1>(g[i], angles[i]);
                    }
                    add(dot, columns[i], g[i], units[k][i], r[k], factors[i]);
                }
                auto gradient = [&](float(&to)[V], int column, bool there) {
                    float angle[V];
                    read_floats(angle, table + item.angle, column, turned);
                    widen(to, read<T, V>(grad_row + column, there));
                    if (table != nullptr) {
                        rotate<-1>(to, angle);
                    }
                };
                for (int base = ITEMS * step; scale != nullptr && beyond<V>(base, at.d); base += step) {
                    const int column = base + start;
                    const bool there = mine && column < at.d;
                    float value[V];
                    float factor[V];
                    float sums[V];
                    gradient(value, column, there);
                    read_floats(factor, scale, column, scaled);
                    read_floats(sums, partial, column, keeps ? at.d : 0);
                    add(dot, sums, value, read<T, V>(x + x_row + column, there), r[k], factor);
                    if (keeps) {
                        write_floats(partial, sums, column, at.d);
                    }
                }
                if (gradX == nullptr) {
                    continue;
                }
                const float mean = scale == nullptr ? 0 : lanes_sum(dot, at.lanes) / at.d;
#pragma unroll
                for (int i = 0; i < ITEMS; i++) {
                    if (mine && start + i * step < at.d) {
                        put(gradX + x_row + start + i * step, mean, g[i], units[k][i], r[k], factors[i]);
                    }
                }
                for (int base = ITEMS * step; beyond<V>(base, at.d); base += step) {
                    const int column = base + start;
                    const bool there = mine && column < at.d;
                    float value[V];
                    float factor[V];
                    gradient(value, column, there);
                    read_floats(factor, scale, column, scaled);
                    if (there) {
                        const Unit<T, V> unit = read<T, V>(x + x_row + column, scale != nullptr);
                        put(gradX + x_row + column, mean, value, unit, r[k], factor);
                    }
                }
            }
        }
    }
    if (keeps) {
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
#pragma unroll
            for (int j = 0; j < V; j++) {
                for (int lane = at.lanes; lane < 32; lane <<= 1) {
                    columns[i][j] += __shfl_xor_sync(FULL_WARP, columns[i][j], lane);
                }
            }
            write_floats(partial, columns[i], start + i * step, (threadIdx.x & 31) < at.lanes ? at.d : 0);
        }
    }
}

// One element a lane: two spill, and such heads are rare.
#define SINGLE_OF_HEAD(T) T, 1, 1

#define ENTRIES(name, type, units)                                                                                     \
    KERNEL(256)                                                                                                        \
    qk_norm_forward##name(                                                                                             \
            type* heads,                                                                                               \
            float* rstd,                                                                                               \
            const type* x,                                                                                             \
            const float* scale,                                                                                        \
            const float* table,                                                                                        \
            unsigned tokens,                                                                                           \
            int l,                                                                                                     \
            int h,                                                                                                     \
            int d,                                                                                                     \
            long long width,                                                                                           \
            long long table_stride,                                                                                    \
            int lanes,                                                                                                 \
            int group,                                                                                                 \
            float eps) {                                                                                               \
        const Heads at = {tokens, l, h, d, width, table_stride, lanes, group, (h + group - 1) / group};                \
        forward<units(type)>(heads, rstd, x, scale, table, at, eps);                                                   \
    }                                                                                                                  \
    KERNEL(256)                                                                                                        \
    qk_norm_backward##name(                                                                                            \
            type* gradX,                                                                                               \
            float* partials,                                                                                           \
            const type* gradHeads,                                                                                     \
            const type* x,                                                                                             \
            const float* rstd,                                                                                         \
            const float* scale,                                                                                        \
            const float* table,                                                                                        \
            unsigned tokens,                                                                                           \
            int l,                                                                                                     \
            int h,                                                                                                     \
            int d,                                                                                                     \
            long long width,                                                                                           \
            long long table_stride,                                                                                    \
            int lanes,                                                                                                 \
            int group,                                                                                                 \
            unsigned items,                                                                                            \
            unsigned piece) {                                                                                          \
        const Heads at = {tokens, l, h, d, width, table_stride, lanes, group, (h + group - 1) / group};                \
        backward<units(type)>(gradX, partials, gradHeads, x, rstd, scale, table, at, items, piece);                    \
    }

ENTRIES(_f32, float, WIDE)
ENTRIES(_bf16, bf16, WIDE)
ENTRIES(_single_f32, float, SINGLE_OF_HEAD)
ENTRIES(_single_bf16, bf16, SINGLE_OF_HEAD)

KERNEL(1024)
qk_norm_scale(float* gradScale, const float* partials, long long pieces, int columns, int tiles, int lanes) {
    column_sums(gradScale, partials, pieces, columns, tiles, lanes);
}
