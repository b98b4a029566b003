/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tiler heaps: creation, and what happens when one runs out of memory.
 */
#include <errno.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

typedef struct drm_panthor_tiler_heap_create Heap;

#define MAX_HEAPS 128
#define CHUNK (256 * KiB)

/*
 * In the data buffer: a tiler context and a tiler heap descriptor (Mesa,
 * genxml/v10.xml), then words for counters.
 */
#define W_TILER 1024
#define W_TILER_HEAP (W_TILER + 6)
#define W_COMPLETED (W_TILER + 10)
#define W_DESC (W_TILER + 64)
#define W_HANDLED 2048
#define W_END 2049
#define W_PROBE 2050

/* IDVS staging registers: the tiler context. */
#define R_TILER 40

/* Draws that surely need more than a chunk. */
#define MANY_DRAWS 40

static Heap heap_args(uint32_t vm)
{
    return (Heap) {
        .vm_id = vm, .initial_chunk_count = 1, .chunk_size = CHUNK,
        .max_chunks = 4, .target_in_flight = 16,
    };
}

static void heap_create(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    Heap h[3];

    for (unsigned i = 0; i < 3; i++) {
        h[i] = heap_args(vm);
        h[i].initial_chunk_count = 1 + i;
        h[i].chunk_size = i == 0 ? 128 * KiB : i == 1 ? 2 * MiB : 8 * MiB;
        tap_errno(px_heap_create(p, &h[i]), 0, "%u chunks of %u KiB", 1 + i,
                  h[i].chunk_size / 1024);
        tap_ok(h[i].tiler_heap_ctx_gpu_va >= PX_KERNEL_VA &&
               h[i].first_heap_chunk_gpu_va >= PX_KERNEL_VA &&
               !(h[i].first_heap_chunk_gpu_va & 4095),
               "context and chunk are in the kernel's range");
    }
    tap_ok(h[0].tiler_heap_ctx_gpu_va != h[1].tiler_heap_ctx_gpu_va &&
           h[1].tiler_heap_ctx_gpu_va != h[2].tiler_heap_ctx_gpu_va &&
           h[0].handle != h[1].handle, "each has a context of its own");
    for (unsigned i = 0; i < 3; i++) {
        tap_errno(px_heap_destroy(p, h[i].handle), 0, "destroy");
    }
    px_close(p);
}

static int create_bad(Px *p, Heap h)
{
    return px_heap_create(p, &h);
}

static void heap_bad_args(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    uint32_t gone = px_vm(p);
    struct drm_panthor_tiler_heap_destroy d = { .pad = 1 };
    Heap h = heap_args(vm);

#define BAD(what, edit) do {                                                 \
        h = heap_args(vm);                                                   \
        edit;                                                                \
        tap_errno(create_bad(p, h), -EINVAL, "%s", what);                    \
    } while (0)
    tap_errno(px_heap_destroy(p, vm << 16), -ENOENT,
              "destroy in a VM that never had a heap");
    BAD("no chunk", h.initial_chunk_count = 0);
    BAD("more chunks than allowed", h.initial_chunk_count = 5);
    BAD("chunks of 64 KiB", h.chunk_size = 64 * KiB);
    BAD("chunks of 16 MiB", h.chunk_size = 16 * MiB);
    BAD("chunks of no whole pages", h.chunk_size = 256 * KiB + 512);
    BAD("no VM", h.vm_id = 31);
    px_vm_destroy(p, gone);
    BAD("a destroyed VM", h.vm_id = gone);
#undef BAD
    h = heap_args(vm);
    tap_errno(px_heap_create(p, &h), 0, "a good one");
    d.handle = h.handle;
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_TILER_HEAP_DESTROY, &d), -EINVAL,
              "destroy with padding");
    tap_errno(px_heap_destroy(p, h.handle + 1), -EINVAL,
              "destroy a handle never given");
    tap_errno(px_heap_destroy(p, h.handle), 0, "destroy");
    tap_errno(px_heap_destroy(p, h.handle), -EINVAL, "destroy again");
    px_close(p);
}

