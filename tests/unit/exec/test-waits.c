/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scoreboards, sync objects, progress counters: who waits for what, from when
 * to when, and what the firmware hears of it.
 */
#include <glib.h>

#include "asm.h"
#include "rig.h"

static int64_t event_time(Rig *r, unsigned stream, uint32_t event)
{
    g_assert_cmphex(r->stream[stream].events & event, ==, event);
    return r->stream[stream].event_time[__builtin_ctz(event)];
}

/* Timestamp in cycles (ns here) that stream 0 stored at @va. */
static int64_t stored_time(Rig *r, uint64_t va)
{
    return (int64_t)rig_get64(r, va);
}

static void endpoint_keeps_its_scoreboard_busy(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_sb(2, 0), i_move48(0, DATA), i_run(4),
           i_store_state(1, 0, 0, 0, 0), i_wait(1 << 2),
           i_store_state(1, 0, 8, 0, 0));
    rig_run(r, 1000000);
    g_assert_cmpint(stored_time(r, DATA), <, 1000 + 1000);
    g_assert_cmpint(stored_time(r, DATA + 8), >=, 1000 + 200 + 10000);
    g_assert_cmpint(stored_time(r, DATA + 8), <, 1000 + 1000 + 10000);
    rig_free(r);
}

static void wait_for_other_scoreboards_passes(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_sb(2, 0), i_move48(0, DATA), i_run(7),
           i_wait(0xff & ~(1 << 2)), i_store_state(1, 0, 0, 0, 0));
    rig_run(r, 1000000);
    g_assert_cmpint(stored_time(r, DATA), <, 3000);
    rig_free(r);
}

/* What each kind of work needs; without it the stream waits for the host. */
static void work_waits_for_endpoints_that_the_group_lacks(void)
{
    static const struct {
        unsigned op;
        uint8_t needs;
    } c[] = {
        { 4, CS_ENDPOINT_COMPUTE }, { 44, CS_ENDPOINT_COMPUTE },
        { 5, CS_ENDPOINT_TILER }, { 8, CS_ENDPOINT_TILER },
        { 9, CS_ENDPOINT_TILER }, { 7, CS_ENDPOINT_FRAGMENT },
        { 6, CS_ENDPOINT_COMPUTE | CS_ENDPOINT_TILER },
    };

    for (unsigned i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        for (uint8_t lacks = 0; lacks <= CS_ENDPOINT_ALL; lacks++) {
            bool waits = c[i].needs & lacks;
            Rig *r = rig_new(NULL);

            rig_start(r, 0, 0);
            cs_exec_set_endpoints(&r->x, 0, lacks, r->now);
            cs_exec_set_endpoints(&r->x, 1, (uint8_t)~lacks, r->now);
            SUBMIT(r, 0, 0, i_sb(1, 0), i_run(c[i].op), i_move32(9, 77));
            rig_run(r, 1000000);
            g_assert_cmpint(rig_status(r, 0, 0).blocked, ==,
                            waits ? CS_BLOCKED_RESOURCE : CS_BLOCKED_NONE);
            g_assert_cmpuint(r->stream[0].regs[9], ==, waits ? 0 : 77);
            g_assert_false(rig_status(r, 0, 0).scoreboards && waits);
            cs_exec_set_endpoints(&r->x, 0, 0, r->now);
            rig_run(r, 1000000);
            g_assert_cmpuint(r->stream[0].regs[9], ==, 77);
            g_assert_true(rig_status(r, 0, 0).empty);
            rig_free(r);
        }
    }
}

