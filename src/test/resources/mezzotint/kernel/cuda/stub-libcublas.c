// A cuBLAS of seven functions over the stub of the driver, for tests: GemmEx by its definition, put into the stream.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION 120604
#endif
#ifndef CREATE_STATUS
#define CREATE_STATUS 0
#endif
#define EXPORT __attribute__((visibility("default")))

enum { NOT_INITIALIZED = 1, INVALID_VALUE = 7, NOT_SUPPORTED = 15, F32 = 0, BF16 = 14 };

void stub_put(void *stream, void (*call)(void *), void *data);  // of the stub of the driver

typedef struct { void *stream, *workspace; size_t bytes; int math; } Handle;
typedef struct { int ta, tb, m, n, k, at, ct, lda, ldb, ldc; const char *a, *b; char *c; float alpha, beta; } Gemm;

static float get(const char *p, int type, int64_t i) {
    float x = 0;
    if (type == F32) memcpy(&x, p + 4 * i, 4);
    else memcpy((char *)&x + 2, p + 2 * i, 2);
    return x;
}

static void set(char *p, int type, int64_t i, float x) {
    if (type == F32) { memcpy(p + 4 * i, &x, 4); return; }
    uint32_t bits;
    memcpy(&bits, &x, 4);
    bits += 0x7fff + (bits >> 16 & 1);
    memcpy(p + 2 * i, (char *)&bits + 2, 2);
}

static void multiply(void *data) {
    Gemm *g = data;
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            double sum = 0;
            for (int64_t l = 0; l < g->k; l++)
                sum += (double)get(g->a, g->at, g->ta ? l + i * g->lda : i + l * g->lda)
                     * get(g->b, g->at, g->tb ? j + l * g->ldb : l + j * g->ldb);
            sum *= g->alpha;
            if (g->beta) sum += g->beta * get(g->c, g->ct, i + j * g->ldc);
            set(g->c, g->ct, i + j * g->ldc, sum);
        }
    // kept: a captured product runs again
}

EXPORT int cublasCreate_v2(Handle **h) { *h = calloc(1, sizeof **h); return CREATE_STATUS; }
EXPORT int cublasDestroy_v2(Handle *h) { return 0; }
EXPORT int cublasGetVersion_v2(Handle *h, int *v) { *v = VERSION; return 0; }
EXPORT int cublasSetStream_v2(Handle *h, void *s) { h->stream = s; h->workspace = 0; return 0; }
EXPORT int cublasSetWorkspace_v2(Handle *h, void *w, size_t n) {
    h->workspace = w;
    h->bytes = n;
    return (uintptr_t)w % 256 ? INVALID_VALUE : 0;
}
EXPORT int cublasSetMathMode(Handle *h, int mode) { h->math = mode; return 0; }
EXPORT int cublasGemmEx(Handle *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int at, int lda,
                        const void *b, int bt, int ldb, const void *beta, void *c, int ct, int ldc, int compute, int algorithm) {
    if (!h->stream || !h->workspace || h->bytes < 4 << 20 || h->math != 16) return NOT_INITIALIZED;
    if (compute != 68 || algorithm != -1 || at != bt || (ct != at && ct != F32)) return NOT_SUPPORTED;
    if (m < 1 || n < 1 || k < 1 || lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return INVALID_VALUE;
    Gemm *g = malloc(sizeof *g);
    *g = (Gemm){ta, tb, m, n, k, at, ct, lda, ldb, ldc, a, b, c, *(const float *)alpha, *(const float *)beta};
    stub_put(h->stream, multiply, g);
    return 0;
}
