/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory as a command stream sees it.
 *
 * An instruction whose bus access stalls is executed again later from its
 * beginning, so nothing of it may be done by halves.  The page is the unit in
 * which the bus says yes or no: a store that touches one page is whole by
 * itself; before one that touches several, every page is tried by writing
 * back what it holds.
 */
#include <string.h>

#include "cs-exec-internal.h"

static inline uint64_t page_of(uint64_t va)
{
    return va & ~(uint64_t)(CS_PAGE_SIZE - 1);
}

static CsPage *slot_of(CsRun *r, unsigned as, uint64_t page)
{
    return &r->page[(page / CS_PAGE_SIZE + as) % CS_FETCH_PAGES];
}

/* Somebody wrote to [va, va + len): forget copies of it. */
static void fetch_forget(CsRun *r, uint64_t va, uint32_t len)
{
    uint64_t page = page_of(va);
    uint64_t last = page_of(va + len - 1);

    for (;; page += CS_PAGE_SIZE) {
        CsPage *p = slot_of(r, r->s->as, page);

        if (p->va == page && p->as == r->s->as) {
            p->valid = false;
        }
        if (page == last) {
            break;
        }
    }
}

void cs_fetch_drop(CsRun *r)
{
    for (unsigned i = 0; i < CS_FETCH_PAGES; i++) {
        r->page[i].valid = false;
    }
}

/*
 * The page of instructions at @va.  NULL: the stream died of a bus fault or
 * has to wait.  Execute permission is not asked for: the drivers map ring
 * buffers NOEXEC (panthor_sched.c: group_create_queue()).
 */
CsPage *cs_fetch_page(CsRun *r, uint64_t va)
{
    CsStream *s = r->s;
    uint64_t page = page_of(va);
    CsPage *p = slot_of(r, s->as, page);
    CsBusResult result;

    if (p->valid && p->va == page && p->as == s->as) {
        return p;
    }
    r->work -= CS_WORK_MEM;
    p->valid = false;
    /* First the instruction itself: a fault is latched with its address. */
    result = r->x->bus->read(r->x->opaque, s->as, va, p->word, 8);
    if (result == CS_BUS_OK) {
        result = r->x->bus->read(r->x->opaque, s->as, page, p->word,
                                 CS_PAGE_SIZE);
    }
    switch (result) {
    case CS_BUS_OK:
        break;
    case CS_BUS_STALL:
        s->clock = cs_max64(s->clock, r->limit);
        return NULL;
    default:
        cs_raise_fatal(s, GPU_EXC_CS_BUS_FAULT, 0, va);
        return NULL;
    }
    for (unsigned i = 0; i < CS_PAGE_WORDS; i++) {
        p->word[i] = cs_get_le64((const uint8_t *)&p->word[i]);
    }
    p->va = page;
    p->as = s->as;
    p->valid = true;
    return p;
}

bool cs_data_result(CsRun *r, CsBusResult result, uint64_t va)
{
    switch (result) {
    case CS_BUS_OK:
        return true;
    case CS_BUS_STALL:
        r->s->clock = cs_max64(r->s->clock, r->limit);
        return false;
    default:
        cs_raise_fault(r->s, GPU_EXC_CS_BUS_FAULT, 0, va);
        return false;
    }
}

bool cs_load(CsRun *r, uint64_t va, void *buf, uint32_t len)
{
    r->work -= CS_WORK_MEM;
    return cs_data_result(r, r->x->bus->read(r->x->opaque, r->s->as, va, buf,
                                             len), va);
}

/* Write inside one page. */
static bool store_part(CsRun *r, uint64_t va, const void *buf, uint32_t len)
{
    r->work -= CS_WORK_MEM;
    fetch_forget(r, va, len);
    return cs_data_result(r, r->x->bus->write(r->x->opaque, r->s->as, va, buf,
                                              len), va);
}

/* Find out if a store to the page of @va will succeed, changing nothing. */
static bool store_try(CsRun *r, uint64_t va)
{
    uint8_t old[4];

    va &= ~3ull;
    return cs_load(r, va, old, sizeof(old)) &&
           store_part(r, va, old, sizeof(old));
}