static void resources_are_granted_with_their_endpoints(void)
{
    static const uint8_t needs[] = {
        CS_ENDPOINT_COMPUTE, CS_ENDPOINT_FRAGMENT, CS_ENDPOINT_TILER,
        CS_ENDPOINT_TILER,
    };

    for (unsigned mask = 0; mask < 16; mask++) {
        Rig *r = rig_new(NULL);
        CsStart start = {
            .as = 1, .lacks = CS_ENDPOINT_FRAGMENT, .ring_base = RING(0),
            .ring_size = RING_SIZE,
        };
        bool waits = false;

        for (unsigned i = 0; i < 4; i++) {
            waits |= (mask >> i & 1) && (needs[i] & start.lacks);
        }
        rig_start(r, 0, 0);
        g_assert_true(cs_exec_start(&r->x, 0, 0, &start, r->now));
        SUBMIT(r, 0, 0, i_req(mask), i_move32(9, 77));
        rig_run(r, 1000000);
        g_assert_cmpuint(rig_status(r, 0, 0).resources, ==, mask);
        g_assert_cmpint(rig_status(r, 0, 0).blocked, ==,
                        waits ? CS_BLOCKED_RESOURCE : CS_BLOCKED_NONE);
        g_assert_cmpuint(r->stream[0].regs[9], ==, waits ? 0 : 77);
        rig_free(r);
    }
}

static void endpoints_of_every_kind(void)
{
    static const unsigned op[] = { 4, 5, 6, 7, 8, 9, 44 };

    for (unsigned i = 0; i < sizeof(op) / sizeof(op[0]); i++) {
        Rig *r = rig_new(NULL);

        rig_start(r, 0, 0);
        SUBMIT(r, 0, 0, i_sb(1, 0), i_run(op[i]));
        rig_run(r, 300);
        g_assert_cmphex(rig_status(r, 0, 0).scoreboards, ==, 1 << 1);
        g_assert_false(rig_status(r, 0, 0).empty);
        g_assert_cmphex(rig_events(r, 0, 0), ==, 0);
        rig_run(r, 10000);
        g_assert_cmphex(rig_status(r, 0, 0).scoreboards, ==, 0);
        g_assert_true(rig_status(r, 0, 0).empty);
        g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_EMPTY);
        rig_free(r);
    }
}

/* A wait longer than a slice blocks, and the executor is not called for it. */
static void long_wait_sleeps(void)
{
    CsExecConfig cfg = rig_config();
    Rig *r;

    cfg.endpoint_ns = 50000000;
    r = rig_new(&cfg);
    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_run(4), i_wait(1), i_move32(0, 1));
    g_assert_cmpint(cs_exec_run(&r->x, r->now), >=, 1000 + 50000000);
    g_assert_cmpuint(rig_status(r, 0, 0).blocked, ==, CS_BLOCKED_SB);
    g_assert_cmphex(rig_status(r, 0, 0).wait_sb, ==, 1);
    g_assert_cmpuint(r->stream[0].regs[0], ==, 0);
    rig_run(r, 50001000);
    g_assert_cmpuint(r->stream[0].regs[0], ==, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).blocked, ==, CS_BLOCKED_NONE);
    rig_free(r);
}

static void flush_signals_its_scoreboard(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_flush(0x233, 0, 4, 3), i_wait(8),
           i_store_state(1, 0, 0, 0, 0));
    rig_run(r, 1000000);
    g_assert_cmpint(stored_time(r, DATA), >=, 1000 + 100 + 2000);
    g_assert_cmpint(stored_time(r, DATA), <, 1000 + 1000 + 2000);
    rig_free(r);
}

/* A wait mask on an asynchronous instruction holds back only that one. */
static void deferred_sync_does_not_hold_the_stream(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 1), i_run(4),
           i_sync(51, 0, 2, false, 0, 1, 4), i_store_state(1, 0, 16, 0, 0),
           i_load(4, 1, 0, 0), i_move48(0, DATA + 0x40), i_wait(1 << 4),
           i_store_state(1, 0, 0, 0, 0));
    rig_run(r, 1000000);
    g_assert_cmpuint(r->stream[0].regs[4], ==, 0);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmpint(stored_time(r, DATA + 16), <, 3000);
    g_assert_cmpint(stored_time(r, DATA + 0x40), >=, 1200 + 10000);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

