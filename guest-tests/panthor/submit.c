/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GROUP_SUBMIT: jobs reach the device, in order, and come back.
 */
#include <errno.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

typedef struct drm_panthor_queue_submit Submit;
typedef struct drm_panthor_sync_op SyncOp;

/* Ring bytes that a job takes (panthor_sched.c: prepare_job_instrs()). */
#define JOB_RING_BYTES 128

/* Words of the data buffer with a meaning; 1024.. are for results. */
#define W_COUNTER 0
#define W_GATE 4
#define W_RESULT 1024

static void submit_single(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32() | 1;

    cs_put32(&e->cs, e->data.va, value);
    tap_errno(exec_submit(e), 0, "submit");
    tap_errno(exec_done(e), 0, "its fence signals without error");
    tap_eq(exec_word(e, 0), value, "the stream stored its value");
    tap_eq(exec_word(e, 1), 0, "and nothing else");
    exec_close(e);
}

/* One job from a good start that @edit spoils. */
#define REFUSED(err, what, edit) do {                                        \
        Submit q = good;                                                     \
        edit;                                                                \
        tap_errno(px_submit_n(e->p, e->group, &q, 1), err, "%s", what);      \
    } while (0)

static void submit_bad_args(void)
{
    Exec *e = exec_open();
    uint32_t empty = px_syncobj(e->p, false);
    SyncOp op = sync_signal_op(e->sync);
    Submit good = {
        .stream_addr = e->code.va,
        .syncs = DRM_PANTHOR_OBJ_ARRAY(1, &op),
    };
    struct drm_panthor_group_submit g = {
        .group_handle = e->group, .pad = 1,
        .queue_submits = DRM_PANTHOR_OBJ_ARRAY(1, &good),
    };

    cs_put32(&e->cs, e->data.va, 1);
    good.stream_size = cs_bytes(&e->cs);
    tap_errno(px_ioctl(e->p, DRM_IOCTL_PANTHOR_GROUP_SUBMIT, &g), -EINVAL,
              "padding of the call");
    REFUSED(-EINVAL, "padding of a job", q.pad = 1);
    REFUSED(-EINVAL, "an address without size", q.stream_size = 0);
    REFUSED(-EINVAL, "a size without address", q.stream_addr = 0);
    REFUSED(-EINVAL, "an address off by 8", q.stream_addr += 8);
    REFUSED(-EINVAL, "a size off by 4", q.stream_size -= 4);
    REFUSED(-EINVAL, "bit 24 of the flush ID", q.latest_flush = 1u << 24);
    REFUSED(-EINVAL, "bit 30 of the flush ID", q.latest_flush = 1u << 30);
    REFUSED(-EINVAL, "a queue that is not", q.queue_index = 1);
    REFUSED(-EINVAL, "stride of syncs too small", q.syncs.stride = 8);
    REFUSED(-EFAULT, "syncs nowhere", q.syncs.array = 8);
    tap_errno(px_submit_n(e->p, 99, &good, 1), -EINVAL, "no group");

    op = sync_wait_op(0x777);
    REFUSED(-ENOENT, "wait for no sync object", (void)q);
    op = sync_wait_op(empty);
    REFUSED(-EINVAL, "wait for one without a fence", (void)q);
    op = sync_signal_op(e->sync);
    op.timeline_value = 1;
    REFUSED(-EINVAL, "a point of a binary object", (void)q);
    op = sync_signal_op(e->sync);
    op.flags |= 2;
    REFUSED(-EINVAL, "unknown type of sync object", (void)q);
    op = sync_signal_op(e->sync);
    op.flags |= 1u << 16;
    REFUSED(-EINVAL, "unknown flag of a sync op", (void)q);
    tap_errno(px_submit_n(e->p, e->group, &good, 0), 0, "no jobs at all");
    tap_eq(exec_word(e, 0), 0, "none of these ran");
    tap_errno(exec_run(e), 0, "a good one does");
    tap_eq(exec_word(e, 0), 1, "and stores");
    exec_close(e);
}

/* Stores the running number of the job: value of the counter before it. */
static void numbered(Cs *cs, Exec *e, unsigned i)
{
    cs_move48(cs, R_ADDR, exec_va(e, W_COUNTER));
    cs_load(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
    cs_move48(cs, R_TMP, exec_va(e, W_RESULT + i));
    cs_store(cs, R_DATA, R_TMP, 1, 0);
    cs_wait(cs, ALL_SB);
    cs_add_imm32(cs, R_DATA, R_DATA, 1);
    cs_store(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
}

static unsigned out_of_order(Exec *e, unsigned nr, unsigned first)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < nr; i++) {
        wrong += exec_word(e, W_RESULT + i) != first + i;
    }
    return wrong;
}

