/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suspend buffers and the check of migrated state.
 */
#include <glib.h>
#include <string.h>

#include "asm.h"
#include "rig.h"

#define STEPS 400

static CsExecConfig step_config(void)
{
    CsExecConfig cfg = rig_config();

    /* One instruction a call. */
    cfg.slice_ns = cfg.instr_ns;
    cfg.endpoint_ns = 1500;
    cfg.idvs_heap = 1000;
    return cfg;
}

/* A stream in which everything occurs that a suspend has to keep. */
static void put_program(Rig *r)
{
    rig_put64(r, HEAP + 0x218, HEAP + 0x100);
    rig_put64(r, HEAP + 0x100, 4096ull << 32);
    rig_put64(r, HEAP + 0x108, CHUNK(0));
    CODE_AT(r, CODE + 0x800, i_move48(60, HEAP + 0x200), i_load(62, 0xf, 60, 40),
            i_finish_fragment(true, 0, 62, 64, 1), i_move48(70, 0),
            i_store(70, 3, 60, 40), i_store(70, 3, 60, 48),
            i_add32(72, 72, 1));
    CODE_AT(r, CODE + 0x400, i_add32(20, 20, 1), i_sb(3, 0), i_run_inc(4),
            i_wait(1 << 3));
    CODE_AT(r, CODE, i_move48(0, DATA + 0x80), i_move48(2, 1), i_sb(2, 1),
            i_run(4), i_sync(51, 0, 2, true, 0, 1 << 2, 4),
            i_sync(51, 0, 2, true, 0, 1 << 2, 5),
            i_move48(0, HEAP), i_heap_set(0), i_move48(40, HEAP + 0x200),
            i_move48(4, CODE + 0x800), i_move32(6, 56), i_handler(4, 6),
            i_move32(8, 9), i_run(6), i_add32(8, 8, -1), i_branch(GT, 8, -3),
            i_move48(10, CODE + 0x400), i_move32(12, 32), i_call(10, 12),
            i_call(10, 12), i_move48(14, 2), i_progress_wait(14, 0),
            i_wait(0xff), i_move48(0, 0x1000), i_load(16, 1, 0, 0));
}

static void submit_program(Rig *r)
{
    rig_job(r, 0, 0, CODE, 25 * 8, DATA);
    rig_job(r, 0, 0, CODE + 0x400, 32, DATA);
}

/* What the firmware would do about events. */
static void serve(Rig *r, unsigned g)
{
    switch (rig_status(r, g, 0).state) {
    case CS_FAULTED:
        cs_exec_fault_ack(&r->x, g, 0, r->now);
        break;
    case CS_OOM:
        cs_exec_heap_reply(&r->x, g, 0, 0, r->now);
        break;
    }
}

static void step(Rig *r, unsigned g)
{
    int64_t next = cs_exec_run(&r->x, r->now);

    r->now = MIN(next, r->now + 1000);
    g_assert_true(cs_exec_check(&r->x));
    serve(r, g);
}

static CsStart start_of(Rig *r, unsigned g)
{
    CsStream *s = &r->stream[g * 4];

    return (CsStart) {
        .as = s->as, .ring_base = s->ring_base, .ring_size = s->ring_size,
        .extract = s->extract, .insert = r->insert[0],
    };
}

