/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tiler heap: the chunks that RUN_IDVS eats up, and the counters by which the
 * driver decides whether to give another one.
 *
 * What the driver lays down (panthor_heap.c: panthor_alloc_heap_chunk(),
 * panthor_heap_create()): chunks whose first 8 bytes link to the next as
 * VA[63:12] | size >> 12, and a heap context of zeros that belongs to the GPU.
 * The address of the first chunk goes to user space only, which passes it on
 * in the tiler heap descriptor behind the tiler context of r40:41 (Mesa,
 * genxml/v10.xml: "Tiler Context", "Tiler Heap").
 *
 * Heap context as this executor uses its 32 bytes:
 *    0  u64  free chunks, VA | size >> 12; bit 63: the initial ones are taken
 *    8  u32  bytes left of the chunk in use
 *   12  u32  vertex/tiler jobs started
 *   16  u32  vertex/tiler jobs completed
 *   20  u32  fragment jobs completed
 */
#include <string.h>

#include "cs-exec-internal.h"

#define HEAP_CTX_SIZE 24
#define HEAP_CTX_ALIGN 32
#define HEAP_STARTED (1ull << 63)
#define CHUNK_HEADER 64
#define TILER_CTX_HEAP 24
#define TILER_CTX_COMPLETED 40
#define TILER_HEAP_SIZE 4

typedef struct HeapContext {
    uint64_t free;
    uint32_t left;
    uint32_t vt_start;
    uint32_t vt_end;
    uint32_t frag_end;
} HeapContext;

static uint64_t chunk_va(uint64_t chunk)
{
    return chunk & 0x0000fffffffff000ull;
}

static uint32_t chunk_size(uint64_t chunk)
{
    return (uint32_t)(chunk & 0xfff) << 12;
}

static bool context_load(CsRun *r, uint64_t va, HeapContext *h)
{
    uint8_t b[HEAP_CTX_SIZE];

    if (va % HEAP_CTX_ALIGN) {
        return cs_data_result(r, CS_BUS_FAULT, va);
    }
    if (!cs_load(r, va, b, sizeof(b))) {
        return false;
    }
    h->free = cs_get_le64(b);
    h->left = cs_get_le32(b + 8);
    h->vt_start = cs_get_le32(b + 12);
    h->vt_end = cs_get_le32(b + 16);
    h->frag_end = cs_get_le32(b + 20);
    return true;
}

static CsWrite context_write(uint64_t va, const HeapContext *h)
{
    CsWrite w = { .va = va, .len = HEAP_CTX_SIZE };

    cs_put_le64(w.data, h->free);
    cs_put_le32(w.data + 8, h->left);
    cs_put_le32(w.data + 12, h->vt_start);
    cs_put_le32(w.data + 16, h->vt_end);
    cs_put_le32(w.data + 20, h->frag_end);
    return w;
}

static CsWrite write64(uint64_t va, uint64_t v)
{
    CsWrite w = { .va = va, .len = 8 };

    cs_put_le64(w.data, v);
    return w;
}

static bool load64(CsRun *r, uint64_t va, uint64_t *v)
{
    uint8_t b[8];

    if (!cs_load(r, va, b, sizeof(b))) {
        return false;
    }
    *v = cs_get_le64(b);
    return true;
}

/* The chunk list that user space announced in the tiler heap descriptor. */
static bool initial_chunks(CsRun *r, uint64_t tiler, uint64_t *chunk)
{
    uint8_t desc[12];
    uint64_t va;

    *chunk = 0;
    if (!load64(r, tiler + TILER_CTX_HEAP, &va)) {
        return false;
    }
    if (!va) {
        return true;
    }
    if (!cs_load(r, va + TILER_HEAP_SIZE, desc, sizeof(desc))) {
        return false;
    }
    *chunk = chunk_va(cs_get_le64(desc + 4)) |
             (cs_get_le32(desc) >> 12 & 0xfff);
    return true;
}

static void counters_seen(CsStream *s, const HeapContext *h)
{
    s->heap_vt_start = h->vt_start;
    s->heap_vt_end = h->vt_end;
    s->heap_frag_end = h->frag_end;
}

static CsStep out_of_memory(CsRun *r, const HeapContext *h)
{
    CsStream *s = r->s;

    counters_seen(s, h);
    s->state = CS_OOM;
    cs_post(s, CS_EVENT_OOM, s->clock);
    return CS_STEP_LEAVE;
}

