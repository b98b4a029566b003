/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions that do more than move registers; those are executed in
 * the loop of cs-exec-loop.c.
 *
 * Which failure is which: an instruction that cannot be decoded, or not at
 * this place, is CS_FATAL CS_INSTR_INVALID (a register that does not exist, an
 * odd register for a pair, a scoreboard that does not exist, JUMP in the ring,
 * a CALL or JUMP range that is not made of whole instructions).  The INSTR_*
 * codes 0x50..0x55 of the exception list are those of shader programs and do
 * not occur here.  Data at an address that the bus refuses, or that is not
 * aligned as the instruction needs it, is CS_FAULT CS_BUS_FAULT.
 */
#include <string.h>

#include "cs-arith.h"
#include "cs-exec-internal.h"

/* ---- endpoints ---- */

static uint8_t endpoints_of(unsigned op)
{
    switch (op) {
    case CS_OP_RUN_COMPUTE:
    case CS_OP_RUN_COMPUTE_INDIRECT:
        return CS_ENDPOINT_COMPUTE;
    case CS_OP_RUN_FRAGMENT:
    case CS_OP_RUN_FRAGMENT2:
        return CS_ENDPOINT_FRAGMENT;
    case CS_OP_RUN_IDVS:
    case CS_OP_RUN_IDVS2:             /* vertices are shaded, then tiled */
        return CS_ENDPOINT_COMPUTE | CS_ENDPOINT_TILER;
    default:
        return CS_ENDPOINT_TILER;
    }
}

static const char *endpoint_name(unsigned op)
{
    uint8_t kinds = endpoints_of(op);

    return kinds & CS_ENDPOINT_TILER ? "tiler" :
           kinds & CS_ENDPOINT_FRAGMENT ? "fragment" : "compute";
}

/* Resources that a group gets at once, or never: it waits for the host. */
static CsStep req_resource(CsRun *r, uint64_t in)
{
    static const uint8_t kind[] = {
        CS_ENDPOINT_COMPUTE, CS_ENDPOINT_FRAGMENT, CS_ENDPOINT_TILER,
        CS_ENDPOINT_TILER, CS_ENDPOINT_COMPUTE,
    };
    CsStream *s = r->s;
    uint8_t need = 0;

    s->resources = cs_bits(in, 0, r->x->cfg.arch_major < 12 ? 4 : 5);
    for (unsigned i = 0; i < sizeof(kind); i++) {
        if (s->resources >> i & 1) {
            need |= kind[i];
        }
    }
    return need & s->lacks ? cs_block(r, CS_BLOCKED_RESOURCE, CS_TIME_NEVER)
                           : CS_STEP_NEXT;
}

static CsStep run_endpoint(CsRun *r, uint64_t in, bool tiler)
{
    CsStream *s = r->s;
    unsigned sb = s->sb_endpoint;
    bool count = cs_counts_progress(r, in);
    int64_t done;

    if (endpoints_of(cs_op(in)) & s->lacks) {
        return cs_block(r, CS_BLOCKED_RESOURCE, CS_TIME_NEVER);
    }
    if (count && s->deferred_count == CS_DEFERRED_MAX) {
        return cs_wait_until(r, s->deferred[0].ready, CS_BLOCKED_DEFERRED);
    }
    if (tiler) {
        CsStep step = cs_heap_consume(r);

        if (step != CS_STEP_NEXT) {
            return step;
        }
        s->handler_done = 0;
    }
    done = s->hang ? CS_TIME_NEVER :
           cs_later(s->clock, r->x->cfg.endpoint_ns);
    s->sb_done[sb] = cs_max64(s->sb_done[sb], done);
    if (r->x->traced) {
        r->x->bus->busy(r->x->opaque, r->group, r->index,
                        endpoint_name(cs_op(in)), sb, s->clock, done);
    }
    if (r->x->progress_timeout &&
        done > cs_later(s->clock, r->x->progress_timeout)) {
        cs_post(s, CS_EVENT_PROGRESS,
                cs_later(s->clock, r->x->progress_timeout));
    }
    if (count) {
        CsDeferred d = { .instr = (uint64_t)CS_OP_WAIT << 56, .ready = done };

        return cs_defer(r, &d);
    }
    return CS_STEP_NEXT;
}

/* ---- waiting for others ---- */