static void heap_limit(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    Heap h;
    uint32_t first = 0;
    unsigned nr;

    for (nr = 0; nr < MAX_HEAPS; nr++) {
        h = heap_args(vm);
        h.chunk_size = 128 * KiB;
        if (px_heap_create(p, &h)) {
            break;
        }
        if (!nr) {
            first = h.handle;
        }
    }
    tap_eq(nr, MAX_HEAPS, "128 heaps in a VM");
    h = heap_args(vm);
    tap_errno(px_heap_create(p, &h), -EBUSY, "one more cannot be had");
    tap_errno(px_heap_destroy(p, first), 0, "one goes");
    h = heap_args(vm);
    tap_errno(px_heap_create(p, &h), 0, "one comes");
    px_close(p);
}

/* The stream's start: descriptors in memory, heap and context set. */
static void tiler_begin(Exec *e, const Heap *h)
{
    const uint64_t desc = exec_va(e, W_DESC);
    const uint64_t chunk = h->first_heap_chunk_gpu_va;
    uint32_t *d = (uint32_t *)e->data.map + W_DESC;
    uint32_t *t = (uint32_t *)e->data.map + W_TILER;

    memset(t, 0, 32 * 4);
    memcpy((uint32_t *)e->data.map + W_TILER_HEAP, &desc, 8);
    d[0] = 9 | 2 << 4;                  /* a buffer, a tiler heap */
    d[1] = h->chunk_size;
    memcpy(d + 2, &chunk, 8);
    memcpy(d + 4, &(uint64_t) { chunk + 64 }, 8);
    memcpy(d + 6, &(uint64_t) { chunk + h->chunk_size }, 8);

    exec_begin(e);
    for (unsigned r = 0; r < 64; r += 2) {
        cs_move48(&e->cs, r, 0);
    }
    cs_set_sb_entry(&e->cs, 3, 0);
    cs_req_resource(&e->cs, CS_RES_TILER | CS_RES_IDVS);
    cs_move48(&e->cs, R_TILER, exec_va(e, W_TILER));
    cs_move48(&e->cs, 0, h->tiler_heap_ctx_gpu_va);
    cs_heap_set(&e->cs, 0);
}

static void passes(Cs *cs, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++) {
        cs_heap_operation(cs, CS_VT_START, 0, 0);
    }
}

static void draws(Cs *cs, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++) {
        cs_run_idvs(cs, true, false);
        cs_wait(cs, ALL_SB);
    }
}

