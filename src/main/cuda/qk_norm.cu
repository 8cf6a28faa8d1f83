// Query, key or value out of a fused projection, normalised, rotated and laid out by heads in one pass: rms_norm.cu
// over the d numbers of a head, then rope.cu, each optional.
//
//   heads[b, h, l, :] = R_l · (scale ⊙ x[b, l, column + h·d …] · rstd[b, l, h])
//   g = R_l⁻¹ · gradHeads,   x̂ = x · rstd
//   gradX[b, l, column + h·d …] += rstd · (scale ⊙ g − x̂ · mean(scale ⊙ g ⊙ x̂)),   or g itself without a scale
//   gradScale += Σ over b, l, h of g ⊙ x̂
//
// heads, gradHeads (B, H, L, d), x, gradX (B, L, X) of T; rstd (B, L, H), scale, gradScale (d) and table (1 or B, L,
// d/2, 2) of F32. scale, rstd and table may be null, and so may gradX and partials.
//
// Launch: blocks of 128. `lanes` lanes of a warp, a power of two, take one token: 16 bytes (or one element) of a
// head each, in `group` heads, several at a time; scale and table stay in registers meanwhile. The 32/lanes tokens
// of a warp follow each other, and so do its stores. The backward has a warp for every `piece` such items, tokens
// and then groups of heads; its share of gradScale is a row of partials (pieces, d), which qk_norm_scale sums.
// Pieces depend on the shape alone, so the bits do too.
//
// Fewest bytes: forward 2·B·H·L·d of T, backward 4·B·H·L·d of T (3 without a scale), and the table's 4·L·d a sample
// or in all. What lies beyond 32 single elements of a head is read twice.
#include "rows.cuh"

// What a call is about.
struct Heads {
    unsigned tokens;  // B·L
    int l;
    int h;
    int d;
    float inverse;           // 1/d
    long long width;         // of a row of x
    long long table_stride;  // from one sample's table to the next: 0 when they share one
    int lanes;
    int group;  // heads
    int groups;
};

// One token, or the last one again for lanes beyond it, and a group of its heads.
struct Item {
    bool inside;
    long long token;
    int head;
    int count;        // of heads
    long long row;    // number of its first head's row in (B, H, L, d)
    long long angle;  // number of its first cosine in the table

    __device__ __forceinline__ Item(const Heads& at, unsigned tile, int group) {
        const unsigned number = tile * (32 / at.lanes) + (threadIdx.x & 31) / at.lanes;
        inside = number < at.tokens;
        token = min(number, at.tokens - 1);
        head = group * at.group;
        count = min(at.group, at.h - head);
        const unsigned sample = static_cast<unsigned>(token) / at.l;
        const unsigned position = static_cast<unsigned>(token) % at.l;
        row = (static_cast<long long>(sample) * at.h + head) * at.l + position;
        angle = sample * at.table_stride + static_cast<long long>(position) * at.d;
    }
};

template <typename T, int V>
__device__ __forceinline__ float squares(const Unit<T, V>& unit) {
    float values[V];
    widen(values, unit);
    float sum = 0;
#pragma unroll
    for (int j = 0; j < V; j++) {
        sum += values[j] * values[j];
    }
    return sum;
}

// Sums over the lanes of a token; the whole warp takes part.
template <int COUNT>
__device__ __forceinline__ void lanes_sums(float (&sums)[COUNT], int lanes) {
    for (int step = lanes >> 1; step > 0; step >>= 1) {
#pragma unroll
        for (int k = 0; k < COUNT; k++) {
            sums[k] += __shfl_xor_sync(FULL_WARP, sums[k], step);
        }
    }
}

