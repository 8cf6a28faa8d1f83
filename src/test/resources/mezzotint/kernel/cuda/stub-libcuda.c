// A libcuda.so.1 without a GPU, for tests: device memory is malloc's, and a few kernels are known by name.
//
// What is put into a stream waits there until somebody waits for the stream, an event of it, or the context: a caller that
// relies on work having been done without waiting for it gets the old bytes. Every call but the first few wants a current
// context, as CUDA does. Pass -DNAME=value to make a machine that lacks something.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef INIT_STATUS
#define INIT_STATUS 0
#endif
#ifndef DRIVER_VERSION
#define DRIVER_VERSION 12060
#endif
#ifndef GPUS
#define GPUS 1
#endif
#ifndef CAPABILITY
#define CAPABILITY 90
#endif
#ifndef RETAIN_STATUS
#define RETAIN_STATUS 0
#endif
#define MEMORY (64ll << 20)
#define SHARED 49152
#define SHARED_OPTIN 101376
#define EXPORT __attribute__((visibility("default")))

enum { INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_DEVICE = 101, INVALID_CONTEXT = 201, INVALID_PTX = 218, NOT_FOUND = 500,
       NOT_READY = 600, ILLEGAL_ADDRESS = 700, CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901 };

typedef uint64_t dptr;
typedef struct { char name[64]; int dynamic; } Function;
typedef struct { char *ptx; } Module;
struct Stream;
typedef struct { struct Stream *stream; long recorded, reached; } Event;
typedef struct Op {
    int kind;  // 0 kernel, 1 copy, 2 fill, 3 record, 4 wait, 5 call
    Function *function;
    unsigned grid[7];
    uint64_t arguments[48];
    void *target, *source;
    size_t bytes;
    int value;
    Event *event;
    long mark;
    void (*call)(void *);
    struct Op *next;
} Op;
typedef struct { Op *first, **last; long count; } Queue;
typedef struct Stream { Queue queue, captured; int capturing, invalid; } Stream;

static char log_text[1 << 16];
static __thread void *current;
static int context, pinned_count, failure;
static size_t allocated;
static struct { char *start; size_t bytes; } pinned[16];
static struct { dptr start; size_t bytes; } blocks[4096];
static Stream *streams[64];
static int stream_count;

#define LOG(...) snprintf(log_text + strlen(log_text), sizeof log_text - strlen(log_text), __VA_ARGS__)
#define NEED_CONTEXT if (current != &context) { LOG("no context in %s\n", __func__); return INVALID_CONTEXT; }
#define NEED_HEALTH NEED_CONTEXT if (failure) return failure;

EXPORT const char *stub_log(void) { return log_text; }

static void put(Stream *s, Op op) {
    Queue *q = s->capturing ? &s->captured : &s->queue;
    Op *copy = malloc(sizeof op);
    *copy = op;
    copy->next = 0;
    if (!q->first) q->last = &q->first;
    *q->last = copy;
    q->last = &copy->next;
    q->count++;
}

static int inside(dptr address, size_t bytes) {
    for (int i = 0; i < 4096; i++)
        if (blocks[i].bytes && address >= blocks[i].start && address + bytes <= blocks[i].start + blocks[i].bytes) return 1;
    return 0;
}

static void run(Stream *s, Event *until, long mark);

static void execute(Op *op) {
    uint64_t *a = op->arguments;
    if (op->kind == 1) memmove(op->target, op->source, op->bytes);
    if (op->kind == 2) memset(op->target, op->value, op->bytes);
    if (op->kind == 3) op->event->reached = op->mark;
    if (op->kind == 4 && op->event->reached < op->mark) run(op->event->stream, op->event, op->mark);
    if (op->kind == 5) op->call(op->source);
    if (op->kind) return;
    if (!strcmp(op->function->name, "scale_f32")) {  // y[i] = a * x[i] + d + w
        float *y = (float *)a[0], *x = (float *)a[1], f;
        double d;
        memcpy(&f, &a[3], 4);
        memcpy(&d, &a[4], 8);
        if (!inside(a[0], 4ll * (int)a[2]) || !inside(a[1], 4ll * (int)a[2])) { failure = ILLEGAL_ADDRESS; return; }
        for (int i = 0; i < (int)a[2]; i++) y[i] = f * x[i] + d + (int64_t)a[5];
    }
}