static CsStep sync_wait(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    bool is64 = cs_op(in) == CS_OP_SYNC_WAIT64;
    const CsSyncWrite *write;
    unsigned cond = cs_bits(in, 28, 4);
    uint32_t size = is64 ? 8 : 4;
    uint64_t va, ref, value;
    uint8_t b[12];
    bool met, queued;
    int64_t t;

    if (cs_bad_pair(r, cs_src(in)) || cond > CS_COND_GT ||
        (is64 ? cs_bad_pair(r, cs_src2(in)) : cs_bad_reg(r, cs_src2(in)))) {
        return cs_invalid(r, in);
    }
    va = cs_pair(s, cs_src(in));
    ref = is64 ? cs_pair(s, cs_src2(in)) : s->regs[cs_src2(in)];
    if (va % size) {
        cs_data_result(r, CS_BUS_FAULT, va);
        return CS_STEP_LEAVE;
    }
    s->sync_va = va;
    s->sync_value = ref;
    s->sync_64 = is64;
    s->sync_cond = (uint8_t)cond;
    s->sync_reject = in & 1;
    /* A stream that ran ahead has written it: not before that time. */
    write = cs_recent_write(r, va);
    if (!r->woken && write->va == va && write->as == s->as &&
        write->time > s->clock) {
        return cs_wait_until(r, write->time, CS_BLOCKED_SYNC);
    }
    r->woken = false;
    if (!cs_load(r, va, b, size + 4)) {
        return CS_STEP_LEAVE;
    }
    value = is64 ? cs_get_le64(b) : cs_get_le32(b);
    met = cond == CS_COND_GT ? value > ref : value <= ref;
    if (met) {
        if (s->idle == CS_IDLE_BLOCKED) {
            if (s->events & CS_EVENT_BLOCKED) {
                s->events &= ~CS_EVENT_BLOCKED;
            } else {
                cs_post(s, CS_EVENT_RUNNABLE, s->clock);
            }
            s->idle = CS_IDLE_NONE;
        }
        if (cs_get_le32(b + size) && !(in & 1)) {
            cs_raise_fault(s, GPU_EXC_CS_INHERIT_FAULT, 0, va);
            return CS_STEP_LEAVE;
        }
        return CS_STEP_NEXT;
    }

    t = cs_sb_ready(s, 0xffff, &queued);
    if (s->idle != CS_IDLE_BLOCKED && !queued && t != CS_TIME_NEVER) {
        s->idle = CS_IDLE_BLOCKED;
        cs_post(s, CS_EVENT_BLOCKED, cs_max64(s->clock, t));
    }
    return cs_block(r, CS_BLOCKED_SYNC, CS_TIME_NEVER);
}

/* The counter of a queue of this group; one that it has not stays 0. */
static uint64_t progress_of(const CsRun *r, unsigned queue)
{
    const CsExec *x = r->x;

    return queue < x->cfg.streams ?
           x->stream[r->group * x->cfg.streams + queue].progress : 0;
}

static CsStep progress_wait(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    unsigned queue = cs_bits(in, 0, 5);

    if (cs_bad_pair(r, cs_src(in))) {
        return cs_invalid(r, in);
    }
    s->progress_queue = (uint8_t)queue;
    s->progress_value = cs_pair(s, cs_src(in));
    if (progress_of(r, queue) >= s->progress_value) {
        return CS_STEP_NEXT;
    }
    return cs_block(r, CS_BLOCKED_PROGRESS, CS_TIME_NEVER);
}

/* ---- control flow ---- */

static CsStep call(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    bool jump = cs_op(in) == CS_OP_JUMP;
    uint64_t va;
    uint32_t len;
    CsFrame *f;

    if (cs_bad_pair(r, cs_src(in)) || cs_bad_reg(r, cs_src2(in)) ||
        (jump && !s->depth)) {
        return cs_invalid(r, in);
    }
    if (!s->depth && s->pretend) {
        return CS_STEP_NEXT;
    }
    va = cs_pair(s, cs_src(in));
    len = s->regs[cs_src2(in)];
    if (va % 8 || len % 8) {
        return cs_invalid(r, in);
    }
    if (!jump) {
        if (!len) {
            return CS_STEP_NEXT;
        }
        if (s->depth == CS_CALL_DEPTH_MAX) {
            cs_raise_fatal(s, GPU_EXC_CS_CALL_STACK_OVERFLOW, 0, va);
            return CS_STEP_LEAVE;
        }
        s->depth++;
    }
    f = &s->frame[s->depth - 1];
    f->pc = va;
    f->end = va + len;
    return CS_STEP_MOVED;
}