/* The executor wants to be called for a deferred instruction of a dry ring. */
static void deferred_sync_behind_the_last_instruction(void)
{
    CsExecConfig cfg = rig_config();
    Rig *r;

    cfg.endpoint_ns = 30000000;
    r = rig_new(&cfg);
    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 1), i_run(4),
           i_sync(51, 0, 2, false, 0, 1, 4));
    rig_run(r, 20000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 0);
    g_assert_cmphex(rig_events(r, 0, 0), ==, 0);
    g_assert_cmphex(rig_status(r, 0, 0).scoreboards, ==, 1 | 1 << 4);
    rig_run(r, 20000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_SYNC | CS_EVENT_EMPTY);
    rig_free(r);
}

static void deferred_instructions_keep_their_operands(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 3), i_run(4),
           i_sync(52, 0, 2, false, 0, 1, 4), i_move48(0, DATA + 0x80),
           i_move48(2, 9), i_wait(1 << 4));
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 3);
    g_assert_cmpuint(rig_get64(r, DATA + 0x80), ==, 0);
    rig_free(r);
}

static void more_deferred_instructions_than_fit(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 1), i_run(4));
    for (unsigned i = 0; i < 20; i++) {
        SUBMIT(r, 0, 0, i_sync(51, 0, 2, false, 0, 1, 4));
    }
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 20);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void deferred_fault(void)
{
    Rig *r = rig_new(NULL);
    CsStreamStatus st;

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, 0x1000), i_move48(2, 1), i_run(4),
           i_sync(51, 0, 2, false, 0, 1, 4), i_wait(1 << 4), i_move32(5, 5));
    rig_run(r, 1000000);
    st = rig_status(r, 0, 0);
    g_assert_cmpuint(st.state, ==, CS_FAULTED);
    g_assert_cmphex(st.fault_type, ==, GPU_EXC_CS_BUS_FAULT);
    g_assert_cmpuint(st.extract, ==, 32);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 1000000);
    g_assert_cmpuint(r->stream[0].regs[5], ==, 5);
    rig_free(r);
}

/* ---- sync objects ---- */

static void sync_wait_conditions(void)
{
    static const struct {
        unsigned op, cond;
        uint64_t value, ref;
        bool pass;
    } c[] = {
        { 53, LE, 1, 1, true }, { 53, LE, 2, 1, false },
        { 53, LE, 1ull << 32, 1, false }, { 53, GT, 2, 1, true },
        { 53, GT, 1, 1, false }, { 53, GT, ~0ull, 1, true },
        { 39, LE, 1, 1, true }, { 39, LE, 2, 1, false },
        { 39, GT, 0xffffffff, 0xfffffffe, true }, { 39, GT, 1, 1, false },
    };

    for (unsigned i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        Rig *r = rig_new(NULL);

        rig_start(r, 0, 0);
        rig_put64(r, DATA, c[i].value);
        SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, c[i].ref),
               i_sync_wait(c[i].op, c[i].cond, 0, 2, false), i_move32(5, 5));
        rig_run(r, 100000);
        g_assert_cmpuint(r->stream[0].regs[5], ==, c[i].pass ? 5 : 0);
        g_assert_cmpuint(rig_status(r, 0, 0).blocked, ==,
                         c[i].pass ? CS_BLOCKED_NONE : CS_BLOCKED_SYNC);
        rig_free(r);
    }
}

static void blocked_stream_tells_what_it_waits_for(void)
{
    Rig *r = rig_new(NULL);
    CsStreamStatus st;

    rig_start(r, 0, 1);
    SUBMIT(r, 0, 1, i_move48(0, DATA + 16), i_move48(2, 0x100000002ull),
           i_sync_wait(53, GT, 0, 2, false));
    rig_run(r, 100000);
    st = rig_status(r, 0, 1);
    g_assert_cmpuint(st.blocked, ==, CS_BLOCKED_SYNC);
    g_assert_true(st.sync_64);
    g_assert_cmpuint(st.sync_cond, ==, GT);
    g_assert_cmphex(st.sync_va, ==, DATA + 16);
    g_assert_cmphex(st.sync_value, ==, 0x100000002ull);
    g_assert_cmphex(st.cmd_ptr, ==, RING(1) + 16);
    g_assert_false(st.empty);
    g_assert_cmpuint(st.extract, ==, 16);
    g_assert_cmphex(rig_events(r, 0, 1), ==, CS_EVENT_BLOCKED);
    /* It is told once, and nobody is asked to look again and again. */
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    g_assert_cmphex(rig_events(r, 0, 1), ==, 0);
    rig_free(r);
}

