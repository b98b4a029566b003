/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the executor's files share:
 *   cs-exec.c       starting, stopping, events
 *   cs-exec-loop.c  the round over the streams, the loop over instructions
 *   cs-exec-ops.c   the instructions
 *   cs-exec-async.c those that wait for scoreboards and write for others
 *   cs-exec-mem.c   memory: fetch cache, loads, all-or-nothing stores
 *   cs-exec-heap.c  tiler heap
 *   cs-save.c       suspend buffers and the check after migration
 */
#ifndef MALI_CSF_CS_EXEC_INTERNAL_H
#define MALI_CSF_CS_EXEC_INTERNAL_H

#include "cs-exec.h"
#include "cs-isa.h"

#define CS_PAGE_SIZE 4096u
#define CS_PAGE_WORDS (CS_PAGE_SIZE / 8)
#define CS_FETCH_PAGES 8

/*
 * Host work of one cs_exec_run(), in simple instructions, shared evenly by
 * the streams that run; an instruction with a bus access counts for several.
 */
#define CS_RUN_WORK (1 << 20)
#define CS_RUN_WORK_MIN 64
#define CS_WORK_MEM 32

/* Events that a stop does not make obsolete. */
#define CS_EVENTS_LASTING (CS_EVENT_SYNC | CS_EVENT_FAULT | CS_EVENT_FATAL | \
                           CS_EVENT_OOM | CS_EVENT_PROTM)

/* Events that withdraw when the stream has something to do after all. */
#define CS_EVENTS_IDLE (CS_EVENT_EMPTY | CS_EVENT_BLOCKED)

/* Rounds over the waiting streams in one cs_exec_run(). */
#define CS_RUN_ROUNDS 16

/** struct CsPage - copy of a page of instructions, in host byte order. */
typedef struct CsPage {
    uint64_t va;
    uint8_t as;
    bool valid;
    uint64_t word[CS_PAGE_WORDS];
} CsPage;

/**
 * struct CsRun - one call of cs_exec_run()
 * @s:         the stream that is being executed.
 * @group:     its group.
 * @index:     its number in the group.
 * @limit:     virtual time at which its turn ends.
 * @work:      host work that is left to it in this call.
 * @woken:     its clock is at the time of the write that it waited for.
 * @wrote:     a SYNC_* or a progress counter changed in this round.
 * @wrote_at:  the latest virtual time of that.
 * @page:      instruction pages; hold good for this call only.
 */
typedef struct CsRun {
    CsExec *x;
    CsStream *s;
    unsigned group;
    unsigned index;
    int64_t limit;
    int64_t work;
    bool woken;
    bool wrote;
    int64_t wrote_at;
    CsPage page[CS_FETCH_PAGES];
} CsRun;

/**
 * enum CsStep - what becomes of the position after an instruction
 * @CS_STEP_NEXT:  go on with the next one.
 * @CS_STEP_MOVED: the instruction set the position itself.
 * @CS_STEP_AGAIN: the clock moved; look at deferred work, then execute the
 *                 same instruction again.
 * @CS_STEP_LEAVE: the stream's turn ends; position and state are set.
 */
typedef enum CsStep {
    CS_STEP_NEXT,
    CS_STEP_MOVED,
    CS_STEP_AGAIN,
    CS_STEP_LEAVE,
} CsStep;

static inline int64_t cs_later(int64_t t, int64_t ns)
{
    return t > CS_TIME_NEVER - 1 - ns ? CS_TIME_NEVER - 1 : t + ns;
}

static inline int64_t cs_max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t cs_min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline uint32_t cs_get_le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static inline uint64_t cs_get_le64(const uint8_t *p)
{
    return cs_get_le32(p) | (uint64_t)cs_get_le32(p + 4) << 32;
}

static inline void cs_put_le32(uint8_t *p, uint32_t v)
{
    p[0] = v;
    p[1] = v >> 8;
    p[2] = v >> 16;
    p[3] = v >> 24;
}

static inline void cs_put_le64(uint8_t *p, uint64_t v)
{
    cs_put_le32(p, (uint32_t)v);
    cs_put_le32(p + 4, (uint32_t)(v >> 32));
}