/* The stream's end: the pass is over, a word shows that this was reached. */
static void tiler_end(Exec *e, uint32_t value)
{
    cs_heap_operation(&e->cs, CS_VT_END, 0, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_req_resource(&e->cs, 0);
    cs_set_sb_entry(&e->cs, 0, 0);
    cs_put32(&e->cs, exec_va(e, W_END), value);
}

/* Give the completed chunks back, as incremental rendering would. */
static void give_back(Cs *cs, Exec *e, bool pass_done)
{
    cs_move48(cs, R_ADDR, exec_va(e, W_COMPLETED));
    cs_load(cs, 64, R_ADDR, 0xf, 0);
    cs_wait(cs, ALL_SB);
    cs_finish_fragment(cs, pass_done, 64, 66, 0, 2);
    cs_wait(cs, 1u << 2);
    cs_move48(cs, 68, 0);
    cs_move48(cs, 70, 0);
    cs_store(cs, 68, R_ADDR, 0xf, 0);
    cs_wait(cs, ALL_SB);
}

static Stream handler(Exec *e)
{
    Stream s = exec_stream(e, EXEC_SLOTS - 1);

    give_back(&s.cs, e, false);
    cs_count(&s.cs, exec_va(e, W_HANDLED));
    return s;
}

static void set_handler(Exec *e, const Stream *h)
{
    cs_move48(&e->cs, 60, h->va);
    cs_move32(&e->cs, 62, cs_bytes(&h->cs));
    cs_set_exception_handler(&e->cs, CS_EXCEPTION_TILER_OOM, 60, 62);
}

static uint64_t completed(Exec *e, unsigned bottom)
{
    uint64_t v;

    memcpy(&v, (uint32_t *)e->data.map + W_COMPLETED + 2 * bottom, 8);
    return v;
}

/* Length of the chunk list top..bottom, its links read by the GPU. */
static unsigned chain_length(Exec *e)
{
    uint64_t at = completed(e, 0);
    uint64_t last = completed(e, 1);
    unsigned nr = 0;

    while (at && nr < 64) {
        nr++;
        if (at == last) {
            break;
        }
        exec_begin(e);
        cs_move48(&e->cs, R_ADDR, at & ~0xfffull);
        cs_load(&e->cs, 0, R_ADDR, 3, 0);
        cs_wait(&e->cs, ALL_SB);
        cs_dump(&e->cs, 0, 2, R_ADDR, exec_va(e, W_PROBE));
        if (exec_run(e)) {
            return 0;
        }
        at = exec_long(e, W_PROBE / 2);
    }
    return nr;
}

static void oom_grow(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32() | 1;
    Heap h = heap_args(e->vm);
    unsigned chunks;

    h.max_chunks = 64;
    tap_errno(px_heap_create(e->p, &h), 0, "a heap of one chunk");
    tiler_begin(e, &h);
    passes(&e->cs, 1);
    draws(&e->cs, MANY_DRAWS);
    tiler_end(e, value);
    tap_errno(exec_run(e), 0, "%u draws", MANY_DRAWS);
    tap_eq(exec_word(e, W_END), value, "reach the end");
    tap_eq(completed(e, 0) & ~0xfffull, h.first_heap_chunk_gpu_va,
           "the completed chunks begin with the first");
    tap_eq(completed(e, 0) & 0xfff, CHUNK >> 12, "its size is with it");
    chunks = chain_length(e);
    tap_ok(chunks > 4 && chunks < 64, "the driver gave more of them");
    tap_diag("%u chunks", chunks);
    tap_errno(px_heap_destroy(e->p, h.handle), 0, "destroy");
    exec_close(e);
}

/* Chunks given back are used again: the heap need not grow. */
static void oom_reuse(void)
{
    enum { PASSES = 6 };
    Exec *e = exec_open();
    Heap h = heap_args(e->vm);
    unsigned failed = 0;
    unsigned ends = 0;

    h.initial_chunk_count = 2;
    h.max_chunks = 2;
    h.target_in_flight = 2;
    tap_errno(px_heap_create(e->p, &h), 0, "a heap that cannot grow");
    for (unsigned i = 0; i < PASSES; i++) {
        tiler_begin(e, &h);
        passes(&e->cs, 1);
        draws(&e->cs, 5);
        tiler_end(e, i + 1);
        give_back(&e->cs, e, true);
        failed += exec_run(e) != 0;
        ends += exec_word(e, W_END) == i + 1;
    }
    tap_eq(failed, 0, "six passes give their chunks back");
    tap_eq(ends, PASSES, "each reaches its end");
    exec_close(e);
}

static void oom_handler(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32() | 1;
    Heap h = heap_args(e->vm);
    Stream hs = handler(e);

    h.max_chunks = 2;
    tap_errno(px_heap_create(e->p, &h), 0, "a heap of two chunks at most");
    tiler_begin(e, &h);
    set_handler(e, &hs);
    passes(&e->cs, 1);
    draws(&e->cs, MANY_DRAWS);
    tiler_end(e, value);
    tap_errno(exec_run(e), 0, "%u draws", MANY_DRAWS);
    tap_eq(exec_word(e, W_END), value, "reach the end");
    tap_ok(exec_word(e, W_HANDLED) >= 2, "by the handler, more than once");
    tap_diag("%u times", exec_word(e, W_HANDLED));
    exec_close(e);
}

/* Too many passes in flight: no chunk although there might be more. */
static void oom_in_flight(void)
{
    Exec *e = exec_open();
    Heap h = heap_args(e->vm);
    Stream hs = handler(e);

    h.max_chunks = 64;
    h.target_in_flight = 2;
    tap_errno(px_heap_create(e->p, &h), 0, "two passes in flight at most");
    tiler_begin(e, &h);
    set_handler(e, &hs);
    passes(&e->cs, 2);
    draws(&e->cs, 8);
    cs_wait(&e->cs, ALL_SB);
    cs_put32(&e->cs, exec_va(e, W_END), 1);
    tap_errno(exec_run(e), 0, "two passes");
    tap_eq(exec_word(e, W_END), 1, "draw to their end");
    tap_eq(exec_word(e, W_HANDLED), 0, "and need no handler");

    exec_begin(e);
    passes(&e->cs, 1);
    draws(&e->cs, 8);
    cs_put32(&e->cs, exec_va(e, W_END), 2);
    tap_errno(exec_run(e), 0, "a third begins");
    tap_eq(exec_word(e, W_END), 2, "it draws to its end");
    tap_ok(exec_word(e, W_HANDLED) > 0, "by the handler");

    exec_put(e, W_HANDLED, 0);
    exec_begin(e);
    for (unsigned i = 0; i < 2; i++) {
        cs_heap_operation(&e->cs, CS_VT_END, 0, 0);
        cs_heap_operation(&e->cs, CS_FRAG_END, 0, 0);
    }
    cs_wait(&e->cs, ALL_SB);
    draws(&e->cs, 8);
    cs_put32(&e->cs, exec_va(e, W_END), 3);
    tap_errno(exec_run(e), 0, "two passes end, one goes on");
    tap_eq(exec_word(e, W_END), 3, "to its end");
    tap_eq(exec_word(e, W_HANDLED), 0, "without the handler");
    exec_close(e);
}

static void fatal_state(Exec *e, const char *what)
{
    uint32_t state;
    uint32_t fatal;

    tap_errno(exec_run(e), -EINVAL, "%s", what);
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0,
              "query the group");
    tap_ok(state == DRM_PANTHOR_GROUP_STATE_FATAL_FAULT && fatal == 1,
           "it had a fatal fault in its queue");
    tap_eq(exec_word(e, W_END), 0, "the end was not reached");
}