static void run(Stream *s, Event *until, long mark) {
    while (s->queue.first && !failure) {
        Op *op = s->queue.first;
        s->queue.first = op->next;
        execute(op);
        int reached = until && op->kind == 3 && op->event == until && op->mark == mark;
        free(op);
        if (reached) return;
    }
}

static void run_all(void) {
    for (int i = 0; i < stream_count; i++) run(streams[i], 0, 0);
}

EXPORT void stub_put(Stream *s, void (*call)(void *), void *data) {
    put(s, (Op){.kind = 5, .call = call, .source = data});
}

EXPORT int cuInit(unsigned flags) { return INIT_STATUS; }
EXPORT int cuDriverGetVersion(int *v) { *v = DRIVER_VERSION; return 0; }
EXPORT int cuDeviceGetCount(int *n) { *n = GPUS; return 0; }
EXPORT int cuDeviceGet(int *d, int i) { *d = i; return i < GPUS ? 0 : INVALID_DEVICE; }
EXPORT int cuDeviceGetName(char *b, int n, int d) { snprintf(b, n, "Stub %d", d); return 0; }
EXPORT int cuDeviceTotalMem_v2(size_t *n, int d) { *n = MEMORY; return 0; }
EXPORT int cuDeviceGetAttribute(int *v, int a, int d) {
    *v = a == 75 ? CAPABILITY / 10 : a == 76 ? CAPABILITY % 10 : a == 16 ? 7 : a == 97 ? SHARED_OPTIN : -1;
    return 0;
}
EXPORT int cuGetErrorName(int e, const char **s) {
    *s = e == INVALID_VALUE ? "CUDA_ERROR_INVALID_VALUE" : e == 100 ? "CUDA_ERROR_NO_DEVICE" : e == 804 ? "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE" : "CUDA_ERROR_UNKNOWN";
    return 0;
}
EXPORT int cuGetErrorString(int e, const char **s) { *s = e == 100 ? "no CUDA-capable device is detected" : "the stub's words"; return 0; }

EXPORT int cuDevicePrimaryCtxRetain(void **c, int d) { *c = &context; return RETAIN_STATUS; }
EXPORT int cuDevicePrimaryCtxRelease_v2(int d) { LOG("release context, %zu bytes allocated, %d pinned\n", allocated, pinned_count); return 0; }
EXPORT int cuCtxSetCurrent(void *c) { current = c; return 0; }
EXPORT int cuCtxSynchronize(void) { NEED_HEALTH run_all(); return failure; }

EXPORT int cuMemGetInfo_v2(size_t *f, size_t *t) { NEED_HEALTH *t = MEMORY; *f = MEMORY - allocated; return 0; }
EXPORT int cuMemAlloc_v2(dptr *p, size_t n) {
    NEED_HEALTH
    for (int i = 0; i < stream_count; i++)
        if (streams[i]->capturing) { streams[i]->invalid = 1; return CAPTURE_UNSUPPORTED; }
    if (n > MEMORY - allocated) return OUT_OF_MEMORY;
    if (posix_memalign((void **)p, 256, n)) return OUT_OF_MEMORY;
    memset((void *)*p, 0xff, n);
    for (int i = 0; i < 4096; i++)
        if (!blocks[i].bytes) { blocks[i].start = *p; blocks[i].bytes = n; break; }
    allocated += n;
    return 0;
}
EXPORT int cuMemFree_v2(dptr p) {
    NEED_HEALTH
    run_all();
    for (int i = 0; i < 4096; i++)
        if (blocks[i].bytes && blocks[i].start == p) { allocated -= blocks[i].bytes; blocks[i].bytes = 0; free((void *)p); return 0; }
    return INVALID_VALUE;
}
EXPORT int cuMemHostAlloc(void **p, size_t n, unsigned flags) {
    NEED_HEALTH
    *p = malloc(n);
    pinned[pinned_count].start = *p;
    pinned[pinned_count++].bytes = n;
    return 0;
}
EXPORT int cuMemFreeHost(void *p) { NEED_HEALTH pinned_count--; free(p); return 0; }