/* 32-bit objects wake, other objects and other conditions do not. */
static void only_what_helps_wakes(void)
{
    Rig *r = rig_new(NULL);

    for (unsigned s = 0; s < 4; s++) {
        rig_start(r, 0, s);
    }
    rig_put64(r, DATA + 16, 5);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 7),
           i_sync_wait(39, GT, 0, 2, false), i_move48(0, DATA + 64),
           i_store_state(1, 0, 0, 0, 0));
    SUBMIT(r, 0, 1, i_move48(0, DATA + 16), i_move48(2, 2),
           i_sync_wait(39, LE, 0, 2, false), i_move48(0, DATA + 64),
           i_store_state(1, 0, 8, 0, 0));
    SUBMIT(r, 0, 2, i_move48(0, DATA), i_move48(2, 9),
           i_sync_wait(39, GT, 0, 2, false), i_move32(9, 9));
    CODE_AT(r, CODE, i_move32(5, 500), i_add32(5, 5, -1),
            i_branch(GT, 5, -2));
    SUBMIT(r, 0, 3, i_move48(92, CODE), i_move32(94, 24),
           i_move48(0, DATA), i_move48(2, 8), i_move48(6, DATA + 16),
           i_move48(8, 2), i_call(92, 94), i_sync(38, 0, 2, false, 0, 0, 0),
           i_call(92, 94), i_sync(38, 6, 8, false, 0, 0, 0), i_call(92, 94),
           i_sync(38, 0, 8, false, 0, 0, 0),
           i_sync(38, 0, 2, false, 0, 0, 0));
    rig_run(r, 5000000);
    g_assert_cmpint(stored_time(r, DATA + 64), >, 100000);
    g_assert_cmpint(stored_time(r, DATA + 64), <, 110000);
    g_assert_cmpint(stored_time(r, DATA + 72), >, 200000);
    g_assert_cmpint(stored_time(r, DATA + 72), <, 210000);
    g_assert_cmpuint(r->stream[2].regs[9], ==, 0);
    g_assert_cmpuint(rig_status(r, 0, 2).blocked, ==, CS_BLOCKED_SYNC);
    rig_free(r);
}

/* The writer may be visited before or after the one that waits. */
static void sync_between_streams(unsigned waiter, unsigned writer)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, waiter);
    rig_start(r, 0, writer);
    SUBMIT(r, 0, waiter, i_move48(0, DATA), i_move48(2, 0),
           i_sync_wait(53, GT, 0, 2, false), i_move48(0, DATA + 64),
           i_store_state(1, 0, 0, 0, 0));
    SUBMIT(r, 0, writer, i_move48(0, DATA), i_move48(2, 1), i_nop(), i_nop(),
           i_nop(), i_nop(), i_nop(), i_nop(), i_nop(), i_nop(), i_nop(),
           i_sync(51, 0, 2, false, 2, 0, 0));
    rig_run(r, 100000);
    g_assert_cmpint(stored_time(r, DATA + 64), >, 1000 + 1100);
    g_assert_cmpint(stored_time(r, DATA + 64), <, 1000 + 2500);
    g_assert_cmphex(rig_events(r, 0, waiter) & CS_EVENT_BLOCKED, ==, 0);
    g_assert_true(rig_status(r, 0, waiter).empty);
    rig_free(r);
}

static void sync_wakes_in_both_orders(void)
{
    sync_between_streams(0, 1);
    sync_between_streams(1, 0);
}

