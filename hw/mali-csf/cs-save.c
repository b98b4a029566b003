/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State of a stream in a suspend buffer, and the check of migrated state.
 *
 * Layout of the buffer, little endian: magic, version, bytes used, checksum
 * of what follows, then the fields in the order of stream_fields().  The
 * buffer lies in guest memory, so the checksum finds accidents; malice is
 * found by stream_valid().
 */
#include <string.h>

#include "cs-exec-internal.h"

#define SAVE_MAGIC 0x56535343u        /* "CSSV" */
#define SAVE_VERSION 1
#define SAVE_HEADER 16

/** struct Cursor - writes (@out) or reads fields at @pos. */
typedef struct Cursor {
    uint8_t *out;
    const uint8_t *in;
    uint32_t pos;
} Cursor;

static void field(Cursor *c, void *p, uint32_t size)
{
    uint64_t v = 0;

    if (c->out) {
        switch (size) {
        case 1:
            v = *(uint8_t *)p;
            break;
        case 2:
            v = *(uint16_t *)p;
            break;
        case 4:
            v = *(uint32_t *)p;
            break;
        default:
            v = *(uint64_t *)p;
            break;
        }
        for (uint32_t i = 0; i < size; i++) {
            c->out[c->pos + i] = (uint8_t)(v >> i * 8);
        }
    } else {
        for (uint32_t i = 0; i < size; i++) {
            v |= (uint64_t)c->in[c->pos + i] << i * 8;
        }
        switch (size) {
        case 1:
            *(uint8_t *)p = (uint8_t)v;
            break;
        case 2:
            *(uint16_t *)p = (uint16_t)v;
            break;
        case 4:
            *(uint32_t *)p = (uint32_t)v;
            break;
        default:
            *(uint64_t *)p = v;
            break;
        }
    }
    c->pos += size;
}

static void time_field(Cursor *c, int64_t *t)
{
    uint64_t v = (uint64_t)*t;

    field(c, &v, sizeof(v));
    *t = (int64_t)v;
}

#define FIELD(f) field(c, &(f), sizeof(f))

/* Ring base, size, extract, insert and address space are the host's to say. */
static void stream_fields(Cursor *c, CsStream *s)
{
    FIELD(s->stopped);
    FIELD(s->depth);
    FIELD(s->in_handler);
    FIELD(s->handler_done);
    FIELD(s->in_error);
    FIELD(s->pretend);
    FIELD(s->hang);
    FIELD(s->sb_endpoint);
    FIELD(s->sb_other);
    FIELD(s->sb_deferred);
    FIELD(s->deferred_count);
    FIELD(s->sb_mask_stream);
    FIELD(s->sb_mask_wait);
    FIELD(s->resources);
    FIELD(s->heap);
    FIELD(s->heap_vt_start);
    FIELD(s->heap_vt_end);
    FIELD(s->heap_frag_end);
    FIELD(s->heap_chunk);
    FIELD(s->handler_va);
    FIELD(s->handler_len);
    FIELD(s->fault_type);
    FIELD(s->fault_data);
    FIELD(s->fault_info);
    FIELD(s->fatal_type);
    FIELD(s->fatal_data);
    FIELD(s->fatal_info);
    FIELD(s->executed);
    FIELD(s->progress);
    FIELD(s->events);
    for (unsigned i = 0; i < CS_CALL_DEPTH_MAX; i++) {
        FIELD(s->frame[i].pc);
        FIELD(s->frame[i].end);
    }
    for (unsigned i = 0; i < CS_REGS_MAX; i++) {
        FIELD(s->regs[i]);
    }
    for (unsigned i = 0; i < CS_SB_MAX; i++) {
        time_field(c, &s->sb_done[i]);
    }
    for (unsigned i = 0; i < CS_DEFERRED_MAX; i++) {
        FIELD(s->deferred[i].instr);
        FIELD(s->deferred[i].addr);
        FIELD(s->deferred[i].data);
        FIELD(s->deferred[i].heap);
        time_field(c, &s->deferred[i].ready);
    }
}

/* What the loop relies on; everything else may have any value. */
static bool stream_valid(const CsExec *x, const CsStream *s)
{
    const CsExecConfig *cfg = &x->cfg;

    if (s->state > CS_OOM || s->stopped > CS_OOM ||
        s->blocked > CS_BLOCKED_FLUSH || s->idle > CS_IDLE_BLOCKED ||
        s->depth > CS_CALL_DEPTH_MAX || s->in_handler > s->depth ||
        s->handler_done > 1 || s->in_error > 1 || s->pretend > 1 ||
        s->hang > 1 || s->sb_endpoint >= cfg->scoreboards ||
        s->sb_other >= cfg->scoreboards ||
        s->sb_deferred >= cfg->scoreboards ||
        s->sb_mask_stream >> cfg->scoreboards ||
        s->sb_mask_wait >> cfg->scoreboards ||
        s->sync_cond > CS_COND_GT || s->sync_64 > 1 || s->sync_reject > 1 ||
        s->progress_queue >= CS_PROGRESS_COUNTERS ||
        s->deferred_count > CS_DEFERRED_MAX || s->events >> CS_EVENT_COUNT) {
        return false;
    }
    if (s->clock < 0 || s->wake < 0 || s->met < 0) {
        return false;
    }
    for (unsigned i = 0; i < CS_EVENT_COUNT; i++) {
        if (s->event_time[i] < 0) {
            return false;
        }
    }
    for (unsigned i = 0; i < s->depth; i++) {
        if (s->frame[i].pc % 8 || s->frame[i].end % 8) {
            return false;
        }
    }
    for (unsigned i = 0; i < CS_SB_MAX; i++) {
        if (s->sb_done[i] < 0 || (s->sb_done[i] && i >= cfg->scoreboards)) {
            return false;
        }
    }
    for (unsigned i = 0; i < s->deferred_count; i++) {
        const CsDeferred *d = &s->deferred[i];

        if (d->ready < 0 || (i && d->ready < d[-1].ready) ||
            (cs_op(d->instr) != CS_OP_WAIT &&
             cs_signal(d->instr) >= cfg->scoreboards)) {
            return false;
        }
    }
    return true;
}

