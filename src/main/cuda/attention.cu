// Attention of image queries to text and image keys, forward and backward.
//
//   out = softmax(scale · Q Kᵀ) V,   logSumExp = ln Σ exp(scale · Q Kᵀ),   over the keys of text and image
//   P = exp(scale · Q Kᵀ − logSumExp),   δ = Σ dO ⊙ out (a row's),   dS = P ⊙ (dO Vᵀ − δ)
//   dV += Pᵀ dO,   dK += scale · dSᵀ Q,   dQ += scale · dS K
//
// Dao et al. 2022, FlashAttention (arXiv 2205.14135), algorithms 1 and 4; Dao 2023, FlashAttention-2 (2307.08691), §3.
// The L × (T + K) matrix exists only in tiles. A masked token is never read: its rows of a tile are zeros and its P is
// 0; a tile without a real token is skipped. Nothing is summed by atomics: dQ is made a block of queries at a time, dK
// and dV a block of keys at a time, so that P is computed twice in the backward, 7 products instead of 5.
//
// Shapes: query (B, H, L, d), text keys and values (B, H, T, d), image keys and values (B, H, K, d), mask (B, T);
// out and its gradient (B, L, H·d); logSumExp and delta (B, H, L), float32.
//
// Launch: one row of blocks, B·H · tiles of rows (· parts of d), with dynamic shared memory; AttentionPlan.java has the
// numbers.
//   _dD_bf16  d = D on tensor cores (attention_mma.cuh): 128 threads; scale > 0 and rows at multiples of 16 bytes
//   _wW_T     any d in parts of W columns (attention_ffma.cuh): 64 or 128 threads
//   delta_T   256 threads, 32 rows a block
//
// Fewest bytes for elements of s bytes and S = T + K: forward B·H · ((2·L + 2·S)·d·s + 4·L); backward, which reads Q,
// out, dO, K, V and adds to dQ, dK, dV, B·H · ((5·L + 6·S)·d·s + 4·L). Each block of queries reads all keys again,
// mostly from the L2 cache.
#include "attention_ffma_backward.cuh"
#include "attention_mma_backward.cuh"
#include "attention_mma_forward.cuh"

#define FORWARD_PARAMETERS(T) T *out, float *log_sum_exp, ATTENTION_INPUTS(T)

#define QUERY_PARAMETERS(T) \
    T *gradient, const T *grad_out, const float *log_sum_exp, const float *delta, ATTENTION_INPUTS(T)

#define KEYS_PARAMETERS(T)                                                                           \
    T *grad_text_keys, T *grad_text_values, T *grad_keys, T *grad_values, const T *grad_out,         \
            const float *log_sum_exp, const float *delta, ATTENTION_INPUTS(T)

#define KEY_GRADIENTS(T) KeyGradients<T>{grad_text_keys, grad_text_values, grad_keys, grad_values}

#define FORWARD_FFMA(T, suffix, W, ROWS, THREADS)                                                     \
    KERNEL(THREADS) attention_forward_##suffix(FORWARD_PARAMETERS(T)) {                               \
        attention_forward_ffma<T, W, ROWS, THREADS>(out, log_sum_exp, Attention<T>{ATTENTION_NAMES}); \
    }

#define BACKWARD_FFMA(T, suffix, W, ROWS)                                                            \
    KERNEL(128) attention_backward_query_##suffix(QUERY_PARAMETERS(T)) {                             \
        attention_backward_query_ffma<T, W, ROWS>(                                                   \
                gradient, grad_out, log_sum_exp, delta, Attention<T>{ATTENTION_NAMES});              \
    }                                                                                                \
    KERNEL(128) attention_backward_keys_##suffix(KEYS_PARAMETERS(T)) {                               \
        attention_backward_keys_ffma<T, W, ROWS>(                                                    \
                KEY_GRADIENTS(T), grad_out, log_sum_exp, delta, Attention<T>{ATTENTION_NAMES});      \
    }

#define FORWARD_MMA(D, M, N, HELD)                                                                   \
    KERNEL(MMA_THREADS) attention_forward_d##D##_bf16(FORWARD_PARAMETERS(bf16)) {                    \
        attention_forward_mma<D, M, N, HELD>(out, log_sum_exp, Attention<bf16>{ATTENTION_NAMES});    \
    }

#define BACKWARD_QUERY_MMA(D, M, N, HELD)                                                            \
    KERNEL(MMA_THREADS) attention_backward_query_d##D##_bf16(QUERY_PARAMETERS(bf16)) {               \
        attention_backward_query_mma<D, M, N, HELD>(                                                 \
                gradient, grad_out, log_sum_exp, delta, Attention<bf16>{ATTENTION_NAMES});           \
    }

#define BACKWARD_KEYS_MMA(D, N, HELD)                                                                \
    KERNEL(MMA_THREADS) attention_backward_keys_d##D##_bf16(KEYS_PARAMETERS(bf16)) {                 \
        attention_backward_keys_mma<D, N, HELD>(                                                     \
                KEY_GRADIENTS(bf16), grad_out, log_sum_exp, delta, Attention<bf16>{ATTENTION_NAMES}); \
    }

#define DELTA_ROW_SUM(T, suffix)                                                                     \
    KERNEL(256) attention_delta_##suffix(                                                            \
            float* delta, const T* grad_out, const T* out, int heads, int queries, int width, long long rows,    \
            int wide) {                                                                              \
        attention_delta<T>(delta, grad_out, out, heads, queries, width, rows, wide);                 \
    }

FORWARD_FFMA(float, w32_f32, 32, 64, 64)
FORWARD_FFMA(float, w64_f32, 64, 64, 64)
FORWARD_FFMA(float, w128_f32, 128, 64, 128)
FORWARD_FFMA(bf16, w64_bf16, 64, 64, 64)
BACKWARD_FFMA(float, w32_f32, 32, 64)
BACKWARD_FFMA(float, w64_f32, 64, 64)
BACKWARD_FFMA(float, w128_f32, 128, 32)
BACKWARD_FFMA(bf16, w64_bf16, 64, 64)
DELTA_ROW_SUM(float, f32)
DELTA_ROW_SUM(bf16, bf16)
FORWARD_MMA(32, 2, 32, true)
FORWARD_MMA(64, 2, 64, true)
FORWARD_MMA(128, 2, 32, false)
BACKWARD_QUERY_MMA(32, 2, 32, true)
BACKWARD_QUERY_MMA(64, 2, 32, true)
BACKWARD_QUERY_MMA(128, 1, 32, true)
BACKWARD_KEYS_MMA(32, 32, true)
BACKWARD_KEYS_MMA(64, 32, true)
BACKWARD_KEYS_MMA(128, 32, false)
