/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command-stream executor: life of a stream, and events.
 */
#include <string.h>

#include "cs-exec-internal.h"

static CsStream *stream_at(const CsExec *x, unsigned group, unsigned stream)
{
    if (group >= x->cfg.groups || stream >= x->cfg.streams) {
        return NULL;
    }
    return &x->stream[group * x->cfg.streams + stream];
}

bool cs_exec_init(CsExec *x, const CsExecConfig *cfg, CsStream *stream,
                  const CsBusOps *bus, void *opaque)
{
    memset(x, 0, sizeof(*x));
    if (cfg->arch_major < 10 || cfg->arch_major > 14 ||
        !cfg->groups || cfg->groups > CS_GROUPS_MAX ||
        !cfg->streams || cfg->streams > CS_STREAMS_MAX ||
        (cfg->regs != 96 && cfg->regs != 128) ||
        !cfg->scoreboards || cfg->scoreboards > CS_SB_MAX ||
        !cfg->instr_ns || !cfg->slice_ns) {
        return false;
    }
    x->cfg = *cfg;
    x->bus = bus;
    x->opaque = opaque;
    x->stream = stream;
    cs_exec_reset(x);
    return true;
}

static void stream_clear(CsStream *s)
{
    memset(s, 0, sizeof(*s));
    s->wake = CS_TIME_NEVER;
    s->met = CS_TIME_NEVER;
}

void cs_exec_reset(CsExec *x)
{
    for (unsigned i = 0; i < x->cfg.groups * x->cfg.streams; i++) {
        stream_clear(&x->stream[i]);
    }
    memset(x->recent, 0, sizeof(x->recent));
    x->progress_timeout = 0;
}

/* ---- events ---- */

void cs_post(CsStream *s, uint32_t event, int64_t at)
{
    unsigned n;

    for (n = 0; !(event >> n & 1); n++) {
    }
    if (!(s->events & event) || at < s->event_time[n]) {
        s->event_time[n] = at;
    }
    s->events |= event;
}

int64_t cs_exec_next_event(const CsExec *x)
{
    int64_t t = CS_TIME_NEVER;

    for (unsigned i = 0; i < x->cfg.groups * x->cfg.streams; i++) {
        const CsStream *s = &x->stream[i];

        for (unsigned n = 0; s->events >> n; n++) {
            if (s->events >> n & 1) {
                t = cs_min64(t, s->event_time[n]);
            }
        }
    }
    return t;
}

uint32_t cs_exec_take_event(CsExec *x, int64_t now, unsigned *group,
                            unsigned *stream)
{
    for (unsigned i = 0; i < x->cfg.groups * x->cfg.streams; i++) {
        CsStream *s = &x->stream[i];
        uint32_t due = 0;

        for (unsigned n = 0; s->events >> n; n++) {
            if ((s->events >> n & 1) && s->event_time[n] <= now) {
                due |= 1u << n;
            }
        }
        if (due) {
            s->events &= ~due;
            *group = i / x->cfg.streams;
            *stream = i % x->cfg.streams;
            return due;
        }
    }
    return 0;
}

/* ---- faults ---- */

/*
 * Leave the CALL body, if in one, and let the ring go on behind the
 * instruction that failed or called what failed.  The position stays inside
 * the job: a job ends with ERROR_BARRIER, which cannot fail, and the driver
 * finds the faulty job by the position at this moment (panthor_sched.c:
 * cs_slot_process_fault_event_locked()).
 */
void cs_raise_fault(CsStream *s, uint32_t type, uint32_t data, uint64_t info)
{
    s->depth = 0;
    s->in_handler = 0;
    s->handler_done = 0;
    if (s->extract != cs_ring_end(s)) {
        s->extract += 8;
    }
    s->in_error = 1;
    s->state = CS_FAULTED;
    s->idle = CS_IDLE_NONE;
    s->events &= ~CS_EVENTS_IDLE;
    s->fault_type = type;
    s->fault_data = data;
    s->fault_info = info;
    cs_post(s, CS_EVENT_FAULT, s->clock);
}

void cs_raise_fatal(CsStream *s, uint32_t type, uint32_t data, uint64_t info)
{
    s->state = CS_DEAD;
    s->wake = CS_TIME_NEVER;
    s->idle = CS_IDLE_NONE;
    s->events &= ~CS_EVENTS_IDLE;
    s->fatal_type = type;
    s->fatal_data = data;
    s->fatal_info = info;
    cs_post(s, CS_EVENT_FATAL, s->clock);
}

