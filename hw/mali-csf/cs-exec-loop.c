/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command-stream executor: the round over the streams, and the loop over a
 * stream's instructions.
 */
#include <string.h>

#include "cs-exec-internal.h"

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
    if (s->depth && s->extract == cs_ring_end(s)) {
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
        left = cs_ring_end(s) - s->extract;
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
            if (!s->depth && cs_ring_end(s) - s->extract > s->ring_size) {
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