/* Waits until word W_GATE is above 0. */
static void gate(Cs *cs, Exec *e)
{
    cs_move48(cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(cs, R_DATA, 0);
    cs_sync_wait32(cs, R_ADDR, R_DATA, CS_GT, true);
}

static void open_gate(Cs *cs, Exec *e)
{
    cs_move48(cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(cs, R_DATA, 1);
    cs_sync_set32(cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
}

/* Many more jobs than a small ring holds, one stream for each in turn. */
static void submit_ring_wrap(void)
{
    enum { ROUNDS = 5, NR = 48 };
    Exec *e = exec_open();
    uint32_t first = rng_u32() & 0xffff;
    unsigned wrong = 0;
    unsigned failed = 0;

    exec_put(e, W_COUNTER, first);
    for (unsigned r = 0; r < ROUNDS; r++) {
        for (unsigned i = 0; i < NR; i++) {
            Stream s = exec_stream(e, i);

            numbered(&s.cs, e, i);
            failed += exec_go(e, e->group, 0, &s, 0,
                              i == NR - 1 ? e->sync : 0) != 0;
        }
        failed += exec_done(e) != 0;
        wrong += out_of_order(e, NR, first + r * NR);
    }
    tap_eq(failed, 0, "%u jobs through a ring of %u complete", ROUNDS * NR,
           (unsigned)(4 * KiB / JOB_RING_BYTES));
    tap_eq(wrong, 0, "each ran once and in order");
    tap_eq(exec_word(e, W_COUNTER), first + ROUNDS * NR, "and no more");
    exec_close(e);
}

/* Jobs behind a closed gate on queue 0; queue 1 opens it. */
static void behind_gate(uint32_t ring, unsigned nr)
{
    Exec *e = exec_open_queues(2, ring);
    uint32_t open = px_syncobj(e->p, false);
    uint32_t first = rng_u32() & 0xffff;
    unsigned failed = 0;
    Stream opener;

    exec_put(e, W_COUNTER, first);
    for (unsigned i = 0; i < nr; i++) {
        Stream s = exec_stream(e, i);

        if (!i) {
            gate(&s.cs, e);
        }
        numbered(&s.cs, e, i);
        failed += exec_go(e, e->group, 0, &s, 0, i == nr - 1 ? e->sync : 0) !=
                  0;
    }
    tap_eq(failed, 0, "%u jobs are submitted before one can run", nr);
    sleep_ms(30);
    tap_eq(exec_word(e, W_COUNTER), first, "none has run");
    tap_errno(px_fence_error(e->p, e->sync), -EBUSY,
              "the last one's fence is not signalled");
    opener = exec_stream(e, nr);
    open_gate(&opener.cs, e);
    tap_errno(exec_go(e, e->group, 1, &opener, 0, open), 0,
              "the other queue opens the gate");
    tap_errno(exec_finish(e, open), 0, "it is open");
    tap_errno(exec_done(e), 0, "all complete");
    tap_eq(exec_word(e, W_COUNTER), first + nr, "each ran once");
    tap_eq(out_of_order(e, nr, first), 0, "in order");
    exec_close(e);
}

static void submit_backpressure(void)
{
    behind_gate(4 * KiB, 75);
}

static void submit_in_flight(void)
{
    behind_gate(64 * KiB, 64);
}

static void submit_queues(void)
{
    enum { QUEUES = 8, JOBS = 7 };
    Exec *e = exec_open_queues(QUEUES, 4 * KiB);
    uint32_t sync[QUEUES];
    uint32_t value[QUEUES][JOBS];
    unsigned failed = 0;
    unsigned wrong = 0;

    for (unsigned q = 0; q < QUEUES; q++) {
        sync[q] = px_syncobj(e->p, false);
    }
    for (unsigned j = 0; j < JOBS; j++) {
        for (unsigned q = 0; q < QUEUES; q++) {
            Stream s = exec_stream(e, q * JOBS + j);

            value[q][j] = rng_u32();
            cs_count(&s.cs, exec_va(e, 16 * q));
            cs_put32(&s.cs, exec_va(e, W_RESULT + q * JOBS + j),
                     value[q][j]);
            failed += exec_go(e, e->group, q, &s, 0, sync[q]) != 0;
        }
    }
    failed += px_wait_all(e->p, sync, QUEUES, PX_WAIT_MS) != 0;
    tap_eq(failed, 0, "eight queues with seven jobs each complete");
    for (unsigned q = 0; q < QUEUES; q++) {
        wrong += exec_word(e, 16 * q) != JOBS;
        for (unsigned j = 0; j < JOBS; j++) {
            wrong += exec_word(e, W_RESULT + q * JOBS + j) != value[q][j];
        }
    }
    tap_eq(wrong, 0, "each did its own work");
    exec_close(e);
}

/*
 * Link @i of a chain adds i + 1 to a word and keeps the sum: the sums tell in
 * which order the links ran.
 */
static void chain_link(Cs *cs, Exec *e, unsigned i, unsigned spin)
{
    cs_spin(cs, R_TMP, spin);
    cs_move48(cs, R_ADDR, exec_va(e, W_COUNTER));
    cs_load(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
    cs_add_imm32(cs, R_DATA, R_DATA, i + 1);
    cs_move48(cs, R_TMP, exec_va(e, W_RESULT + i));
    cs_store(cs, R_DATA, R_TMP, 1, 0);
    cs_store(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
}

static unsigned chain_wrong(Exec *e, unsigned nr, uint32_t start)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < nr; i++) {
        start += i + 1;
        wrong += exec_word(e, W_RESULT + i) != start;
    }
    return wrong;
}

static void submit_deps_binary(void)
{
    enum { NR = 24, QUEUES = 4 };
    Exec *e = exec_open_queues(QUEUES, 4 * KiB);
    uint32_t start = rng_u32();
    uint32_t sync[NR];
    unsigned failed = 0;

    exec_put(e, W_COUNTER, start);
    for (unsigned i = 0; i < NR; i++) {
        Stream s = exec_stream(e, i);

        sync[i] = px_syncobj(e->p, false);
        /* The earlier, the slower: without fences the order would turn. */
        chain_link(&s.cs, e, i, 1 + (NR - i) * 40);
        failed += exec_go(e, e->group, i % QUEUES, &s, i ? sync[i - 1] : 0,
                          sync[i]) != 0;
    }
    tap_eq(failed, 0, "24 jobs on four queues, each waits for the last");
    tap_errno(exec_finish(e, sync[NR - 1]), 0, "the last completes");
    tap_eq(chain_wrong(e, NR, start), 0, "they ran one after the other");
    exec_close(e);
}

static void submit_deps_timeline(void)
{
    enum { NR = 16 };
    Exec *e = exec_open_queues(2, 4 * KiB);
    uint32_t line = px_syncobj(e->p, false);
    uint32_t start = rng_u32();
    unsigned failed = 0;
    uint64_t point = 0;

    exec_put(e, W_COUNTER, start);
    for (unsigned i = 0; i < NR; i++) {
        Stream s = exec_stream(e, i);
        SyncOp ops[2] = {
            sync_signal_point_op(line, 10 * (i + 1)),
            sync_wait_point_op(line, 10 * i),
        };

        chain_link(&s.cs, e, i, 1 + (NR - i) * 40);
        failed += px_submit(e->p, e->group, i % 2, s.va, cs_bytes(&s.cs), ops,
                            i ? 2 : 1) != 0;
    }
    tap_eq(failed, 0, "16 jobs along one timeline");
    tap_errno(px_wait_point(e->p, line, 10 * NR, PX_WAIT_MS), 0,
              "its last point comes");
    tap_errno(px_timeline_value(e->p, line, &point), 0, "query");
    tap_eq(point, 10 * NR, "that is where it stands");
    tap_eq(chain_wrong(e, NR, start), 0, "they ran one after the other");
    exec_close(e);
}

static void submit_deps_groups(void)
{
    enum { NR = 18, GROUPS = 6 };
    Exec *e = exec_open();
    uint32_t start = rng_u32();
    uint32_t group[GROUPS];
    uint32_t sync[NR];
    unsigned failed = 0;

    for (unsigned g = 0; g < GROUPS; g++) {
        group[g] = px_group(e->p, e->vm, 1, 4 * KiB);
    }
    exec_put(e, W_COUNTER, start);
    for (unsigned i = 0; i < NR; i++) {
        Stream s = exec_stream(e, i);

        sync[i] = px_syncobj(e->p, false);
        chain_link(&s.cs, e, i, 1 + (NR - i) * 40);
        failed += exec_go(e, group[i % GROUPS], 0, &s, i ? sync[i - 1] : 0,
                          sync[i]) != 0;
    }
    tap_eq(failed, 0, "18 jobs over six groups, each waits for the last");
    tap_errno(exec_finish(e, sync[NR - 1]), 0, "the last completes");
    tap_eq(chain_wrong(e, NR, start), 0, "they ran one after the other");
    exec_close(e);
}

/* Jobs of one call that depend on each other. */
static void submit_batch(void)
{
    enum { NR = 12, QUEUES = 3 };
    Exec *e = exec_open_queues(QUEUES, 4 * KiB);
    uint32_t line = px_syncobj(e->p, false);
    uint32_t start = rng_u32();
    Submit q[NR];
    SyncOp ops[NR][2];

    exec_put(e, W_COUNTER, start);
    for (unsigned i = 0; i < NR; i++) {
        Stream s = exec_stream(e, i);

        chain_link(&s.cs, e, i, 1 + (NR - i) * 40);
        ops[i][0] = sync_signal_point_op(line, i + 1);
        ops[i][1] = sync_wait_point_op(line, i);
        q[i] = (Submit) {
            .queue_index = i % QUEUES, .stream_addr = s.va,
            .stream_size = cs_bytes(&s.cs),
            .syncs = DRM_PANTHOR_OBJ_ARRAY(i ? 2 : 1, ops[i]),
        };
    }
    tap_errno(px_submit_n(e->p, e->group, q, NR), 0,
              "12 jobs for three queues in one call");
    tap_errno(px_wait_point(e->p, line, NR, PX_WAIT_MS), 0,
              "the last completes");
    tap_eq(chain_wrong(e, NR, start), 0, "they ran one after the other");

    memset(ops, 0, sizeof(ops));
    q[1].queue_index = QUEUES;
    for (unsigned i = 0; i < NR; i++) {
        q[i].syncs.count = 0;
    }
    exec_put(e, W_COUNTER, 7);
    tap_errno(px_submit_n(e->p, e->group, q, NR), -EINVAL,
              "a bad second job");
    sleep_ms(20);
    tap_eq(exec_word(e, W_COUNTER), 7, "keeps all of the call away");
    exec_close(e);
}

static void submit_empty(void)
{
    Exec *e = exec_open();
    uint32_t after = px_syncobj(e->p, false);
    SyncOp op = sync_signal_op(after);
    uint32_t value = rng_u32();

    tap_errno(px_submit(e->p, e->group, 0, 0, 0, &op, 1), 0,
              "an empty job on a queue that had none");
    tap_errno(exec_finish(e, after), 0, "is done at once");

    cs_spin(&e->cs, R_TMP, 5000);
    cs_put32(&e->cs, e->data.va, value);
    tap_errno(exec_submit(e), 0, "a job that takes its time");
    px_syncobj_reset(e->p, after);
    tap_errno(px_submit(e->p, e->group, 0, 0, 0, &op, 1), 0,
              "an empty job behind it");
    tap_errno(exec_finish(e, after), 0, "is done");
    tap_eq(exec_word(e, 0), value, "only after the other");
    tap_errno(px_fence_error(e->p, e->sync), 0, "whose fence is signalled");
    exec_close(e);
}

/* Registers live as long as the queue: a later job sees them. */
static void submit_registers(void)
{
    enum { NR = 80 };
    Exec *e = exec_open_queues(2, 4 * KiB);
    uint32_t done = px_syncobj(e->p, false);
    uint32_t want[NR];
    unsigned wrong = 0;
    unsigned leaked = 0;
    Stream s = exec_stream(e, 0);

    for (unsigned i = 0; i < NR; i++) {
        want[i] = rng_u32() | 1;
        cs_move32(&s.cs, i, want[i]);
    }
    tap_errno(exec_go(e, e->group, 0, &s, 0, done), 0, "80 registers set");
    tap_errno(exec_finish(e, done), 0, "done");
    for (unsigned q = 0; q < 2; q++) {
        s = exec_stream(e, 1 + q);
        cs_dump(&s.cs, 0, NR, R_ADDR, exec_va(e, W_RESULT + q * 128));
        tap_errno(exec_go(e, e->group, q, &s, 0, done), 0,
                  "queue %u stores its registers", q);
        tap_errno(exec_finish(e, done), 0, "done");
    }
    for (unsigned i = 0; i < NR; i++) {
        wrong += exec_word(e, W_RESULT + i) != want[i];
        leaked += exec_word(e, W_RESULT + 128 + i) == want[i];
    }
    tap_eq(wrong, 0, "the queue that set them has them");
    tap_eq(leaked, 0, "the other has not");
    exec_close(e);
}

const GuestTest submit_tests[] = {
    TEST("submit-single", "one job stores one word", submit_single),
    TEST("submit-bad-args", "what GROUP_SUBMIT refuses", submit_bad_args),
    TEST("submit-ring-wrap", "hundreds of jobs through a small ring",
         submit_ring_wrap),
    TEST("submit-backpressure", "more jobs than a ring holds, none done",
         submit_backpressure),
    TEST("submit-in-flight", "64 jobs in the ring at once",
         submit_in_flight),
    TEST("submit-queues", "eight queues of one group", submit_queues),
    TEST("submit-deps-binary", "binary sync objects order jobs",
         submit_deps_binary),
    TEST("submit-deps-timeline", "a timeline orders jobs",
         submit_deps_timeline),
    TEST("submit-deps-groups", "sync objects order groups",
         submit_deps_groups),
    TEST("submit-batch", "dependent jobs in one call", submit_batch),
    TEST("submit-empty", "jobs without stream", submit_empty),
    TEST("submit-registers", "registers stay with their queue",
         submit_registers),
    TEST_END,
};