void cs_exec_fault(CsExec *x, unsigned group, unsigned stream, bool fatal,
                   uint32_t type, uint32_t data, uint64_t info, int64_t now)
{
    CsStream *s = stream_at(x, group, stream);

    if (!s || (s->state != CS_RUNNING && s->state != CS_OOM)) {
        return;
    }
    s->clock = cs_max64(s->clock, now);
    s->events &= ~CS_EVENT_OOM;
    if (fatal) {
        cs_raise_fatal(s, type, data, info);
    } else {
        bool in_call = s->depth;
        uint64_t extract = s->extract;

        cs_raise_fault(s, type, data, info);
        if (!in_call) {
            s->extract = extract;     /* no ring instruction failed */
        }
    }
    /* The stream may have run ahead of the order. */
    cs_post(s, fatal ? CS_EVENT_FATAL : CS_EVENT_FAULT, now);
}

void cs_exec_fault_ack(CsExec *x, unsigned group, unsigned stream,
                       int64_t now)
{
    CsStream *s = stream_at(x, group, stream);

    if (s && s->state == CS_FAULTED) {
        s->state = CS_RUNNING;
        s->blocked = CS_BLOCKED_NONE;
        s->clock = cs_max64(s->clock, now);
        s->wake = now;
    }
}

/* ---- life ---- */

bool cs_start_valid(const CsExec *x, const CsStart *start)
{
    uint64_t size = start->ring_size;

    (void)x;
    return size >= CS_PAGE_SIZE && !(size & (size - 1)) &&
           !(start->ring_base % CS_PAGE_SIZE) &&
           start->ring_base <= UINT64_MAX - size &&
           !(start->extract % 8) &&
           start->insert - start->extract <= size;
}

bool cs_exec_start(CsExec *x, unsigned group, unsigned stream,
                   const CsStart *start, int64_t now)
{
    CsStream *s = stream_at(x, group, stream);

    if (!s) {
        return false;
    }
    stream_clear(s);
    s->clock = now;
    s->as = start->as;
    s->lacks = start->lacks & CS_ENDPOINT_ALL;
    s->ring_base = start->ring_base;
    s->ring_size = start->ring_size;
    s->extract = start->extract;
    s->insert = start->insert;
    if (!cs_start_valid(x, start)) {
        cs_raise_fatal(s, GPU_EXC_CS_CONFIG_FAULT, 0, start->ring_base);
        return false;
    }
    s->state = CS_RUNNING;
    s->wake = now;
    return true;
}

void cs_exec_set_endpoints(CsExec *x, unsigned group, uint8_t lacks,
                           int64_t now)
{
    for (unsigned i = 0; i < x->cfg.streams; i++) {
        CsStream *s = stream_at(x, group, i);

        if (s) {
            s->lacks = lacks & CS_ENDPOINT_ALL;
            if (s->state == CS_RUNNING && s->blocked == CS_BLOCKED_RESOURCE) {
                s->wake = cs_min64(s->wake, now);
            }
        }
    }
}

void cs_exec_stop(CsExec *x, unsigned group, unsigned stream)
{
    CsStream *s = stream_at(x, group, stream);

    if (s && s->state != CS_OFF) {
        s->stopped = s->state;
        s->state = CS_OFF;
        s->wake = CS_TIME_NEVER;
        s->met = CS_TIME_NEVER;
        s->idle = CS_IDLE_NONE;
        /* What was done ahead of its time is done: tell it now, or never. */
        s->events &= CS_EVENTS_LASTING;
        memset(s->event_time, 0, sizeof(s->event_time));
    }
}

void cs_exec_kick(CsExec *x, unsigned group, unsigned stream, uint64_t insert,
                  int64_t now)
{
    CsStream *s = stream_at(x, group, stream);

    if (!s || s->state == CS_OFF || s->state == CS_DEAD) {
        return;
    }
    if (insert - s->extract > s->ring_size) {
        s->clock = cs_max64(s->clock, now);
        cs_raise_fatal(s, GPU_EXC_CS_CONFIG_FAULT, 0, insert);
        return;
    }
    if (insert != s->insert && s->idle == CS_IDLE_EMPTY) {
        s->idle = CS_IDLE_NONE;
        s->events &= ~CS_EVENT_EMPTY;
    }
    s->insert = insert;
    if (s->state == CS_RUNNING && s->blocked != CS_BLOCKED_SB &&
        s->blocked != CS_BLOCKED_DEFERRED) {
        s->wake = cs_min64(s->wake, now);
    }
}

void cs_exec_set_pretend(CsExec *x, unsigned group, unsigned stream, bool on)
{
    CsStream *s = stream_at(x, group, stream);

    if (s) {
        s->pretend = on;
    }
}

