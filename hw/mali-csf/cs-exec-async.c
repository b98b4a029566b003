/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting, and the asynchronous instructions: what happens when a scoreboard
 * is free, and what others wait for.
 */
#include <string.h>

#include "cs-exec-internal.h"

CsStep cs_block(CsRun *r, CsBlocked why, int64_t wake)
{
    r->s->blocked = why;
    r->s->wake = wake;
    return CS_STEP_LEAVE;
}

uint16_t cs_valid_sbs(const CsRun *r, uint32_t mask)
{
    return (uint16_t)(mask & ((1u << r->x->cfg.scoreboards) - 1));
}

/* Until @t the instruction cannot be executed: wait in this turn if it fits. */
CsStep cs_wait_until(CsRun *r, int64_t t, CsBlocked why)
{
    CsStream *s = r->s;

    if (t < r->limit) {
        s->clock = cs_max64(s->clock, t);
        return CS_STEP_AGAIN;
    }
    return cs_block(r, why, t);
}

CsStep cs_wait_sbs(CsRun *r, uint16_t mask)
{
    bool queued;
    int64_t t = cs_sb_ready(r->s, mask, &queued);

    if (!queued && t <= r->s->clock) {
        return CS_STEP_NEXT;
    }
    r->s->wait_sb = mask;
    return cs_wait_until(r, t, CS_BLOCKED_SB);
}

/* Bit 32 of WAIT and RUN_*: count progress.  v14 has no such counters. */
bool cs_counts_progress(const CsRun *r, uint64_t in)
{
    return r->x->cfg.arch_major < 14 && (in >> 32 & 1);
}

/* Two bits, three since v12. */
unsigned cs_heap_op(const CsRun *r, uint64_t in)
{
    return cs_bits(in, 32, r->x->cfg.arch_major < 12 ? 2 : 3);
}

void cs_progress_set(CsRun *r, uint64_t value)
{
    CsExec *x = r->x;

    r->s->progress = value;
    r->wrote = true;
    r->wrote_at = cs_max64(r->wrote_at, r->s->clock);
    for (unsigned i = 0; i < x->cfg.streams; i++) {
        CsStream *w = &x->stream[r->group * x->cfg.streams + i];

        if (w->state == CS_RUNNING && w->blocked == CS_BLOCKED_PROGRESS &&
            w->progress_queue == r->index && value >= w->progress_value) {
            w->met = cs_min64(w->met, r->s->clock);
        }
    }
}

void cs_progress_add(CsRun *r)
{
    cs_progress_set(r, r->s->progress + 1);
}

/*
 * A sync object now has @value: streams that wait for it go on from the time
 * of this write, not from when the round comes to them.
 */
static void wake_waiters(CsRun *r, uint64_t va, uint64_t value, bool is64)
{
    CsExec *x = r->x;
    unsigned n = x->cfg.groups * x->cfg.streams;

    for (unsigned i = 0; i < n; i++) {
        CsStream *w = &x->stream[i];

        if (w->state != CS_RUNNING || w->blocked != CS_BLOCKED_SYNC ||
            w->sync_va != va || w->as != r->s->as || w->sync_64 != is64) {
            continue;
        }
        if (w->sync_cond == CS_COND_GT ? value > w->sync_value :
            value <= w->sync_value) {
            w->met = cs_min64(w->met, r->s->clock);
        }
    }
}

CsSyncWrite *cs_recent_write(CsRun *r, uint64_t va)
{
    return &r->x->recent[(va / 4 + r->s->as) % CS_SYNC_RECENT];
}

static bool do_sync(CsRun *r, uint64_t in, uint64_t va, uint64_t data)
{
    CsStream *s = r->s;
    unsigned op = cs_op(in);
    bool is64 = op == CS_OP_SYNC_ADD64 || op == CS_OP_SYNC_SET64;
    bool add = op == CS_OP_SYNC_ADD64 || op == CS_OP_SYNC_ADD32;
    uint32_t size = is64 ? 8 : 4;
    uint64_t value = data;
    uint8_t b[12];

    if (va % size) {
        return cs_data_result(r, CS_BUS_FAULT, va);
    }
    if (add) {
        if (!cs_load(r, va, b, size)) {
            return false;
        }
        value += is64 ? cs_get_le64(b) : cs_get_le32(b);
    }
    if (!is64) {
        value = (uint32_t)value;
    }
    cs_put_le32(b, (uint32_t)value);
    if (is64) {
        cs_put_le32(b + 4, (uint32_t)(value >> 32));
    }
    cs_put_le32(b + size, (in & 1) && s->in_error ? 1 : 0);
    if (!cs_store(r, va, b, size + 4)) {
        return false;
    }
    r->wrote = true;
    r->wrote_at = cs_max64(r->wrote_at, s->clock);
    *cs_recent_write(r, va) = (CsSyncWrite) {
        .va = va, .time = s->clock, .as = s->as,
    };
    wake_waiters(r, va, value, is64);
    if (cs_bits(in, 1, 2) == CS_SCOPE_SYSTEM) {
        cs_post(s, CS_EVENT_SYNC, s->clock);
    }
    return true;
}