static int is_pinned(const char *p, size_t n) {
    for (int i = 0; i < pinned_count; i++)
        if (p >= pinned[i].start && p + n <= pinned[i].start + pinned[i].bytes) return 1;
    return 0;
}
static int copy(void *target, void *source, size_t n, Stream *s) {
    put(s, (Op){.kind = 1, .target = target, .source = source, .bytes = n});
    return 0;
}
EXPORT int cuMemcpyHtoDAsync_v2(dptr d, const void *h, size_t n, Stream *s) {
    NEED_HEALTH
    return is_pinned(h, n) && inside(d, n) ? copy((void *)d, (void *)h, n, s) : INVALID_VALUE;
}
EXPORT int cuMemcpyDtoHAsync_v2(void *h, dptr d, size_t n, Stream *s) {
    NEED_HEALTH
    return is_pinned(h, n) && inside(d, n) ? copy(h, (void *)d, n, s) : INVALID_VALUE;
}
EXPORT int cuMemcpyDtoDAsync_v2(dptr t, dptr d, size_t n, Stream *s) {
    NEED_HEALTH
    return inside(t, n) && inside(d, n) ? copy((void *)t, (void *)d, n, s) : INVALID_VALUE;
}
EXPORT int cuMemsetD8Async(dptr d, unsigned char v, size_t n, Stream *s) {
    NEED_HEALTH
    if (!inside(d, n)) return INVALID_VALUE;
    put(s, (Op){.kind = 2, .target = (void *)d, .value = v, .bytes = n});
    return 0;
}

EXPORT int cuModuleLoadDataEx(Module **m, const char *ptx, unsigned n, int *options, void **values) {
    NEED_HEALTH
    if (!strstr(ptx, ".version")) {
        for (unsigned i = 0; i < n; i++)
            if (options[i] == 5 && n == 2 && options[1] == 6)
                snprintf(values[i], (size_t)values[1], "ptxas stub, line 1; fatal   : Missing .version directive at start of file\n");
        return INVALID_PTX;
    }
    *m = malloc(sizeof **m);
    (*m)->ptx = strdup(ptx);
    LOG("load\n");
    return 0;
}
EXPORT int cuModuleUnload(Module *m) { NEED_HEALTH LOG("unload\n"); return 0; }
EXPORT int cuModuleGetFunction(Function **f, Module *m, const char *name) {
    NEED_HEALTH
    char entry[80];
    snprintf(entry, sizeof entry, ".entry %s(", name);
    if (!strstr(m->ptx, entry)) return NOT_FOUND;
    *f = calloc(1, sizeof **f);
    snprintf((*f)->name, sizeof (*f)->name, "%s", name);
    (*f)->dynamic = SHARED;
    return 0;
}
EXPORT int cuFuncGetAttribute(int *v, int a, Function *f) { NEED_HEALTH *v = a == 1 ? 1024 : 0; return 0; }
EXPORT int cuFuncSetAttribute(Function *f, int a, int v) {
    NEED_HEALTH
    if (a != 8 || v > SHARED_OPTIN) return INVALID_VALUE;
    f->dynamic = v + 1024;
    LOG("%s may have %d\n", f->name, v);
    return 0;
}
EXPORT int cuLaunchKernel(Function *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                          unsigned shared, Stream *s, void **parameters, void **extra) {
    NEED_HEALTH
    if (extra || bx * by * bz > 1024 || shared + 1024 > f->dynamic) return INVALID_VALUE;
    Op op = {.kind = 0, .function = f, .grid = {gx, gy, gz, bx, by, bz, shared}};
    int count = !strcmp(f->name, "scale_f32") ? 6 : 0;
    for (int i = 0; i < count; i++) memcpy(&op.arguments[i], parameters[i], 8);
    put(s, op);
    LOG("launch %s %u %u %u %u %u %u %u\n", f->name, gx, gy, gz, bx, by, bz, shared);
    return 0;
}