static uint32_t in_first_page(uint64_t va, uint32_t len)
{
    uint32_t room = CS_PAGE_SIZE - (uint32_t)(va % CS_PAGE_SIZE);

    return len < room ? len : room;
}

bool cs_store(CsRun *r, uint64_t va, const void *buf, uint32_t len)
{
    uint32_t first = in_first_page(va, len);

    if (first < len && !store_try(r, va + first)) {
        return false;
    }
    if (!store_part(r, va, buf, first)) {
        return false;
    }
    return first == len || store_part(r, va + first,
                                      (const uint8_t *)buf + first,
                                      len - first);
}

bool cs_store_all(CsRun *r, const CsWrite *w, unsigned count)
{
    bool one_page = true;

    for (unsigned i = 0; i < count; i++) {
        one_page = one_page && page_of(w[i].va) == page_of(w[0].va) &&
                   page_of(w[i].va + w[i].len - 1) == page_of(w[0].va);
    }
    if (!one_page) {
        for (unsigned i = 0; i < count; i++) {
            uint32_t first = in_first_page(w[i].va, w[i].len);

            if (!store_try(r, w[i].va) ||
                (first < w[i].len && !store_try(r, w[i].va + first))) {
                return false;
            }
        }
    }
    for (unsigned i = 0; i < count; i++) {
        if (!cs_store(r, w[i].va, w[i].data, w[i].len)) {
            return false;
        }
    }
    return true;
}

CsStep cs_load_multiple(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    unsigned base = cs_dst(in);
    uint16_t mask = cs_mask(in);
    uint64_t va;
    uint8_t b[64];
    unsigned first, last;

    if (cs_bad_pair(r, cs_src(in))) {
        return cs_invalid(r, in);
    }
    if (!mask) {
        return CS_STEP_NEXT;
    }
    for (first = 0; !(mask >> first & 1); first++) {
    }
    for (last = 15; !(mask >> last & 1); last--) {
    }
    if (cs_bad_reg(r, base + last)) {
        return cs_invalid(r, in);
    }
    va = cs_pair(s, cs_src(in)) + (int64_t)cs_offset(in);
    if (va % 4) {
        cs_data_result(r, CS_BUS_FAULT, va);
        return CS_STEP_LEAVE;
    }
    if (!cs_load(r, va + first * 4, b, (last - first + 1) * 4)) {
        return CS_STEP_LEAVE;
    }
    for (unsigned i = first; i <= last; i++) {
        if (mask >> i & 1) {
            s->regs[base + i] = cs_get_le32(b + (i - first) * 4);
        }
    }
    return CS_STEP_NEXT;
}

CsStep cs_store_multiple(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    unsigned base = cs_dst(in);
    uint16_t mask = cs_mask(in);
    CsWrite w[8];
    uint8_t b[64];
    unsigned n = 0, i, end;
    uint64_t va;

    if (cs_bad_pair(r, cs_src(in))) {
        return cs_invalid(r, in);
    }
    for (i = 0; i < 16; i++) {
        if ((mask >> i & 1) && cs_bad_reg(r, base + i)) {
            return cs_invalid(r, in);
        }
    }
    va = cs_pair(s, cs_src(in)) + (int64_t)cs_offset(in);
    if (mask && va % 4) {
        cs_data_result(r, CS_BUS_FAULT, va);
        return CS_STEP_LEAVE;
    }
    for (i = 0; i < 16; i++) {
        if (mask >> i & 1) {
            cs_put_le32(b + i * 4, s->regs[base + i]);
        }
    }
    if (mask == 0xffff) {
        return cs_store(r, va, b, 64) ? CS_STEP_NEXT : CS_STEP_LEAVE;
    }
    /* Registers that are not stored leave gaps that are not written. */
    for (i = 0; i < 16; i = end) {
        if (!(mask >> i & 1)) {
            end = i + 1;
            continue;
        }
        for (end = i; end < 16 && (mask >> end & 1) && end - i < 8; end++) {
        }
        w[n].va = va + i * 4;
        w[n].len = (end - i) * 4;
        memcpy(w[n].data, b + i * 4, w[n].len);
        n++;
    }
    return !n || cs_store_all(r, w, n) ? CS_STEP_NEXT : CS_STEP_LEAVE;
}