static bool do_store_state(CsRun *r, uint64_t in, uint64_t va)
{
    CsStream *s = r->s;
    uint64_t v = 0;
    uint8_t b[8];

    if (va % 8) {
        return cs_data_result(r, CS_BUS_FAULT, va);
    }
    switch (cs_bits(in, 32, r->x->cfg.arch_major < 12 ? 2 : 8)) {
    case CS_STATE_TIMESTAMP:
        v = r->x->bus->timestamp(r->x->opaque, s->clock);
        break;
    case CS_STATE_CYCLES:
        v = r->x->bus->cycles(r->x->opaque, s->clock);
        break;
    case CS_STATE_ERROR:
        v = s->in_error;
        break;
    default:
        break;                        /* disjoint events do not occur here */
    }
    cs_put_le64(b, v);
    return cs_store(r, va, b, sizeof(b));
}

static int64_t do_flush(CsRun *r, uint64_t in, uint32_t id)
{
    /* The caches were flushed since the caller looked: nothing to do. */
    if (id && id != r->x->bus->flush_id(r->x->opaque)) {
        return r->s->clock;
    }
    r->work -= CS_WORK_MEM;
    r->x->bus->flush(r->x->opaque, cs_bits(in, 0, 12));
    cs_fetch_drop(r);
    return cs_later(r->s->clock, r->x->cfg.flush_ns);
}

/* Execute an asynchronous instruction whose scoreboards are ready. */
static bool perform(CsRun *r, const CsDeferred *d)
{
    CsStream *s = r->s;
    int64_t done = s->clock;
    bool ok = true;

    switch (cs_op(d->instr)) {
    case CS_OP_WAIT:                  /* only as a counted completion */
        cs_progress_add(r);
        return true;
    case CS_OP_FLUSH_CACHE2:
        done = do_flush(r, d->instr, (uint32_t)d->data);
        break;
    case CS_OP_SYNC_ADD32:
    case CS_OP_SYNC_SET32:
    case CS_OP_SYNC_ADD64:
    case CS_OP_SYNC_SET64:
        ok = do_sync(r, d->instr, d->addr, d->data);
        break;
    case CS_OP_STORE_STATE:
        ok = do_store_state(r, d->instr, d->addr);
        break;
    case CS_OP_HEAP_OPERATION:
        ok = cs_heap_operation(r, d->heap, cs_heap_op(r, d->instr));
        break;
    case CS_OP_FINISH_FRAGMENT:
        ok = cs_heap_finish(r, d->heap, d->addr, d->data, d->instr & 1);
        break;
    default:
        break;                        /* TRACE_POINT */
    }
    if (ok && done > s->clock) {
        unsigned sb = cs_signal(d->instr);

        s->sb_done[sb] = cs_max64(s->sb_done[sb], done);
    }
    return ok;
}

CsStep cs_defer(CsRun *r, const CsDeferred *d)
{
    CsStream *s = r->s;
    CsDeferred *e;

    if (s->deferred_count == CS_DEFERRED_MAX) {
        return cs_wait_until(r, s->deferred[0].ready, CS_BLOCKED_DEFERRED);
    }
    e = &s->deferred[s->deferred_count];
    *e = *d;
    if (s->deferred_count) {
        e->ready = cs_max64(e->ready, e[-1].ready);
    }
    s->deferred_count++;
    return CS_STEP_NEXT;
}

CsStep cs_async(CsRun *r, uint64_t in, uint64_t addr, uint64_t data)
{
    CsStream *s = r->s;
    CsDeferred d = { .instr = in, .addr = addr, .data = data,
                     .heap = s->heap };
    uint16_t mask = cs_mask(in);
    unsigned signal = cs_signal(in);
    bool queued;

    if (r->x->cfg.arch_major >= 12 && (in >> 52 & 1)) {
        /* Indirect: slots as chosen by SET_STATE. */
        mask = s->sb_mask_wait;
        signal = s->sb_deferred;
        d.instr = (in & ~(0x1full << 48)) | (uint64_t)signal << 48;
    }
    if (signal >= r->x->cfg.scoreboards) {
        return cs_invalid(r, in);
    }
    d.ready = cs_sb_ready(s, cs_valid_sbs(r, mask), &queued);
    if (queued || d.ready > s->clock) {
        return cs_defer(r, &d);
    }
    return perform(r, &d) ? CS_STEP_NEXT : CS_STEP_LEAVE;
}

CsStep cs_step_deferred(CsRun *r)
{
    CsStream *s = r->s;
    CsDeferred d = s->deferred[0];
    bool in_call = s->depth;
    uint64_t extract = s->extract;
    bool done = perform(r, &d);

    if (done && cs_op(d.instr) != CS_OP_WAIT) {
        int64_t *sb = &s->sb_done[cs_signal(d.instr)];

        *sb = cs_max64(*sb, s->clock);
    }
    if (s->state == CS_FAULTED && !in_call) {
        s->extract = extract;         /* the ring's instruction did not fail */
    }
    if (done || s->state != CS_RUNNING) {
        /* Executed, or failed for good. */
        s->deferred_count--;
        memmove(&s->deferred[0], &s->deferred[1],
                s->deferred_count * sizeof(s->deferred[0]));
    }
    return done ? CS_STEP_AGAIN : CS_STEP_LEAVE;
}