static CsStep set_handler(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;

    if (cs_bad_pair(r, cs_src(in)) || cs_bad_reg(r, cs_src2(in)) ||
        cs_bits(in, 0, 8) != CS_EXCEPTION_TILER_OOM) {
        return cs_invalid(r, in);
    }
    s->handler_va = cs_pair(s, cs_src(in));
    s->handler_len = s->regs[cs_src2(in)];
    return CS_STEP_NEXT;
}

/* ---- v11 and later ---- */

static CsStep logic_op32(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    uint32_t b;

    if (cs_bad_reg(r, cs_dst(in)) || cs_bad_reg(r, cs_src(in)) ||
        cs_bad_reg(r, cs_src2(in))) {
        return cs_invalid(r, in);
    }
    b = s->regs[cs_src2(in)];
    if (in >> 4 & 1) {
        b = 1u << (b & 31);
    }
    s->regs[cs_dst(in)] = cs_logic_op(in & 15, s->regs[cs_src(in)], b);
    return CS_STEP_NEXT;
}

/* The forms of ARITH_* that cs-exec-loop.c does not execute itself. */
static CsStep arith(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    unsigned op = cs_op(in);
    bool is64 = op == CS_OP_ARITH_IMM64 || op == CS_OP_ARITH_REG64;
    bool imm = op == CS_OP_ARITH_IMM32 || op == CS_OP_ARITH_IMM64;
    unsigned d = cs_dst(in), a = cs_src(in), b = imm ? a : cs_src2(in);
    unsigned bits = is64 ? 64 : 32;
    uint64_t va, vb, out;
    bool known;

    if (r->x->cfg.arch_major < 13 ||
        (is64 ? cs_bad_pair(r, d) || cs_bad_pair(r, a) || cs_bad_pair(r, b) :
         cs_bad_reg(r, d) || cs_bad_reg(r, a) || cs_bad_reg(r, b))) {
        return cs_invalid(r, in);
    }
    va = is64 ? cs_pair(s, a) : s->regs[a];
    vb = is64 ? cs_pair(s, b) : s->regs[b];
    known = imm ? cs_arith_imm(cs_src2(in), bits, va, cs_imm32(in), &out) :
            cs_arith_reg(cs_bits(in, 24, 8), bits, va, vb,
                         cs_bits(in, 0, 24), &out);
    if (!known) {
        return cs_invalid(r, in);
    }
    if (is64) {
        cs_set_pair(s, d, out);
    } else {
        s->regs[d] = (uint32_t)out;
    }
    return CS_STEP_NEXT;
}

static CsStep set_state(CsRun *r, uint64_t in, unsigned state, uint32_t value)
{
    CsStream *s = r->s;
    unsigned sbs = r->x->cfg.scoreboards;

    if (state <= CS_SET_SB_DEFERRED && value >= sbs) {
        return cs_invalid(r, in);
    }
    switch (state) {
    case CS_SET_SB_ENDPOINT:
        s->sb_endpoint = (uint8_t)value;
        break;
    case CS_SET_SB_OTHER:
        s->sb_other = (uint8_t)value;
        break;
    case CS_SET_SB_DEFERRED:
        s->sb_deferred = (uint8_t)value;
        break;
    case CS_SET_MASK_STREAM:
        s->sb_mask_stream = cs_valid_sbs(r, value);
        break;
    case CS_SET_MASK_WAIT:
        s->sb_mask_wait = cs_valid_sbs(r, value);
        break;
    default:
        return cs_invalid(r, in);
    }
    return CS_STEP_NEXT;
}

/* The next free entry of those that SB_MASK_STREAM names, round robin. */
static CsStep next_sb_entry(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    unsigned sbs = r->x->cfg.scoreboards;
    unsigned type = cs_bits(in, 32, 4);
    uint8_t *slot;
    unsigned next;

    switch (type) {
    case CS_SB_ENDPOINT:
        slot = &s->sb_endpoint;
        break;
    case CS_SB_OTHER:
        slot = &s->sb_other;
        break;
    case CS_SB_NO_CHANGE:
    case CS_SB_DEFERRED:
        slot = &s->sb_deferred;
        break;
    default:
        return cs_invalid(r, in);
    }
    if (cs_bad_reg(r, cs_dst(in))) {
        return cs_invalid(r, in);
    }
    next = *slot;
    if (s->sb_mask_stream) {
        do {
            next = (next + 1) % sbs;
        } while (!(s->sb_mask_stream >> next & 1));
    }
    if (type != CS_SB_NO_CHANGE) {
        *slot = (uint8_t)next;
    }
    s->regs[cs_dst(in)] = cs_bits(in, 36, 1) ? 1u << next : next;
    return CS_STEP_NEXT;
}