/*
 * Take the bytes of one RUN_IDVS out of the heap.  The chunks that a tiler
 * context used hang on its completed list, from which the stream hands them
 * to FINISH_FRAGMENT.
 */
CsStep cs_heap_consume(CsRun *r)
{
    CsStream *s = r->s;
    uint32_t need = r->x->cfg.idvs_heap;
    uint64_t tiler = cs_pair(s, CS_SR_TILER_CTX);
    uint64_t free, chunk, next = 0, top, bottom;
    uint8_t completed[16];
    CsWrite w[4];
    unsigned n = 0;
    HeapContext h;

    if (!s->heap || !need) {
        return CS_STEP_NEXT;
    }
    if (!context_load(r, s->heap, &h)) {
        return CS_STEP_LEAVE;
    }
    if (h.left >= need) {
        h.left -= need;
        w[n++] = context_write(s->heap, &h);
        return cs_store_all(r, w, n) ? CS_STEP_NEXT : CS_STEP_LEAVE;
    }

    free = h.free & ~HEAP_STARTED;
    if (!(h.free & HEAP_STARTED) && tiler) {
        if (!initial_chunks(r, tiler, &free)) {
            return CS_STEP_LEAVE;
        }
        h.free = free | HEAP_STARTED;
    }
    chunk = s->heap_chunk ? s->heap_chunk : free;
    if (!chunk_size(chunk)) {
        return out_of_memory(r, &h);
    }
    if (!s->heap_chunk) {
        if (!load64(r, chunk_va(chunk), &next)) {
            return CS_STEP_LEAVE;
        }
        h.free = (next & ~HEAP_STARTED) | (h.free & HEAP_STARTED);
    }
    if (tiler) {
        if (!cs_load(r, tiler + TILER_CTX_COMPLETED, completed,
                     sizeof(completed))) {
            return CS_STEP_LEAVE;
        }
        top = cs_get_le64(completed);
        bottom = cs_get_le64(completed + 8);
        if (top && bottom) {
            w[n++] = write64(chunk_va(bottom), chunk);
        } else {
            top = chunk;
        }
        w[n] = write64(tiler + TILER_CTX_COMPLETED, top);
        cs_put_le64(w[n].data + 8, chunk);
        w[n++].len = 16;
    }
    w[n++] = write64(chunk_va(chunk), 0);
    h.left = chunk_size(chunk) - CHUNK_HEADER;
    h.left -= h.left < need ? h.left : need;
    w[n++] = context_write(s->heap, &h);
    if (!cs_store_all(r, w, n)) {
        return CS_STEP_LEAVE;
    }
    s->heap_chunk = 0;
    return CS_STEP_NEXT;
}

bool cs_heap_operation(CsRun *r, uint64_t heap, unsigned operation)
{
    HeapContext h;
    CsWrite w;

    if (!heap) {
        return true;
    }
    if (!context_load(r, heap, &h)) {
        return false;
    }
    switch (operation) {
    case CS_HEAP_VT_START:
        h.vt_start++;
        break;
    case CS_HEAP_VT_END:
        h.vt_end++;
        break;
    case CS_HEAP_FRAG_END:
        h.frag_end++;
        break;
    default:
        break;
    }
    w = context_write(heap, &h);
    if (!cs_store_all(r, &w, 1)) {
        return false;
    }
    counters_seen(r->s, &h);
    return true;
}

/*
 * Give the list first..last back to the heap.  The list itself is not walked:
 * what it contains is between user space and its own heap.
 */
bool cs_heap_finish(CsRun *r, uint64_t heap, uint64_t first, uint64_t last,
                    bool count)
{
    CsWrite w[2];
    unsigned n = 0;
    HeapContext h;

    if (!heap) {
        return true;
    }
    if (!context_load(r, heap, &h)) {
        return false;
    }
    if (chunk_size(first) && chunk_size(last)) {
        w[n++] = write64(chunk_va(last), h.free & ~HEAP_STARTED);
        h.free = (first & ~HEAP_STARTED) | (h.free & HEAP_STARTED);
        h.left = 0;
    }
    if (count) {
        h.frag_end++;
    }
    w[n++] = context_write(heap, &h);
    if (!cs_store_all(r, w, n)) {
        return false;
    }
    counters_seen(r->s, &h);
    return true;
}