static void same_end_from_every_instruction(void)
{
    CsExecConfig cfg = step_config();
    Rig *ref = rig_new(&cfg);
    unsigned len = 0;

    rig_start(ref, 0, 0);
    put_program(ref);
    submit_program(ref);
    while (!rig_status(ref, 0, 0).empty && len < STEPS) {
        step(ref, 0);
        len++;
    }
    g_assert_cmpuint(len, <, STEPS);
    g_assert_cmpuint(len, >, 80);
    g_assert_cmpuint(rig_get64(ref, DATA), ==, 2);
    g_assert_cmpuint(ref->stream[0].regs[20], ==, 3);
    g_assert_cmpuint(ref->stream[0].regs[72], ==, 2);

    for (unsigned at = 0; at <= len; at++) {
        Rig *r = rig_new(&cfg);
        uint8_t buf[CS_SAVE_SIZE];
        unsigned g = 1 + at % 3, n = 0;
        CsStart start;

        rig_start(r, 0, 0);
        put_program(r);
        submit_program(r);
        for (unsigned i = 0; i < at; i++) {
            step(r, 0);
        }
        start = start_of(r, 0);
        cs_exec_stop(&r->x, 0, 0);
        cs_exec_save(&r->x, 0, 0, buf);
        r->now += 123456;
        g_assert_true(cs_exec_restore(&r->x, g, 0, buf, &start, r->now));
        while (!rig_status(r, g, 0).empty && n++ < STEPS) {
            step(r, g);
        }
        g_assert_cmpuint(n, <, STEPS);
        g_assert_cmpmem(r->mem, sizeof(r->mem), ref->mem, sizeof(ref->mem));
        g_assert_cmpmem(r->stream[g * 4].regs, sizeof(r->stream[0].regs),
                        ref->stream[0].regs, sizeof(ref->stream[0].regs));
        g_assert_cmpuint(r->stream[g * 4].in_error, ==,
                         ref->stream[0].in_error);
        rig_free(r);
    }
    rig_free(ref);
}

/* Migration copies the plain fields: a copied executor goes on the same. */
static void copied_state_goes_on_the_same(void)
{
    CsExecConfig cfg = step_config();
    Rig *a = rig_new(&cfg);

    rig_start(a, 0, 0);
    put_program(a);
    submit_program(a);
    for (unsigned i = 0; i < 200; i++) {
        Rig *b = rig_new(&cfg);
        CsExec x = b->x;

        memcpy(b, a, sizeof(*a));
        memcpy(x.recent, a->x.recent, sizeof(x.recent));
        x.progress_timeout = a->x.progress_timeout;
        b->x = x;
        step(a, 0);
        step(b, 0);
        g_assert_cmpmem(a->mem, sizeof(a->mem), b->mem, sizeof(b->mem));
        g_assert_cmpmem(a->stream, sizeof(a->stream), b->stream,
                        sizeof(b->stream));
        g_assert_cmpint(a->now, ==, b->now);
        rig_free(b);
    }
    rig_free(a);
}

/* An endpoint that hangs hangs on after a resume, and is noticed again. */
static void hanging_endpoint_is_noticed_again(void)
{
    Rig *r = rig_new(NULL);
    uint8_t buf[CS_SAVE_SIZE];
    CsStart start;

    cs_exec_set_progress_timeout(&r->x, 1000000);
    rig_start(r, 0, 0);
    cs_exec_hang_endpoints(&r->x, 0, 0, true);
    SUBMIT(r, 0, 0, i_run(4), i_wait(1));
    rig_run(r, 10000);
    start = start_of(r, 0);
    cs_exec_stop(&r->x, 0, 0);
    g_assert_cmphex(rig_events(r, 0, 0), ==, 0);
    cs_exec_save(&r->x, 0, 0, buf);
    g_assert_true(cs_exec_restore(&r->x, 1, 0, buf, &start, r->now));
    rig_run(r, 900000);
    g_assert_cmphex(rig_events(r, 1, 0), ==, 0);
    rig_run(r, 200000);
    g_assert_cmphex(rig_events(r, 1, 0), ==, CS_EVENT_PROGRESS);

    /* One that does not hang is no cause for alarm. */
    start = start_of(r, 0);
    cs_exec_start(&r->x, 2, 0, &start, r->now);
    cs_exec_save(&r->x, 2, 0, buf);
    g_assert_true(cs_exec_restore(&r->x, 3, 0, buf, &start, r->now));
    g_assert_cmphex(r->stream[3 * 4].events, ==, 0);
    rig_free(r);
}