static void wake_time_is_the_first_write_that_helps(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_start(r, 0, 1);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 1),
           i_sync_wait(53, GT, 0, 2, false), i_move48(0, DATA + 64),
           i_store_state(1, 0, 0, 0, 0));
    CODE_AT(r, CODE, i_move32(5, 500), i_add32(5, 5, -1),
            i_branch(GT, 5, -2), i_sync(51, 0, 2, false, 2, 0, 0));
    SUBMIT(r, 0, 1, i_move48(0, DATA), i_move48(2, 1), i_move48(92, CODE),
           i_move32(94, 32), i_call(92, 94), i_call(92, 94), i_call(92, 94),
           i_call(92, 94), i_call(92, 94), i_call(92, 94));
    rig_run(r, 5000000);
    /* Each round is 500 * 2 instructions, 100 us. */
    g_assert_cmpint(stored_time(r, DATA + 64), >, 200000);
    g_assert_cmpint(stored_time(r, DATA + 64), <, 250000);
    rig_free(r);
}

/* A stream that is started while another is ahead does not see the future. */
static void late_starter_does_not_wake_early(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_start(r, 0, 1);
    CODE_AT(r, CODE, i_move32(5, 4000), i_add32(5, 5, -1),
            i_branch(GT, 5, -2), i_sync(51, 0, 2, false, 2, 0, 0));
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 1), i_move48(92, CODE),
           i_move32(94, 32), i_call(92, 94));
    cs_exec_run(&r->x, r->now);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    r->now += 100000;
    SUBMIT(r, 0, 1, i_move48(0, DATA), i_move48(2, 0),
           i_sync_wait(53, GT, 0, 2, false), i_move48(0, DATA + 64),
           i_store_state(1, 0, 0, 0, 0));
    rig_run(r, 5000000);
    g_assert_cmpint(stored_time(r, DATA + 64), >, 800000);
    g_assert_cmpint(stored_time(r, DATA + 64), <, 900000);
    rig_free(r);
}

/* A fault that ends a wait: the next wait is told again. */
static void blocked_again_after_a_fault(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_move48(0, DATA), i_move48(2, 0),
            i_sync_wait(53, GT, 0, 2, false));
    rig_job(r, 0, 0, CODE, 24, DATA + 16);
    rig_job(r, 0, 0, CODE, 24, DATA + 16);
    rig_run(r, 10000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_BLOCKED);
    cs_exec_fault(&r->x, 0, 0, false, GPU_EXC_DATA_INVALID_FAULT, 0, 0,
                  r->now);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_FAULT);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA + 16), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 24), ==, 1);
    g_assert_cmphex(rig_events(r, 0, 0), ==,
                    CS_EVENT_SYNC | CS_EVENT_BLOCKED);
    rig_free(r);
}

static void runnable_after_a_taken_blocked(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 0),
           i_sync_wait(39, GT, 0, 2, false), i_move32(5, 5));
    rig_run(r, 5000000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_BLOCKED);
    rig_put64(r, DATA, 1);
    cs_exec_kick(&r->x, 0, 0, r->insert[0], r->now);
    rig_run(r, 100000);
    g_assert_cmpuint(r->stream[0].regs[5], ==, 5);
    g_assert_cmphex(rig_events(r, 0, 0), ==,
                    CS_EVENT_RUNNABLE | CS_EVENT_EMPTY);
    rig_free(r);
}

static void waits_of_two_groups_on_each_other(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_start(r, 1, 0);
    /* Ping-pong over two objects, 100 times. */
    CODE_AT(r, CODE, i_sync(51, 0, 4, false, 0, 0, 0),
            i_sync_wait(53, GT, 2, 6, false), i_add64(6, 6, 1),
            i_add32(8, 8, -1), i_branch(GT, 8, -5));
    CODE_AT(r, CODE + 0x100, i_sync_wait(53, GT, 0, 6, false),
            i_sync(51, 2, 4, false, 0, 0, 0), i_add64(6, 6, 1),
            i_add32(8, 8, -1), i_branch(GT, 8, -5));
    for (unsigned g = 0; g < 2; g++) {
        SUBMIT(r, g, 0, i_move48(0, DATA), i_move48(2, DATA + 16),
               i_move48(4, 1), i_move48(6, 0), i_move32(8, 100),
               i_move48(92, CODE + g * 0x100), i_move32(94, 40),
               i_call(92, 94));
    }
    rig_run(r, 100000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 100);
    g_assert_cmpuint(rig_get64(r, DATA + 16), ==, 100);
    g_assert_true(rig_status(r, 0, 0).empty);
    g_assert_true(rig_status(r, 1, 0).empty);
    rig_free(r);
}