/* ---- the rest ---- */

/* What the error state leaves out: work, and whatever could fail or wait. */
static bool skipped_in_error(unsigned op)
{
    switch (op) {
    case CS_OP_RUN_COMPUTE:
    case CS_OP_RUN_COMPUTE_INDIRECT:
    case CS_OP_RUN_TILING:
    case CS_OP_RUN_IDVS:
    case CS_OP_RUN_IDVS2:
    case CS_OP_RUN_FRAGMENT:
    case CS_OP_RUN_FRAGMENT2:
    case CS_OP_RUN_FULLSCREEN:
    case CS_OP_FINISH_TILING:
    case CS_OP_FINISH_FRAGMENT:
    case CS_OP_LOAD_MULTIPLE:
    case CS_OP_STORE_MULTIPLE:
    case CS_OP_HEAP_OPERATION:
    case CS_OP_SYNC_WAIT32:
    case CS_OP_SYNC_WAIT64:
    case CS_OP_PROGRESS_WAIT:
    case CS_OP_CALL:
        return true;
    default:
        return false;
    }
}

static CsStep wait_instr(CsRun *r, uint64_t in)
{
    unsigned arch = r->x->cfg.arch_major;
    uint32_t mask = arch < 12 ? cs_bits(in, 16, 8) : cs_mask(in);
    CsStep step;

    if (arch >= 12 && (in >> 33 & 1)) {
        mask = r->s->sb_mask_wait;
    }
    step = cs_wait_sbs(r, cs_valid_sbs(r, mask));
    if (step == CS_STEP_NEXT && cs_counts_progress(r, in)) {
        cs_progress_add(r);
    }
    return step;
}

static CsStep error_barrier(CsRun *r)
{
    CsStep step = cs_wait_sbs(r, 0xffff);

    if (step == CS_STEP_NEXT) {
        r->s->in_error = 0;
    }
    return step;
}

static CsStep sync_instr(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    unsigned op = cs_op(in);
    bool is64 = op == CS_OP_SYNC_ADD64 || op == CS_OP_SYNC_SET64;

    if (cs_bad_pair(r, cs_src(in)) ||
        (is64 ? cs_bad_pair(r, cs_src2(in)) : cs_bad_reg(r, cs_src2(in)))) {
        return cs_invalid(r, in);
    }
    return cs_async(r, in, cs_pair(s, cs_src(in)),
                 is64 ? cs_pair(s, cs_src2(in)) : s->regs[cs_src2(in)]);
}