template <typename T, int V>
__device__ __forceinline__ void forward(
        T* __restrict__ heads,
        float* __restrict__ rstd,
        const T* __restrict__ x,
        const float* __restrict__ scale,
        const float* __restrict__ table,
        const Heads& at,
        float eps) {
    constexpr int BATCH = V == 1 ? 1 : 2;  // heads whose loads are in flight together; there are at least as many lanes
    const unsigned tile = blockIdx.x / at.groups * (blockDim.x >> 5) + (threadIdx.x >> 5);
    const Item item(at, tile, blockIdx.x % at.groups);
    const int lane = threadIdx.x & (at.lanes - 1);
    const int start = lane * V;
    const int step = at.lanes * V;
    const int scaled = scale == nullptr ? 0 : at.d;  // columns that a scale has
    const int turned = table == nullptr ? 0 : at.d;
    const bool there = start < at.d;
    const long long plane = static_cast<long long>(at.l) * at.d;
    const T* from = x + item.token * at.width + static_cast<long long>(item.head) * at.d;
    T* to = heads + item.row * at.d;

    auto put = [&](T* into, bool writes, const Unit<T, V>& unit, float r, const float(&factor)[V],
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
        if (writes) {
            write(into, values);
        }
    };
    float factor[V];
    float angle[V];
    read_floats(factor, scale, start, scaled);
    read_floats(angle, table + item.angle, start, turned);
    for (int left = item.count; left > 0; left -= BATCH, from += BATCH * at.d, to += BATCH * plane) {
        Unit<T, V> units[BATCH] = {};
        if (there) {
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                units[k] = read<T, V>(from + min(k, left - 1) * static_cast<long long>(at.d) + start);
            }
        }
        float r[BATCH] = {};
        if (scale != nullptr) {
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                r[k] = squares(units[k]);
            }
            for (int column = start + step; beyond<V>(column, at.d); column += step) {
                r[0] += squares(read<T, V>(from + column));
            }
            lanes_sums(r, at.lanes);
            float mine = 0;
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                r[k] = reciprocal_root(r[k] * at.inverse + eps);
                mine = lane == k ? r[k] : mine;
            }
            if (lane < min(left, BATCH) && item.inside) {
                rstd[item.token * at.h + item.head + (item.count - left) + lane] = mine;
            }
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            put(to + k * plane + start, there && item.inside && k < left, units[k], r[k], factor, angle);
        }
        // The whole warp stays together, for the rotation.
        for (int base = step; beyond<V>(base, at.d); base += step) {
            const int column = base + start;
            const bool more = column < at.d;
            float other_factor[V];
            float other_angle[V];
            read_floats(other_factor, scale, column, scaled);
            read_floats(other_angle, table + item.angle, column, turned);
            put(to + column, more && item.inside, read<T, V>(from + column, more), r[0], other_factor, other_angle);
        }
    }
}

template <typename T, int V>
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
    const long long plane = static_cast<long long>(at.l) * at.d;

    float factor[V];
    float columns[V] = {};
    read_floats(factor, scale, start, scaled);
    if (keeps) {
        const float zeros[V] = {};
        for (int column = start + step; beyond<V>(column, at.d); column += step) {
            write_floats(partial, zeros, column, at.d);
        }
    }
    auto turn = [&](float(&g)[V], const Unit<T, V>& grad, const float(&angle)[V]) {
        widen(g, grad);
        if (table != nullptr) {
            rotate<-1>(g, angle);
        }
    };
    // Adds g·x̂ to the columns' sums and scale·g·x̂ to the row's.
    auto add = [&](float& dot, float(&sums)[V], const float(&g)[V], const Unit<T, V>& unit, float r,
                   const float(&factors)[V]) {
        float values[V];
        widen(values, unit);
#pragma unroll
        for (int j = 0; j < V; j++) {
            const float product = g[j] * (values[j] * r);
            sums[j] += product;
            dot += product * factors[j];
        }
    };
    auto put = [&](T* to, float mean, const float(&g)[V], const Unit<T, V>& unit, float r, const float(&factors)[V]) {
        float values[V];
        float sums[V];
        widen(values, unit);
        widen(sums, read<T, V>(to));
#pragma unroll
        for (int j = 0; j < V; j++) {
            sums[j] += scale == nullptr ? g[j] : r * (factors[j] * g[j] - values[j] * r * mean);
        }
        write(to, sums);
    };
    for (unsigned i = begin; i < end; i++) {
        const Item item(at, i / at.groups, i % at.groups);
        float angle[V];
        read_floats(angle, table + item.angle, start, turned);
        const T* from = gradHeads + item.row * at.d;
        long long in_x = item.token * at.width + static_cast<long long>(item.head) * at.d;
        const float* roots = rstd + item.token * at.h + item.head;
        for (int left = item.count; left > 0;
             left -= BATCH, from += BATCH * plane, in_x += BATCH * at.d, roots += BATCH) {
            Unit<T, V> grads[BATCH] = {};
            Unit<T, V> units[BATCH] = {};
            float r[BATCH] = {};
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                if (item.inside && k < left) {
                    r[k] = scale == nullptr ? 0 : roots[k];
                    if (start < at.d) {
                        grads[k] = read<T, V>(from + k * plane + start);
                        units[k] = read<T, V>(x + in_x + k * at.d + start, scale != nullptr);
                    }
                }
            }
            float g[BATCH][V];
            float dots[BATCH] = {};
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                turn(g[k], grads[k], angle);
                add(dots[k], columns, g[k], units[k], r[k], factor);
            }
            // Beyond the block's registers; the whole warp stays together, for the rotation.
            auto other = [&](float(&to)[V], float(&factors)[V], int column) {
                float other_angle[V];
                read_floats(other_angle, table + item.angle, column, turned);
                read_floats(factors, scale, column, scaled);
                turn(to, read<T, V>(from + column, item.inside && column < at.d), other_angle);
            };
            for (int base = step; scale != nullptr && beyond<V>(base, at.d); base += step) {
                const int column = base + start;
                float value[V];
                float factors[V];
                float sums[V];
                other(value, factors, column);
                read_floats(sums, partial, column, keeps ? at.d : 0);
                add(dots[0], sums, value, read<T, V>(x + in_x + column, column < at.d), r[0], factors);
                if (keeps) {
                    write_floats(partial, sums, column, at.d);
                }
            }
            if (gradX == nullptr) {
                continue;
            }
            if (scale != nullptr) {
                lanes_sums(dots, at.lanes);
            }