static bool ring_valid(const CsExec *x, const CsStream *s)
{
    CsStart start = {
        .as = s->as,
        .ring_base = s->ring_base,
        .ring_size = s->ring_size,
        .extract = s->extract,
        .insert = s->insert,
    };

    return cs_start_valid(x, &start);
}

bool cs_exec_check(const CsExec *x)
{
    for (unsigned i = 0; i < x->cfg.groups * x->cfg.streams; i++) {
        const CsStream *s = &x->stream[i];

        if (!stream_valid(x, s) ||
            (s->state != CS_OFF && s->state != CS_DEAD && !ring_valid(x, s))) {
            return false;
        }
    }
    return x->progress_timeout >= 0;
}

static uint32_t checksum(const uint8_t *p, uint32_t len)
{
    uint32_t h = 2166136261u;         /* FNV-1a */

    for (uint32_t i = 0; i < len; i++) {
        h = (h ^ p[i]) * 16777619u;
    }
    return h;
}

void cs_exec_save(const CsExec *x, unsigned group, unsigned stream,
                  uint8_t *buf)
{
    Cursor c = { .out = buf, .pos = SAVE_HEADER };
    CsStream s;

    memset(buf, 0, CS_SAVE_SIZE);
    if (group >= x->cfg.groups || stream >= x->cfg.streams) {
        return;
    }
    s = x->stream[group * x->cfg.streams + stream];
    if (s.state != CS_OFF) {
        s.stopped = s.state;
    }
    s.events &= CS_EVENTS_LASTING;
    stream_fields(&c, &s);
    cs_put_le32(buf, SAVE_MAGIC);
    cs_put_le32(buf + 4, SAVE_VERSION);
    cs_put_le32(buf + 8, c.pos);
    cs_put_le32(buf + 12, checksum(buf + SAVE_HEADER, c.pos - SAVE_HEADER));
}

bool cs_exec_restore(CsExec *x, unsigned group, unsigned stream,
                     const uint8_t *buf, const CsStart *start, int64_t now)
{
    Cursor c = { .in = buf, .pos = SAVE_HEADER };
    CsStream fresh, *s;

    if (group >= x->cfg.groups || stream >= x->cfg.streams) {
        return false;
    }
    s = &x->stream[group * x->cfg.streams + stream];
    memset(&fresh, 0, sizeof(fresh));
    stream_fields(&c, &fresh);
    fresh.as = start->as;
    fresh.lacks = start->lacks & CS_ENDPOINT_ALL;
    fresh.ring_base = start->ring_base;
    fresh.ring_size = start->ring_size;
    fresh.extract = start->extract;
    fresh.insert = start->insert;
    fresh.clock = now;
    fresh.wake = now;
    fresh.met = CS_TIME_NEVER;

    memset(s, 0, sizeof(*s));
    s->wake = CS_TIME_NEVER;
    s->met = CS_TIME_NEVER;
    if (cs_get_le32(buf) != SAVE_MAGIC ||
        cs_get_le32(buf + 4) != SAVE_VERSION ||
        cs_get_le32(buf + 8) != c.pos ||
        cs_get_le32(buf + 12) != checksum(buf + SAVE_HEADER,
                                          c.pos - SAVE_HEADER) ||
        !stream_valid(x, &fresh) || !ring_valid(x, &fresh)) {
        return false;
    }
    /* Off stays off; out of memory shows again at the same instruction. */
    fresh.state = fresh.stopped == CS_OOM ? CS_RUNNING : fresh.stopped;
    if (fresh.state != CS_RUNNING) {
        fresh.wake = CS_TIME_NEVER;
    }
    fresh.events &= CS_EVENTS_LASTING & ~CS_EVENT_OOM;
    for (unsigned i = 0; i < CS_EVENT_COUNT; i++) {
        fresh.event_time[i] = now;
    }
    for (unsigned i = 0; i < CS_SB_MAX; i++) {
        if (fresh.sb_done[i] == CS_TIME_NEVER && x->progress_timeout) {
            cs_post(&fresh, CS_EVENT_PROGRESS,
                    cs_later(now, x->progress_timeout));
        }
    }
    fresh.stopped = CS_OFF;
    *s = fresh;
    return true;
}