/* ---- progress ---- */

static void progress_wait_both_orders(unsigned waiter, unsigned writer)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 2, waiter);
    rig_start(r, 2, writer);
    SUBMIT(r, 2, waiter, i_move48(0, 3), i_progress_wait(0, writer),
           i_move32(5, 5));
    SUBMIT(r, 2, writer, i_wait_inc(0), i_wait_inc(0));
    rig_run(r, 100000);
    g_assert_cmpuint(rig_status(r, 2, waiter).blocked, ==,
                     CS_BLOCKED_PROGRESS);
    SUBMIT(r, 2, writer, i_wait_inc(0));
    rig_run(r, 100000);
    g_assert_cmpuint(r->stream[2 * 4 + waiter].regs[5], ==, 5);
    rig_free(r);
}

static void progress_wait(void)
{
    progress_wait_both_orders(0, 1);
    progress_wait_both_orders(3, 2);
}

static void progress_of_an_endpoint_counts_at_completion(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_start(r, 0, 1);
    SUBMIT(r, 0, 0, i_move48(0, 1), i_progress_wait(0, 1),
           i_move48(0, DATA), i_store_state(1, 0, 0, 0, 0));
    SUBMIT(r, 0, 1, i_run_inc(4));
    rig_run(r, 100000);
    g_assert_cmpint(stored_time(r, DATA), >=, 1000 + 10000);
    g_assert_cmpint(stored_time(r, DATA), <, 1000 + 12000);
    g_assert_cmpuint(r->stream[1].progress, ==, 1);
    rig_free(r);
}

static void counted_completions_that_do_not_fit(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    for (unsigned i = 0; i < 20; i++) {
        SUBMIT(r, 0, 0, i_run_inc(4));
    }
    rig_run(r, 1000000);
    g_assert_cmpuint(r->stream[0].progress, ==, 20);
    rig_free(r);
}

static void progress_is_per_group(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_start(r, 1, 1);
    SUBMIT(r, 0, 0, i_move48(0, 1), i_progress_wait(0, 1), i_move32(5, 5));
    SUBMIT(r, 1, 1, i_wait_inc(0));
    rig_run(r, 100000);
    g_assert_cmpuint(r->stream[0].regs[5], ==, 0);
    rig_free(r);
}

/* ---- endpoints that hang ---- */

static void hanging_endpoint(void)
{
    Rig *r = rig_new(NULL);

    cs_exec_set_progress_timeout(&r->x, 2500000000ll);
    rig_start(r, 0, 0);
    cs_exec_hang_endpoints(&r->x, 0, 0, true);
    CODE_AT(r, CODE, i_sb(2, 0), i_run(4));
    rig_job(r, 0, 0, CODE, 16, DATA);
    rig_run(r, 1000000000);
    g_assert_cmphex(rig_status(r, 0, 0).scoreboards, ==, 1 << 2);
    g_assert_cmpuint(rig_status(r, 0, 0).blocked, ==, CS_BLOCKED_SB);
    g_assert_cmphex(rig_events(r, 0, 0), ==, 0);
    g_assert_cmpint(event_time(r, 0, CS_EVENT_PROGRESS), >=, 2500000000ll);
    rig_run(r, 1600000000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_PROGRESS);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 0);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    rig_free(r);
}

static void endpoint_faster_than_the_timeout(void)
{
    Rig *r = rig_new(NULL);

    cs_exec_set_progress_timeout(&r->x, 20000);
    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_run(4));
    rig_run(r, 100000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_EMPTY);
    rig_free(r);
}