static void oom_fatal(void)
{
    Exec *e = exec_open();
    Heap h = heap_args(e->vm);

    h.max_chunks = 2;
    tap_errno(px_heap_create(e->p, &h), 0, "a heap of two chunks at most");
    tiler_begin(e, &h);
    passes(&e->cs, 1);
    draws(&e->cs, MANY_DRAWS);
    tiler_end(e, 1);
    fatal_state(e, "more draws than fit, and no handler");
    exec_close(e);
}

/* Out of memory before any pass began is nothing the driver can answer. */
static void oom_unstarted(void)
{
    Exec *e = exec_open();
    Heap h = heap_args(e->vm);

    tap_errno(px_heap_create(e->p, &h), 0, "a heap");
    tiler_begin(e, &h);
    draws(&e->cs, MANY_DRAWS);
    tiler_end(e, 1);
    fatal_state(e, "draws without a pass");
    exec_close(e);
}

const GuestTest heap_tests[] = {
    TEST("heap-create", "heaps and their chunks", heap_create),
    TEST("heap-bad-args", "what TILER_HEAP_CREATE and DESTROY refuse",
         heap_bad_args),
    TEST("heap-limit", "128 heaps in a VM", heap_limit),
    TEST("tiler-oom-grow", "a heap that runs out grows", oom_grow),
    TEST("tiler-oom-reuse", "chunks given back are used again", oom_reuse),
    TEST("tiler-oom-handler", "a full heap runs the exception handler",
         oom_handler),
    TEST("tiler-oom-in-flight", "passes in flight keep a heap from growing",
         oom_in_flight),
    TEST("tiler-oom-fatal", "a full heap without handler", oom_fatal,
         .expect = EXPECT({ "CSG slot [0-9]+ CS slot: 0", false },
                          { "CS_FATAL.EXCEPTION_TYPE: 0x60 \\(OOM\\)", false },
                          { "CS_FATAL: pid=", true })),
    TEST("tiler-oom-unstarted", "out of memory outside of a pass",
         oom_unstarted,
         .expect = EXPECT({ "Failed to extend the tiler heap", false })),
    TEST_END,
};