EXPORT int cuStreamCreate(Stream **s, unsigned flags) {
    NEED_HEALTH
    *s = calloc(1, sizeof **s);
    streams[stream_count++] = *s;
    LOG("stream %u\n", flags);
    return 0;
}
EXPORT int cuStreamDestroy_v2(Stream *s) { NEED_HEALTH run(s, 0, 0); LOG("stream ends\n"); return 0; }
EXPORT int cuStreamSynchronize(Stream *s) {
    NEED_HEALTH
    if (s->capturing) { s->invalid = 1; return CAPTURE_UNSUPPORTED; }
    run(s, 0, 0);
    return failure;
}
EXPORT int cuStreamWaitEvent(Stream *s, Event *e, unsigned flags) {
    NEED_HEALTH
    if (e->stream) put(s, (Op){.kind = 4, .event = e, .mark = e->recorded});
    return 0;
}
EXPORT int cuEventCreate(Event **e, unsigned flags) { NEED_HEALTH *e = calloc(1, sizeof **e); return 0; }
EXPORT int cuEventDestroy_v2(Event *e) { NEED_HEALTH return 0; }
EXPORT int cuEventRecord(Event *e, Stream *s) {
    NEED_HEALTH
    e->stream = s;
    put(s, (Op){.kind = 3, .event = e, .mark = ++e->recorded});
    return 0;
}
EXPORT int cuEventSynchronize(Event *e) {
    NEED_HEALTH
    if (e->stream && e->reached < e->recorded) run(e->stream, e, e->recorded);
    return failure;
}
EXPORT int cuEventElapsedTime(float *ms, Event *a, Event *b) {
    NEED_HEALTH
    *ms = 1.5f;
    return a->reached < a->recorded || b->reached < b->recorded ? NOT_READY : 0;
}

EXPORT int cuStreamBeginCapture_v2(Stream *s, int mode) {
    NEED_HEALTH
    LOG("capture %d\n", mode);
    memset(&s->captured, 0, sizeof s->captured);
    s->capturing = 1;
    s->invalid = 0;
    return 0;
}
EXPORT int cuStreamEndCapture(Stream *s, Queue **g) {
    NEED_HEALTH
    s->capturing = 0;
    LOG("captured %ld\n", s->captured.count);
    if (s->invalid) return CAPTURE_INVALIDATED;
    *g = malloc(sizeof **g);
    **g = s->captured;
    return 0;
}
EXPORT int cuGraphGetNodes(Queue *g, void *nodes, size_t *n) { NEED_HEALTH *n = g->count; return 0; }
EXPORT int cuGraphInstantiateWithFlags(Queue **e, Queue *g, unsigned long long flags) {
    NEED_HEALTH
    LOG("instantiate\n");
    *e = malloc(sizeof **e);
    **e = *g;
    return 0;
}
EXPORT int cuGraphLaunch(Queue *e, Stream *s) {
    NEED_HEALTH
    LOG("launch graph\n");
    for (Op *op = e->first; op; op = op->next) put(s, *op);
    return 0;
}
EXPORT int cuGraphDestroy(Queue *g) { LOG("destroy graph\n"); return 0; }
EXPORT int cuGraphExecDestroy(Queue *e) { NEED_HEALTH LOG("destroy executable\n"); return 0; }