CsStep cs_step(CsRun *r, uint64_t in)
{
    CsStream *s = r->s;
    unsigned arch = r->x->cfg.arch_major;
    unsigned op = cs_op(in);

    if (s->in_error && skipped_in_error(op)) {
        return CS_STEP_NEXT;
    }
    switch (op) {
    case CS_OP_WAIT:
        return wait_instr(r, in);

    case CS_OP_RUN_TILING:
        return arch == 10 ? run_endpoint(r, in, false) : cs_invalid(r, in);
    case CS_OP_RUN_IDVS:
        return arch < 12 ? run_endpoint(r, in, true) : cs_invalid(r, in);
    case CS_OP_RUN_IDVS2:
        return arch >= 12 ? run_endpoint(r, in, true) : cs_invalid(r, in);
    case CS_OP_RUN_FRAGMENT:
        return arch < 14 ? run_endpoint(r, in, false) : cs_invalid(r, in);
    case CS_OP_RUN_FRAGMENT2:
        return arch >= 14 ? run_endpoint(r, in, false) : cs_invalid(r, in);
    case CS_OP_RUN_COMPUTE:
    case CS_OP_RUN_COMPUTE_INDIRECT:
    case CS_OP_RUN_FULLSCREEN:
    case CS_OP_FINISH_TILING:
        return run_endpoint(r, in, false);

    case CS_OP_FINISH_FRAGMENT:
        if (cs_bad_pair(r, cs_src(in)) || cs_bad_pair(r, cs_src2(in))) {
            return cs_invalid(r, in);
        }
        return cs_async(r, in, cs_pair(s, cs_src(in)), cs_pair(s, cs_src2(in)));

    case CS_OP_ARITH_IMM32:
    case CS_OP_ARITH_IMM64:
    case CS_OP_ARITH_REG32:
    case CS_OP_ARITH_REG64:
        return arith(r, in);
    case CS_OP_LOGIC_OP32:
        return arch >= 11 ? logic_op32(r, in) : cs_invalid(r, in);
    case CS_OP_LOAD_MULTIPLE:
        return cs_load_multiple(r, in);
    case CS_OP_STORE_MULTIPLE:
        return cs_store_multiple(r, in);

    case CS_OP_SET_SB_ENTRY:
        if (cs_bits(in, 0, 4) >= r->x->cfg.scoreboards ||
            cs_bits(in, 4, 4) >= r->x->cfg.scoreboards) {
            return cs_invalid(r, in);
        }
        s->sb_endpoint = (uint8_t)cs_bits(in, 0, 4);
        s->sb_other = (uint8_t)cs_bits(in, 4, 4);
        return CS_STEP_NEXT;

    case CS_OP_PROGRESS_WAIT:
        return arch < 14 ? progress_wait(r, in) : cs_invalid(r, in);
    case CS_OP_PROGRESS_STORE:
        if (arch >= 14 || cs_bad_pair(r, cs_src(in))) {
            return cs_invalid(r, in);
        }
        cs_progress_set(r, cs_pair(s, cs_src(in)));
        return CS_STEP_NEXT;
    case CS_OP_PROGRESS_LOAD:
        if (arch >= 14 || cs_bad_pair(r, cs_dst(in))) {
            return cs_invalid(r, in);
        }
        cs_set_pair(s, cs_dst(in), s->progress);
        return CS_STEP_NEXT;

    case CS_OP_SET_EXCEPTION_HANDLER:
        return set_handler(r, in);
    case CS_OP_NEXT_SB_ENTRY:
        return arch >= 11 ? next_sb_entry(r, in) : cs_invalid(r, in);
    case CS_OP_SET_STATE:
        if (arch < 11 || cs_bad_reg(r, cs_src(in))) {
            return cs_invalid(r, in);
        }
        return set_state(r, in, cs_src2(in), s->regs[cs_src(in)]);
    case CS_OP_SET_STATE_IMM32:
        return arch >= 11 ? set_state(r, in, cs_src2(in), (uint32_t)in)
                          : cs_invalid(r, in);
    case CS_OP_SHARED_SB_INC:
    case CS_OP_SHARED_SB_DEC:
        if (arch < 11) {
            return cs_invalid(r, in);
        }
        if (cs_counts_progress(r, in)) {
            cs_progress_add(r);
        }
        return CS_STEP_NEXT;

    case CS_OP_CALL:
    case CS_OP_JUMP:
        return call(r, in);

    case CS_OP_REQ_RESOURCE:
        return req_resource(r, in);

    case CS_OP_FLUSH_CACHE2:
        if (cs_bad_reg(r, cs_src(in))) {
            return cs_invalid(r, in);
        }
        return cs_async(r, in, 0, s->regs[cs_src(in)]);
    case CS_OP_SYNC_ADD32:
    case CS_OP_SYNC_SET32:
    case CS_OP_SYNC_ADD64:
    case CS_OP_SYNC_SET64:
        return sync_instr(r, in);
    case CS_OP_SYNC_WAIT32:
    case CS_OP_SYNC_WAIT64:
        return sync_wait(r, in);
    case CS_OP_STORE_STATE:
        if (cs_bad_pair(r, cs_src(in))) {
            return cs_invalid(r, in);
        }
        return cs_async(r, in, cs_pair(s, cs_src(in)) + (int64_t)cs_offset(in),
                     0);
    case CS_OP_PROT_REGION:
        cs_post(s, CS_EVENT_PROTM, s->clock);
        return CS_STEP_NEXT;
    case CS_OP_ERROR_BARRIER:
        return error_barrier(r);

    case CS_OP_HEAP_SET:
        if (cs_bad_pair(r, cs_src(in))) {
            return cs_invalid(r, in);
        }
        s->heap = cs_pair(s, cs_src(in));
        return CS_STEP_NEXT;
    case CS_OP_HEAP_OPERATION:
        return cs_heap_op(r, in) == 2 || cs_heap_op(r, in) > CS_HEAP_FRAG_END ?
               cs_invalid(r, in) : cs_async(r, in, 0, 0);
    case CS_OP_TRACE_POINT:
        return cs_async(r, in, 0, 0);
    case CS_OP_ENOP:
        return arch >= 14 ? CS_STEP_NEXT : cs_invalid(r, in);
    default:
        return cs_invalid(r, in);
    }
}