static inline uint64_t cs_pair(const CsStream *s, unsigned reg)
{
    return s->regs[reg] | (uint64_t)s->regs[reg + 1] << 32;
}

static inline void cs_set_pair(CsStream *s, unsigned reg, uint64_t v)
{
    s->regs[reg] = (uint32_t)v;
    s->regs[reg + 1] = (uint32_t)(v >> 32);
}

/* Position: a free-running ring offset at level 0, a VA in a CALL. */
static inline uint64_t cs_pos(const CsStream *s)
{
    return s->depth ? s->frame[s->depth - 1].pc : s->extract;
}

static inline void cs_set_pos(CsStream *s, uint64_t pos)
{
    if (s->depth) {
        s->frame[s->depth - 1].pc = pos;
    } else {
        s->extract = pos;
    }
}

static inline uint64_t cs_ring_end(const CsStream *s)
{
    return s->insert & ~7ull;
}

/* cs-exec.c */
void cs_post(CsStream *s, uint32_t event, int64_t at);
void cs_raise_fault(CsStream *s, uint32_t type, uint32_t data, uint64_t info);
void cs_raise_fatal(CsStream *s, uint32_t type, uint32_t data, uint64_t info);
int64_t cs_sb_ready(const CsStream *s, uint16_t mask, bool *queued);
bool cs_start_valid(const CsExec *x, const CsStart *start);

static inline CsStep cs_invalid(CsRun *r, uint64_t in)
{
    cs_raise_fatal(r->s, GPU_EXC_CS_INSTR_INVALID, 0, in);
    return CS_STEP_LEAVE;
}

static inline bool cs_bad_reg(const CsRun *r, unsigned reg)
{
    return reg >= r->x->cfg.regs;
}

static inline bool cs_bad_pair(const CsRun *r, unsigned reg)
{
    return (reg & 1) || reg >= r->x->cfg.regs;
}

/* cs-exec-ops.c: execute @in. */
CsStep cs_step(CsRun *r, uint64_t in);

/* cs-exec-async.c; cs_step_deferred() executes what is due. */
CsStep cs_step_deferred(CsRun *r);
CsStep cs_block(CsRun *r, CsBlocked why, int64_t wake);
uint16_t cs_valid_sbs(const CsRun *r, uint32_t mask);
CsStep cs_wait_until(CsRun *r, int64_t t, CsBlocked why);
CsStep cs_wait_sbs(CsRun *r, uint16_t mask);
bool cs_counts_progress(const CsRun *r, uint64_t in);
unsigned cs_heap_op(const CsRun *r, uint64_t in);
void cs_progress_set(CsRun *r, uint64_t value);
void cs_progress_add(CsRun *r);
CsSyncWrite *cs_recent_write(CsRun *r, uint64_t va);
CsStep cs_defer(CsRun *r, const CsDeferred *d);
CsStep cs_async(CsRun *r, uint64_t in, uint64_t addr, uint64_t data);

/*
 * cs-exec-mem.c.  A false result has already been acted upon: CS_FAULT raised,
 * or, if the bus stalled, the stream's clock is at the end of its turn.
 */

/** struct CsWrite - one of several writes that must happen together. */
typedef struct CsWrite {
    uint64_t va;
    uint32_t len;
    uint8_t data[32];
} CsWrite;

CsPage *cs_fetch_page(CsRun *r, uint64_t va);
void cs_fetch_drop(CsRun *r);
bool cs_load(CsRun *r, uint64_t va, void *buf, uint32_t len);
bool cs_store(CsRun *r, uint64_t va, const void *buf, uint32_t len);
bool cs_store_all(CsRun *r, const CsWrite *w, unsigned count);
bool cs_data_result(CsRun *r, CsBusResult result, uint64_t va);
CsStep cs_load_multiple(CsRun *r, uint64_t in);
CsStep cs_store_multiple(CsRun *r, uint64_t in);

/* cs-exec-heap.c */
CsStep cs_heap_consume(CsRun *r);
bool cs_heap_operation(CsRun *r, uint64_t heap, unsigned operation);
bool cs_heap_finish(CsRun *r, uint64_t heap, uint64_t first, uint64_t last,
                    bool count);

#endif /* MALI_CSF_CS_EXEC_INTERNAL_H */