/* Fill every field that travels with something that only it has. */
static void fill(CsStream *s)
{
    uint32_t v = 0x10203;

    s->stopped = CS_RUNNING;
    s->depth = 5;
    s->in_handler = 4;
    s->handler_done = 1;
    s->in_error = 1;
    s->pretend = 1;
    s->hang = 1;
    s->sb_endpoint = 3;
    s->sb_other = 5;
    s->sb_deferred = 7;
    s->sb_mask_stream = 0x38;
    s->sb_mask_wait = 0x51;
    s->resources = v++;
    s->heap = (uint64_t)v++ << 33;
    s->heap_vt_start = v++;
    s->heap_vt_end = v++;
    s->heap_frag_end = v++;
    s->heap_chunk = (uint64_t)v++ << 30;
    s->handler_va = (uint64_t)v++ << 29;
    s->handler_len = v++;
    s->fault_type = v++;
    s->fault_data = v++;
    s->fault_info = (uint64_t)v++ << 25;
    s->fatal_type = v++;
    s->fatal_data = v++;
    s->fatal_info = (uint64_t)v++ << 31;
    s->executed = (uint64_t)v++ << 32;
    s->events = CS_EVENT_SYNC | CS_EVENT_PROTM;
    for (unsigned i = 0; i < CS_CALL_DEPTH_MAX; i++) {
        s->frame[i].pc = (uint64_t)v++ << 20;
        s->frame[i].end = (uint64_t)v++ << 20;
    }
    for (unsigned i = 0; i < CS_REGS_MAX; i++) {
        s->regs[i] = v++;
    }
    for (unsigned i = 0; i < 8; i++) {
        s->sb_done[i] = (int64_t)v++ << 24;
    }
    s->deferred_count = CS_DEFERRED_MAX;
    for (unsigned i = 0; i < CS_DEFERRED_MAX; i++) {
        s->deferred[i].instr = OP(51) | (uint64_t)i << 48 | v++;
        s->deferred[i].addr = (uint64_t)v++ << 22;
        s->deferred[i].data = (uint64_t)v++ << 23;
        s->deferred[i].heap = (uint64_t)v++ << 24;
        s->deferred[i].ready = (int64_t)v++ << 21;
    }
}

static void every_field_comes_back(void)
{
    Rig *r = rig_new(NULL);
    CsStream *a = &r->stream[1 * 4 + 2], *b = &r->stream[3 * 4 + 1], want;
    CsStart start = { .as = 1, .ring_base = RING(3), .ring_size = RING_SIZE,
                      .extract = 0x123456780, .insert = 0x1234567c0 };
    uint8_t buf[CS_SAVE_SIZE];

    fill(a);
    cs_exec_save(&r->x, 1, 2, buf);
    g_assert_true(cs_exec_restore(&r->x, 3, 1, buf, &start, r->now));
    want = *a;
    want.state = CS_RUNNING;
    want.stopped = CS_OFF;
    want.as = start.as;
    want.ring_base = start.ring_base;
    want.ring_size = start.ring_size;
    want.extract = start.extract;
    want.insert = start.insert;
    want.clock = want.wake = r->now;
    want.met = CS_TIME_NEVER;
    for (unsigned i = 0; i < CS_EVENT_COUNT; i++) {
        want.event_time[i] = r->now;
    }
    g_assert_cmpmem(b, sizeof(*b), &want, sizeof(want));
    g_assert_true(cs_exec_check(&r->x));

    /* A stream that still runs is saved as it runs. */
    cs_exec_start(&r->x, 0, 0, &start, r->now);
    cs_exec_save(&r->x, 0, 0, buf);
    g_assert_true(cs_exec_restore(&r->x, 0, 1, buf, &start, r->now));
    g_assert_cmpuint(rig_status(r, 0, 1).state, ==, CS_RUNNING);
    rig_free(r);
}

static void out_of_memory_is_asked_for_again(void)
{
    CsExecConfig cfg = rig_config();
    uint8_t buf[CS_SAVE_SIZE];
    CsStart start;
    Rig *r;

    cfg.idvs_heap = 64;
    r = rig_new(&cfg);
    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, HEAP), i_heap_set(0), i_run(6));
    rig_run(r, 10000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_OOM);
    start = start_of(r, 0);
    cs_exec_stop(&r->x, 0, 0);
    cs_exec_save(&r->x, 0, 0, buf);
    g_assert_true(cs_exec_restore(&r->x, 1, 0, buf, &start, r->now));
    rig_run(r, 10000);
    g_assert_cmphex(rig_events(r, 1, 0), ==, CS_EVENT_OOM);
    g_assert_cmpuint(rig_status(r, 1, 0).state, ==, CS_OOM);
    rig_free(r);
}