#pragma unroll
            for (int k = 0; k < BATCH; k++) {
                if (item.inside && k < left && start < at.d) {
                    put(gradX + in_x + k * at.d + start, dots[k] * at.inverse, g[k], units[k], r[k], factor);
                }
            }
            for (int base = step; beyond<V>(base, at.d); base += step) {
                const int column = base + start;
                float value[V];
                float factors[V];
                other(value, factors, column);
                if (item.inside && column < at.d) {
                    put(gradX + in_x + column, dots[0] * at.inverse, value,
                        read<T, V>(x + in_x + column, scale != nullptr), r[0], factors);
                }
            }
        }
    }
    if (keeps) {
#pragma unroll
        for (int j = 0; j < V; j++) {
            for (int lane = at.lanes; lane < 32; lane <<= 1) {
                columns[j] += __shfl_xor_sync(FULL_WARP, columns[j], lane);
            }
        }
        write_floats(partial, columns, start, (threadIdx.x & 31) < at.lanes ? at.d : 0);
    }
}

// `most` threads are what the compiler gives registers for: where it does not spill.
#define ENTRIES(name, type, v, most)                                                                                   \
    KERNEL(most)                                                                                                       \
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
            float inverse,                                                                                             \
            long long width,                                                                                           \
            long long table_stride,                                                                                    \
            int lanes,                                                                                                 \
            int group,                                                                                                 \
            int groups,                                                                                                \
            float eps) {                                                                                               \
        const Heads at = {tokens, l, h, d, inverse, width, table_stride, lanes, group, groups};                        \
        forward<type, v>(heads, rstd, x, scale, table, at, eps);                                                       \
    }                                                                                                                  \
    KERNEL(most)                                                                                                       \
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
            float inverse,                                                                                             \
            long long width,                                                                                           \
            long long table_stride,                                                                                    \
            int lanes,                                                                                                 \
            int group,                                                                                                 \
            int groups,                                                                                                \
            unsigned items,                                                                                            \
            unsigned piece) {                                                                                          \
        const Heads at = {tokens, l, h, d, inverse, width, table_stride, lanes, group, groups};                        \
        backward<type, v>(gradX, partials, gradHeads, x, rstd, scale, table, at, items, piece);                        \
    }

ENTRIES(_f32, float, WIDE<float>, 128)
ENTRIES(_bf16, bf16, WIDE<bf16>, 128)
ENTRIES(_single_f32, float, 1, 256)
ENTRIES(_single_bf16, bf16, 1, 256)

KERNEL(1024)
qk_norm_scale(float* gradScale, const float* partials, long long pieces, int columns, int tiles, int lanes) {
    column_sums(gradScale, partials, pieces, columns, tiles, lanes);
}
