/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command-stream executor: life of a stream, events, and the loop.
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

static uint64_t ring_end(const CsStream *s)
{
    return s->insert & ~7ull;
}

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
    if (s->extract != ring_end(s)) {
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
    status->empty = !s->depth && s->extract == ring_end(s) &&
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

/* ---- the loop ---- */

/**
 * struct Window - the instructions at hand, a part of one page
 * @base: position that @word would have at index 0.
 */
typedef struct Window {
    const uint64_t *word;
    const uint64_t *low;
    const uint64_t *ip;
    const uint64_t *high;
    uint64_t base;
} Window;

/* Nothing left in the ring: tell, as soon as the scoreboards are free. */
static void ran_dry(CsStream *s)
{
    bool queued;
    int64_t t = cs_sb_ready(s, 0xffff, &queued);

    s->wake = CS_TIME_NEVER;
    if (s->idle != CS_IDLE_EMPTY && !s->deferred_count &&
        t != CS_TIME_NEVER) {
        s->idle = CS_IDLE_EMPTY;
        cs_post(s, CS_EVENT_EMPTY, cs_max64(s->clock, t));
    }
}

/* The innermost frame ran to its end. */
static void frame_return(CsStream *s)
{
    bool handler = s->in_handler == s->depth;

    s->depth--;
    if (handler) {
        s->in_handler = 0;
        s->handler_done = 1;          /* the RUN_IDVS below tries again */
    } else {
        cs_set_pos(s, cs_pos(s) + 8);
    }
}

/* Find the instructions at the position; false: the turn ends here. */
static bool window_open(CsRun *r, Window *w)
{
    CsStream *s = r->s;
    uint64_t va, left;
    unsigned index;
    CsPage *page;

    /*
     * A CALL stays in the ring until its body has ended.  A stream that was
     * restored in a body waits until the host has said again what is there.
     */
    if (s->depth && s->extract == ring_end(s)) {
        s->wake = CS_TIME_NEVER;
        return false;
    }
    while (s->depth && s->frame[s->depth - 1].pc >=
                       s->frame[s->depth - 1].end) {
        frame_return(s);
    }
    if (s->depth) {
        va = s->frame[s->depth - 1].pc;
        left = s->frame[s->depth - 1].end - va;
    } else {
        uint64_t offset = s->extract & (s->ring_size - 1ull);

        va = s->ring_base + offset;
        left = ring_end(s) - s->extract;
        if (!left) {
            ran_dry(s);
            return false;
        }
    }
    page = cs_fetch_page(r, va);
    if (!page) {
        return false;
    }
    index = (unsigned)(va % CS_PAGE_SIZE / 8);
    left /= 8;
    if (left > CS_PAGE_WORDS - index) {
        left = CS_PAGE_WORDS - index;
    }
    w->word = page->word;
    w->ip = page->word + index;
    w->high = w->ip + left;
    /* A CALL's range has no beginning to respect, the ring has. */
    w->low = s->depth ? w->word : w->ip;
    w->base = cs_pos(s) - index * 8;
    return true;
}

static bool branch_taken(unsigned cond, int32_t v)
{
    switch (cond) {
    case CS_COND_LE:
        return v <= 0;
    case CS_COND_GT:
        return v > 0;
    case CS_COND_EQ:
        return v == 0;
    case CS_COND_NE:
        return v != 0;
    case CS_COND_LT:
        return v < 0;
    case CS_COND_GE:
        return v >= 0;
    default:
        return true;
    }
}

/* Where an instruction stands in memory. */
static uint64_t address(const CsStream *s)
{
    return s->depth ? s->frame[s->depth - 1].pc :
           s->ring_base + (s->extract & (s->ring_size - 1ull));
}

/* Show the instruction at the position; false: it does not happen. */
static bool watch(CsRun *r, uint64_t in, bool *leave)
{
    CsStream *s = r->s;
    CsWatch v = r->x->bus->instruction(r->x->opaque, r->group, r->index, in,
                                       address(s));

    *leave = v.fault;
    if (!v.fault) {
        return !v.skip;
    }
    if (v.fatal) {
        cs_raise_fatal(s, v.type, v.data, v.info);
    } else {
        cs_raise_fault(s, v.type, v.data, v.info);
    }
    return false;
}

/*
 * Execute from the window until it, the time or the work is used up.  The
 * position of the stream is written back before anything can look at it.
 * Returns false when the stream's turn is over.
 */
static bool window_run(CsRun *r, Window *w)
{
    CsStream *s = r->s;
    const unsigned nregs = r->x->cfg.regs;
    const bool arith = r->x->cfg.arch_major >= 13;
    const uint32_t cost = r->x->cfg.instr_ns;
    const uint64_t *ip = w->ip;
    const uint64_t *const low = w->low;
    const uint64_t *const high = w->high;
    uint32_t *regs = s->regs;
    int64_t clock = s->clock;
    int64_t limit = r->limit;
    int64_t started = clock;
    CsStep step;

    if (s->deferred_count) {
        limit = cs_min64(limit, s->deferred[0].ready);
    }
    limit = cs_min64(limit, cs_later(clock, r->work * cost));

    while (ip < high && clock < limit) {
        uint64_t in = *ip;
        unsigned d = cs_dst(in);
        unsigned a = cs_src(in);

        if (r->x->watched) {
            bool leave;

            s->clock = clock;
            cs_set_pos(s, w->base + (uint64_t)((ip - w->word) * 8));
            if (!watch(r, in, &leave)) {
                if (leave) {
                    s->executed += (uint64_t)(clock - started) / cost;
                    r->work -= (clock - started) / cost + 1;
                    return false;
                }
                ip++;
                clock += cost;
                continue;
            }
        }
        switch (cs_op(in)) {
        case CS_OP_NOP:
            break;
        case CS_OP_MOVE48:
            if (d >= nregs || (d & 1)) {
                goto other;
            }
            regs[d] = (uint32_t)in;
            regs[d + 1] = (uint32_t)(in >> 32) & 0xffff;
            break;
        case CS_OP_MOVE32:
            if (d >= nregs) {
                goto other;
            }
            regs[d] = (uint32_t)in;
            break;
        case CS_OP_ARITH_IMM32:
            if (d >= nregs || a >= nregs || (arith && cs_src2(in))) {
                goto other;
            }
            regs[d] = regs[a] + (uint32_t)in;
            break;
        case CS_OP_ARITH_IMM64:
            if (d >= nregs || a >= nregs || ((d | a) & 1) ||
                (arith && cs_src2(in))) {
                goto other;
            }
            cs_set_pair(s, d, cs_pair(s, a) + (uint64_t)(int64_t)cs_imm32(in));
            break;
        case CS_OP_ARITH_REG32: {
            unsigned b = cs_src2(in);

            if (d >= nregs || a >= nregs || b >= nregs ||
                (arith && cs_bits(in, 24, 8))) {
                goto other;
            }
            regs[d] = regs[a] < regs[b] ? regs[a] : regs[b];
            break;
        }
        case CS_OP_BRANCH: {
            unsigned cond = cs_bits(in, 28, 3);
            int64_t off;

            if (a >= nregs || cond > CS_COND_ALWAYS) {
                goto other;
            }
            if (!branch_taken(cond, (int32_t)regs[a])) {
                break;
            }
            off = (int64_t)cs_offset(in) + 1;
            clock += cost;
            if (off >= low - ip && off < high - ip) {
                ip += off;
                continue;
            }
            /* Out of the window: the position says where to go on. */
            s->executed += (uint64_t)(clock - started) / cost;
            r->work -= (clock - started) / cost;
            s->clock = clock;
            cs_set_pos(s, w->base + (uint64_t)((ip - w->word + off) * 8));
            if (!s->depth && ring_end(s) - s->extract > s->ring_size) {
                cs_set_pos(s, w->base + (uint64_t)((ip - w->word) * 8));
                cs_raise_fatal(s, GPU_EXC_CS_INSTR_INVALID, 0, in);
                return false;
            }
            return true;
        }
        default:
            goto other;
        }
        ip++;
        clock += cost;
        continue;

other:
        s->executed += (uint64_t)(clock - started) / cost;
        r->work -= (clock - started) / cost + 1;
        s->clock = clock;
        cs_set_pos(s, w->base + (uint64_t)((ip - w->word) * 8));
        {
            int64_t mem = r->work;

            step = cs_step(r, in);
            mem -= r->work;
            if (step == CS_STEP_AGAIN) {
                return true;
            }
            if (step == CS_STEP_LEAVE) {
                return false;
            }
            s->clock = cs_later(s->clock, cost);
            if (mem) {
                s->clock = cs_later(s->clock, r->x->cfg.mem_ns);
            }
        }
        s->executed++;
        if (step == CS_STEP_NEXT) {
            cs_set_pos(s, cs_pos(s) + 8);
        }
        return true;
    }
    s->executed += (uint64_t)(clock - started) / cost;
    r->work -= (clock - started) / cost;
    s->clock = clock;
    cs_set_pos(s, w->base + (uint64_t)((ip - w->word) * 8));
    return true;
}

/* One turn of a stream: until its time or work is used up, or it waits. */
static void stream_run(CsRun *r)
{
    CsStream *s = r->s;
    Window w;

    s->blocked = CS_BLOCKED_NONE;
    s->met = CS_TIME_NEVER;
    for (;;) {
        s->wake = s->clock;
        if (s->deferred_count && s->deferred[0].ready <= s->clock) {
            if (cs_step_deferred(r) == CS_STEP_LEAVE) {
                break;
            }
            continue;
        }
        if (s->clock >= r->limit || r->work <= 0) {
            break;
        }
        if (!window_open(r, &w) || !window_run(r, &w)) {
            break;
        }
    }
    if (s->state != CS_RUNNING) {
        s->wake = CS_TIME_NEVER;
        return;
    }
    if (s->blocked == CS_BLOCKED_NONE && s->wake != CS_TIME_NEVER) {
        s->wake = s->clock;
    }
    if (s->deferred_count) {
        s->wake = cs_min64(s->wake, cs_max64(s->deferred[0].ready, s->clock));
    }
}

/* The same, and whoever watches hears of it. */
static void run_turn(CsRun *r)
{
    uint64_t before = r->s->executed;
    int64_t from = r->s->clock;

    stream_run(r);
    if (r->x->traced) {
        r->x->bus->ran(r->x->opaque, r->group, r->index, from,
                       r->s->executed - before);
    }
}

static bool waits_for_others(const CsStream *s)
{
    return s->blocked == CS_BLOCKED_SYNC || s->blocked == CS_BLOCKED_PROGRESS;
}

int64_t cs_exec_run(CsExec *x, int64_t now)
{
    const unsigned n = x->cfg.groups * x->cfg.streams;
    int64_t limit = cs_later(now, x->cfg.slice_ns);
    int64_t budget = CS_RUN_WORK, share;
    int64_t next = CS_TIME_NEVER;
    unsigned runnable = 0;
    CsRun r;

    for (unsigned i = 0; i < n; i++) {
        const CsStream *s = &x->stream[i];

        runnable += s->state == CS_RUNNING &&
                    (s->wake < limit || waits_for_others(s));
    }
    if (runnable) {
        r.x = x;
        r.limit = limit;
        r.wrote_at = now;
        cs_fetch_drop(&r);
        share = cs_max64(CS_RUN_WORK / runnable, CS_RUN_WORK_MIN);
    }
    for (unsigned round = 0; runnable && round < CS_RUN_ROUNDS; round++) {
        r.wrote = false;
        for (unsigned i = 0; i < n; i++) {
            CsStream *s = &x->stream[i];

            if (s->state != CS_RUNNING ||
                !((round == 0 && s->wake < limit) || waits_for_others(s))) {
                continue;
            }
            if (s->met != CS_TIME_NEVER) {
                s->clock = cs_max64(s->clock, s->met);
            } else {
                s->clock = cs_max64(s->clock, round ? r.wrote_at : now);
            }
            r.s = s;
            r.woken = s->met != CS_TIME_NEVER;
            r.group = i / x->cfg.streams;
            r.index = i % x->cfg.streams;
            r.work = cs_max64(cs_min64(share, budget), CS_RUN_WORK_MIN);
            budget -= r.work;
            run_turn(&r);
            budget += r.work;
        }
        if (!r.wrote) {
            break;
        }
    }

    for (unsigned i = 0; i < n; i++) {
        const CsStream *s = &x->stream[i];

        if (s->state == CS_RUNNING) {
            next = cs_min64(next, cs_min64(s->wake, s->met));
            if (runnable && r.wrote && waits_for_others(s)) {
                next = cs_min64(next, limit);
            }
        }
    }
    return cs_max64(next, now + 1);
}