static void dead_and_off_streams(void)
{
    Rig *r = rig_new(NULL);
    uint8_t buf[CS_SAVE_SIZE];
    CsStart start;

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, OP(255));
    rig_run(r, 10000);
    start = start_of(r, 0);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_FATAL);
    cs_exec_stop(&r->x, 0, 0);
    cs_exec_save(&r->x, 0, 0, buf);
    g_assert_true(cs_exec_restore(&r->x, 1, 0, buf, &start, r->now));
    rig_run(r, 10000);
    g_assert_cmpuint(rig_status(r, 1, 0).state, ==, CS_DEAD);
    g_assert_cmphex(rig_status(r, 1, 0).fatal_type, ==,
                    GPU_EXC_CS_INSTR_INVALID);
    g_assert_cmphex(rig_events(r, 1, 0), ==, 0);

    cs_exec_save(&r->x, 2, 0, buf);
    g_assert_true(cs_exec_restore(&r->x, 3, 0, buf, &start, r->now));
    g_assert_cmpuint(rig_status(r, 3, 0).state, ==, CS_OFF);
    rig_free(r);
}

/* Done ahead of its time, then stopped: the host must hear of it. */
static void events_of_a_stopped_stream(bool take)
{
    Rig *r = rig_new(NULL);
    uint8_t buf[CS_SAVE_SIZE];
    CsStart start;
    uint32_t first, then;

    rig_start(r, 0, 0);
    rig_job(r, 0, 0, 0, 0, DATA);
    SUBMIT(r, 0, 0, i_move48(0, 0x1000), i_load(2, 1, 0, 0));
    cs_exec_run(&r->x, r->now);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmphex(rig_events(r, 0, 0), ==, 0);
    start = start_of(r, 0);
    cs_exec_stop(&r->x, 0, 0);
    first = take ? rig_events(r, 0, 0) : 0;
    cs_exec_save(&r->x, 0, 0, buf);
    cs_exec_start(&r->x, 0, 0, &start, r->now);
    cs_exec_stop(&r->x, 0, 0);
    g_assert_true(cs_exec_restore(&r->x, 1, 0, buf, &start, r->now));
    then = rig_events(r, 1, 0);
    g_assert_cmphex(take ? first : then, ==, CS_EVENT_SYNC | CS_EVENT_FAULT);
    g_assert_cmphex(take ? then : first, ==, 0);
    g_assert_cmpuint(rig_status(r, 1, 0).state, ==, CS_FAULTED);
    cs_exec_fault_ack(&r->x, 1, 0, r->now);
    rig_run(r, 100000);
    g_assert_true(rig_status(r, 1, 0).empty);
    rig_free(r);
}

static void events_outlive_a_stop(void)
{
    events_of_a_stopped_stream(true);
    events_of_a_stopped_stream(false);
}

/* A flipped bit anywhere is found; so are zeros and another version. */
static void damaged_buffers_are_refused(void)
{
    Rig *r = rig_new(NULL);
    uint8_t buf[CS_SAVE_SIZE], bad[CS_SAVE_SIZE];
    CsStart start;
    uint32_t used;

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move32(5, 5));
    rig_run(r, 10000);
    start = start_of(r, 0);
    cs_exec_stop(&r->x, 0, 0);
    cs_exec_save(&r->x, 0, 0, buf);
    memcpy(&used, buf + 8, 4);
    used = GUINT32_FROM_LE(used);
    g_assert_cmpuint(used, <=, CS_SAVE_SIZE);
    for (unsigned i = 0; i < used * 8; i += 5) {
        memcpy(bad, buf, sizeof(bad));
        bad[i / 8] ^= 1 << i % 8;
        g_assert_false(cs_exec_restore(&r->x, 1, 0, bad, &start, r->now));
        g_assert_cmpuint(rig_status(r, 1, 0).state, ==, CS_OFF);
    }
    memset(bad, 0, sizeof(bad));
    g_assert_false(cs_exec_restore(&r->x, 1, 0, bad, &start, r->now));
    memset(bad, 0xff, sizeof(bad));
    g_assert_false(cs_exec_restore(&r->x, 1, 0, bad, &start, r->now));
    start.ring_size = 5;
    g_assert_false(cs_exec_restore(&r->x, 1, 0, buf, &start, r->now));
    rig_free(r);
}