static void empty_is_told_at_the_right_time(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_nop(), i_nop(), i_run(4), i_nop());
    cs_exec_run(&r->x, r->now);
    g_assert_cmpint(event_time(r, 0, CS_EVENT_EMPTY), ==, 1000 + 200 + 10000);
    g_assert_cmpint(cs_exec_next_event(&r->x), ==, 1000 + 200 + 10000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, 0);
    /* More work arrives before that: nobody has to know. */
    r->now += 5000;
    SUBMIT(r, 0, 0, i_nop());
    cs_exec_run(&r->x, r->now);
    g_assert_cmpint(event_time(r, 0, CS_EVENT_EMPTY), ==, 1000 + 200 + 10000);
    rig_run(r, 20000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_EMPTY);
    g_assert_cmpint(cs_exec_next_event(&r->x), ==, CS_TIME_NEVER);
    rig_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/waits/endpoint-keeps-its-scoreboard-busy",
                    endpoint_keeps_its_scoreboard_busy);
    g_test_add_func("/exec/waits/wait-for-other-scoreboards-passes",
                    wait_for_other_scoreboards_passes);
    g_test_add_func("/exec/waits/endpoints-of-every-kind",
                    endpoints_of_every_kind);
    g_test_add_func("/exec/waits/work-waits-for-endpoints-that-the-group-lacks",
                    work_waits_for_endpoints_that_the_group_lacks);
    g_test_add_func("/exec/waits/resources-are-granted-with-their-endpoints",
                    resources_are_granted_with_their_endpoints);
    g_test_add_func("/exec/waits/long-wait-sleeps", long_wait_sleeps);
    g_test_add_func("/exec/waits/flush-signals-its-scoreboard",
                    flush_signals_its_scoreboard);
    g_test_add_func("/exec/waits/deferred-sync-does-not-hold-the-stream",
                    deferred_sync_does_not_hold_the_stream);
    g_test_add_func("/exec/waits/deferred-sync-behind-the-last-instruction",
                    deferred_sync_behind_the_last_instruction);
    g_test_add_func("/exec/waits/deferred-instructions-keep-their-operands",
                    deferred_instructions_keep_their_operands);
    g_test_add_func("/exec/waits/more-deferred-instructions-than-fit",
                    more_deferred_instructions_than_fit);
    g_test_add_func("/exec/waits/deferred-fault", deferred_fault);
    g_test_add_func("/exec/waits/sync-wait-conditions", sync_wait_conditions);
    g_test_add_func("/exec/waits/blocked-stream-tells-what-it-waits-for",
                    blocked_stream_tells_what_it_waits_for);
    g_test_add_func("/exec/waits/only-what-helps-wakes",
                    only_what_helps_wakes);
    g_test_add_func("/exec/waits/sync-wakes-in-both-orders",
                    sync_wakes_in_both_orders);
    g_test_add_func("/exec/waits/wake-time-is-the-first-write-that-helps",
                    wake_time_is_the_first_write_that_helps);
    g_test_add_func("/exec/waits/late-starter-does-not-wake-early",
                    late_starter_does_not_wake_early);
    g_test_add_func("/exec/waits/blocked-again-after-a-fault",
                    blocked_again_after_a_fault);
    g_test_add_func("/exec/waits/runnable-after-a-taken-blocked",
                    runnable_after_a_taken_blocked);
    g_test_add_func("/exec/waits/waits-of-two-groups-on-each-other",
                    waits_of_two_groups_on_each_other);
    g_test_add_func("/exec/waits/progress-wait", progress_wait);
    g_test_add_func(
        "/exec/waits/progress-of-an-endpoint-counts-at-completion",
        progress_of_an_endpoint_counts_at_completion);
    g_test_add_func("/exec/waits/counted-completions-that-do-not-fit",
                    counted_completions_that_do_not_fit);
    g_test_add_func("/exec/waits/progress-is-per-group",
                    progress_is_per_group);
    g_test_add_func("/exec/waits/hanging-endpoint", hanging_endpoint);
    g_test_add_func("/exec/waits/endpoint-faster-than-the-timeout",
                    endpoint_faster_than_the_timeout);
    g_test_add_func("/exec/waits/empty-is-told-at-the-right-time",
                    empty_is_told_at_the_right_time);
    return g_test_run();
}