void cs_exec_hang_endpoints(CsExec *x, unsigned group, unsigned stream,
                            bool on)
{
    CsStream *s = stream_at(x, group, stream);

    if (s) {
        s->hang = on;
    }
}

void cs_exec_set_progress_timeout(CsExec *x, int64_t ns)
{
    x->progress_timeout = ns > 0 ? ns : 0;
}

void cs_exec_set_as(CsExec *x, unsigned group, unsigned as)
{
    for (unsigned i = 0; i < x->cfg.streams; i++) {
        CsStream *s = stream_at(x, group, i);

        if (s) {
            s->as = (uint8_t)as;
        }
    }
}

/* Run the user's handler on top of the RUN_IDVS that got no memory. */
static bool enter_handler(CsStream *s)
{
    CsFrame *f;

    if (!s->handler_len || s->handler_va % 8 || s->handler_len % 8 ||
        s->in_handler || s->handler_done) {
        return false;
    }
    if (s->depth == CS_CALL_DEPTH_MAX) {
        return false;
    }
    f = &s->frame[s->depth++];
    f->pc = s->handler_va;
    f->end = s->handler_va + s->handler_len;
    s->in_handler = s->depth;
    return true;
}

void cs_exec_heap_reply(CsExec *x, unsigned group, unsigned stream,
                        uint64_t chunk, int64_t now)
{
    CsStream *s = stream_at(x, group, stream);

    if (!s || s->state != CS_OOM) {
        return;
    }
    s->clock = cs_max64(s->clock, now);
    s->events &= ~CS_EVENT_OOM;
    s->state = CS_RUNNING;
    s->blocked = CS_BLOCKED_NONE;
    s->wake = now;
    if (chunk & 0xfff) {
        s->heap_chunk = chunk;
    } else if (!enter_handler(s)) {
        cs_raise_fatal(s, GPU_EXC_OOM, 0, s->heap);
    }
}

/* ---- status ---- */

/*
 * From when all scoreboards in @mask are free; @queued: deferred instructions
 * that signal one of them have to be executed first, from that time.
 */
int64_t cs_sb_ready(const CsStream *s, uint16_t mask, bool *queued)
{
    int64_t t = 0;

    *queued = false;
    for (unsigned i = 0; mask >> i; i++) {
        if (mask >> i & 1) {
            t = cs_max64(t, s->sb_done[i]);
        }
    }
    for (unsigned i = 0; i < s->deferred_count; i++) {
        const CsDeferred *d = &s->deferred[i];

        if (cs_op(d->instr) != CS_OP_WAIT &&
            (mask >> cs_signal(d->instr) & 1)) {
            *queued = true;
            t = cs_max64(t, d->ready);
        }
    }
    return t;
}

void cs_exec_status(const CsExec *x, unsigned group, unsigned stream,
                    int64_t now, CsStreamStatus *status)
{
    const CsStream *s = stream_at(x, group, stream);

    memset(status, 0, sizeof(*status));
    if (!s) {
        return;
    }
    status->state = s->state;
    status->blocked = s->state == CS_RUNNING ? s->blocked : CS_BLOCKED_NONE;
    for (unsigned i = 0; i < x->cfg.scoreboards; i++) {
        if (s->sb_done[i] > now) {
            status->scoreboards |= 1u << i;
        }
    }
    for (unsigned i = 0; i < s->deferred_count; i++) {
        if (cs_op(s->deferred[i].instr) != CS_OP_WAIT) {
            status->scoreboards |= 1u << cs_signal(s->deferred[i].instr);
        }
    }
    status->empty = !s->depth && s->extract == cs_ring_end(s) &&
                    !status->scoreboards && !s->deferred_count &&
                    s->clock <= now;
    status->cmd_ptr = s->depth ? s->frame[s->depth - 1].pc :
                      s->ring_base + (s->extract & (s->ring_size - 1ull));
    status->extract = s->extract;
    status->wait_sb = s->wait_sb;
    status->sync_64 = s->sync_64;
    status->sync_cond = s->sync_cond;
    status->sync_va = s->sync_va;
    status->sync_value = s->sync_value;
    status->resources = s->resources;
    status->fault_type = s->fault_type;
    status->fault_data = s->fault_data;
    status->fault_info = s->fault_info;
    status->fatal_type = s->fatal_type;
    status->fatal_data = s->fatal_data;
    status->fatal_info = s->fatal_info;
    status->heap = s->heap;
    status->heap_vt_start = s->heap_vt_start;
    status->heap_vt_end = s->heap_vt_end;
    status->heap_frag_end = s->heap_frag_end;
}