/* Restored in a CALL, a stream waits for the insert behind that CALL. */
static void body_waits_for_its_ring(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);
    uint8_t buf[CS_SAVE_SIZE];
    CsStart start;
    uint64_t insert;

    CODE_AT(r, CODE, i_branch(EQ, 7, -1));
    rig_job(r, 0, 0, CODE, 8, DATA);
    rig_run(r, 500000);
    g_assert_cmpuint(s->depth, ==, 1);
    start = start_of(r, 0);
    insert = start.insert;
    start.insert = start.extract;
    cs_exec_stop(&r->x, 0, 0);
    s->regs[7] = 1;                   /* the body would end at once */
    cs_exec_save(&r->x, 0, 0, buf);
    g_assert_true(cs_exec_restore(&r->x, 0, 0, buf, &start, r->now));
    rig_run(r, 2000000);
    g_assert_cmpuint(s->depth, ==, 1);
    g_assert_cmpuint(s->extract, ==, start.extract);
    g_assert_false(rig_status(r, 0, 0).empty);
    cs_exec_kick(&r->x, 0, 0, insert, r->now);
    rig_run(r, 2000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

static void check_finds_what_the_loop_relies_on(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 1, 1), good;

    rig_run(r, 1000);
    good = *s;
    g_assert_true(cs_exec_check(&r->x));
#define BAD(field, value) do { \
        s->field = (value); \
        g_assert_false(cs_exec_check(&r->x)); \
        *s = good; \
    } while (0)
    BAD(state, 5);
    BAD(stopped, 5);
    BAD(blocked, 7);
    BAD(idle, 3);
    BAD(depth, 9);
    BAD(in_handler, 1);
    BAD(in_error, 2);
    BAD(sb_endpoint, 8);
    BAD(sb_other, 8);
    BAD(sb_deferred, 8);
    BAD(sb_mask_stream, 0x100);
    BAD(sb_mask_wait, 0x100);
    BAD(sync_cond, 2);
    BAD(progress_queue, 32);
    BAD(deferred_count, 9);
    BAD(events, 1 << 9);
    BAD(event_time[3], -1);
    BAD(clock, -1);
    BAD(sb_done[0], -1);
    BAD(sb_done[8], 1);
    BAD(ring_size, 0x1800);
    BAD(ring_base, 1);
    BAD(extract, 4);
    BAD(insert, s->extract + 0x1008);
    s->depth = 1;
    BAD(frame[0].pc, 4);
    s->deferred_count = 1;
    BAD(deferred[0].instr, 0xfull << 48 | OP(51));
    s->deferred_count = 2;
    s->deferred[0].ready = 2;
    BAD(deferred[1].ready, 1);
    r->x.progress_timeout = -1;
    g_assert_false(cs_exec_check(&r->x));
    r->x.progress_timeout = 0;
    g_assert_true(cs_exec_check(&r->x));
    rig_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/save/same-end-from-every-instruction",
                    same_end_from_every_instruction);
    g_test_add_func("/exec/save/copied-state-goes-on-the-same",
                    copied_state_goes_on_the_same);
    g_test_add_func("/exec/save/every-field-comes-back",
                    every_field_comes_back);
    g_test_add_func("/exec/save/out-of-memory-is-asked-for-again",
                    out_of_memory_is_asked_for_again);
    g_test_add_func("/exec/save/hanging-endpoint-is-noticed-again",
                    hanging_endpoint_is_noticed_again);
    g_test_add_func("/exec/save/dead-and-off-streams", dead_and_off_streams);
    g_test_add_func("/exec/save/events-outlive-a-stop", events_outlive_a_stop);
    g_test_add_func("/exec/save/damaged-buffers-are-refused",
                    damaged_buffers_are_refused);
    g_test_add_func("/exec/save/body-waits-for-its-ring",
                    body_waits_for_its_ring);
    g_test_add_func("/exec/save/check-finds-what-the-loop-relies-on",
                    check_finds_what_the_loop_relies_on);
    return g_test_run();
}
