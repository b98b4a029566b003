/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop around the instructions: ring, slices, bounded work, stalls, and
 * that a run depends on nothing but its inputs.
 */
#include <glib.h>
#include <string.h>

#include "asm.h"
#include "rig.h"

static void ring_wraps(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    /* 32 jobs fill the ring; go around several times. */
    for (unsigned i = 0; i < 100; i++) {
        CODE_AT(r, CODE, i_add32(0, 0, 1));
        rig_job(r, 0, 0, CODE, 8, DATA);
        rig_run(r, 20000);
        g_assert_cmpuint(rig_get64(r, DATA), ==, i + 1);
        g_assert_cmpuint(rig_status(r, 0, 0).extract, ==, (i + 1) * 128);
    }
    g_assert_cmpuint(r->stream[0].regs[0], ==, 100);
    rig_free(r);
}

static void full_ring(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    for (unsigned i = 0; i < RING_SIZE / 128; i++) {
        rig_job(r, 0, 0, 0, 0, DATA);
    }
    g_assert_cmpuint(r->insert[0], ==, RING_SIZE);
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, RING_SIZE / 128);
    rig_free(r);
}

static void offsets_wrap_at_64_bits(void)
{
    Rig *r = rig_new(NULL);

    r->insert[0] = -128ull;
    rig_start(r, 0, 0);
    rig_job(r, 0, 0, 0, 0, DATA);
    rig_job(r, 0, 0, 0, 0, DATA);
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 2);
    g_assert_cmpuint(rig_status(r, 0, 0).extract, ==, 128);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void odd_insert_is_cut_to_instructions(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    APPEND(r, 0, 0, i_move32(0, 1), i_move32(1, 1));
    cs_exec_kick(&r->x, 0, 0, 12, r->now);
    rig_run(r, 10000);
    g_assert_cmpuint(r->stream[0].regs[0], ==, 1);
    g_assert_cmpuint(r->stream[0].regs[1], ==, 0);
    cs_exec_kick(&r->x, 0, 0, 16, r->now);
    rig_run(r, 10000);
    g_assert_cmpuint(r->stream[0].regs[1], ==, 1);
    rig_free(r);
}

static void start_without_work_is_empty(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 3, 3);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    g_assert_cmphex(rig_events(r, 3, 3), ==, CS_EVENT_EMPTY);
    g_assert_true(rig_status(r, 3, 3).empty);
    rig_free(r);
}

static void instructions_cost_time(void)
{
    CsExecConfig cfg = rig_config();
    Rig *r;

    cfg.instr_ns = 70;
    cfg.mem_ns = 1000;
    r = rig_new(&cfg);
    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_nop(), i_load(2, 1, 0, 0), i_nop());
    cs_exec_run(&r->x, r->now);
    g_assert_cmpint(r->stream[0].clock, ==, 1000 + 4 * 70 + 1000);
    g_assert_cmpuint(r->stream[0].executed, ==, 4);
    rig_free(r);
}

static void slice_is_the_limit(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_add32(0, 0, 1), i_branch(ALWAYS, 0, -2));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 16), i_call(92, 94));
    for (unsigned i = 1; i <= 5; i++) {
        r->now = cs_exec_run(&r->x, r->now);
        g_assert_cmpint(r->now, ==, 1000 + i * 1000000);
        g_assert_cmpint(r->stream[0].executed, ==, i * 10000);
    }
    /* A call before its time does only what has become due. */
    cs_exec_run(&r->x, r->now + 500000);
    g_assert_cmpint(r->stream[0].executed, <=, 65000 + 1);
    rig_free(r);
}

/* Endless streams in all slots: no call does more than the work it may. */
static void work_of_a_call_is_bounded(void)
{
    CsExecConfig cfg = rig_config();
    uint64_t before = 0;
    Rig *r;

    cfg.instr_ns = 1;
    cfg.mem_ns = 0;
    cfg.slice_ns = 1000000000;
    r = rig_new(&cfg);
    CODE_AT(r, CODE, i_add32(0, 0, 1), i_branch(ALWAYS, 0, -2));
    for (unsigned s = 0; s < 8; s++) {
        rig_start(r, s / 4, s % 4);
        SUBMIT(r, s / 4, s % 4, i_move48(92, CODE), i_move32(94, 16),
               i_call(92, 94));
    }
    for (unsigned i = 0; i < 3; i++) {
        uint64_t done = 0;

        r->now = cs_exec_run(&r->x, r->now);
        for (unsigned s = 0; s < 8; s++) {
            done += r->stream[s].executed;
            g_assert_cmpuint(r->stream[s].executed, >, 0);
        }
        g_assert_cmpuint(done - before, <=, (1 << 20) + 1000);
        before = done;
    }
    g_assert_cmpint(r->now, <, 1000000);
    rig_free(r);
}

static void bus_accesses_of_a_call_are_bounded(void)
{
    CsExecConfig cfg = rig_config();
    Rig *r;

    cfg.instr_ns = 1;
    cfg.mem_ns = 0;
    cfg.slice_ns = 1000000000;
    r = rig_new(&cfg);
    CODE_AT(r, CODE, i_store(0, 3, 2, 0), i_branch(ALWAYS, 0, -2));
    for (unsigned s = 0; s < 4; s++) {
        rig_start(r, 0, s);
        SUBMIT(r, 0, s, i_move48(2, DATA), i_move48(92, CODE),
               i_move32(94, 16), i_call(92, 94));
    }
    cs_exec_run(&r->x, r->now);
    g_assert_cmpuint(r->reads + r->writes, <, (1 << 20) / 32 + 100);
    rig_free(r);
}

static void an_endless_loop_does_not_starve_others(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_start(r, 0, 1);
    CODE_AT(r, CODE, i_branch(ALWAYS, 0, -1));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 8), i_call(92, 94));
    rig_job(r, 0, 1, 0, 0, DATA);
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

/* ---- stalls ---- */

static void stalled_fetch_is_tried_again(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_add32(0, 0, 1));
    rig_job(r, 0, 0, CODE, 8, DATA);
    rig_mode(r, CODE, PAGE_STALL);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, r->now + 1000000);
    rig_run(r, 5000000);
    g_assert_cmphex(rig_status(r, 0, 0).cmd_ptr, ==, CODE);
    g_assert_cmpuint(r->stream[0].regs[0], ==, 0);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_RUNNING);
    g_assert_false(rig_status(r, 0, 0).empty);
    rig_mode(r, CODE, PAGE_OK);
    rig_run(r, 5000000);
    g_assert_cmpuint(r->stream[0].regs[0], ==, 1);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

static void stalled_data_is_tried_again(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_load(2, 1, 0, 0), i_move32(3, 3));
    rig_mode(r, DATA, PAGE_STALL);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, r->now + 1000000);
    rig_run(r, 5000000);
    g_assert_cmpuint(r->stream[0].regs[3], ==, 0);
    rig_mode(r, DATA, PAGE_OK);
    rig_run(r, 2000000);
    g_assert_cmpuint(r->stream[0].regs[3], ==, 3);
    rig_free(r);
}

/*
 * Pages stall in the pattern @stall in all calls but every @nth: memory and
 * registers end up the same as without stalls.
 */
static void run_with_stalls(Rig *r, uint64_t stall, unsigned nth)
{
    static const uint64_t where[] = { DATA, DATA + 0x1000, HEAP, CHUNK(0) };
    unsigned count = 0;

    rig_start(r, 0, 0);
    rig_put64(r, HEAP + 0x218, HEAP + 0x100);
    rig_put64(r, HEAP + 0x100, 4096ull << 32);
    rig_put64(r, HEAP + 0x108, CHUNK(0));
    CODE_AT(r, CODE, i_move48(0, DATA + 0xff8), i_move32(2, 1),
            i_move32(5, 4), i_store(2, 0xf, 0, 0), i_load(6, 0xf, 0, 0),
            i_sync(51, 0, 2, true, 0, 0, 0), i_sync(37, 0, 2, true, 0, 0, 0),
            i_move48(10, HEAP), i_heap_set(10), i_heap_op(0, 0, 1),
            i_move48(40, HEAP + 0x200), i_run(6), i_run(6),
            i_finish_fragment(true, 1, 10, 10, 2), i_wait(0xff),
            i_store(2, 0x25, 0, 0));
    rig_job(r, 0, 0, CODE, 16 * 8, DATA);
    while (!rig_status(r, 0, 0).empty && count < 2000) {
        for (unsigned i = 0; i < 4; i++) {
            bool now = (stall >> i & 1) && count % (nth + 1) != nth;

            rig_mode(r, where[i], now ? PAGE_STALL_ONCE : PAGE_OK);
        }
        r->now += 7000;
        cs_exec_run(&r->x, r->now);
        count++;
    }
    g_assert_true(rig_status(r, 0, 0).empty);
    for (unsigned i = 0; i < 4; i++) {
        rig_mode(r, where[i], PAGE_OK);
    }
}

static void stalls_change_nothing(void)
{
    CsExecConfig cfg = rig_config();
    Rig *ref;

    cfg.slice_ns = 5000;
    cfg.idvs_heap = 1000;
    ref = rig_new(&cfg);
    run_with_stalls(ref, 0, 1);
    g_assert_cmpuint(rig_get64(ref, DATA), ==, 1);
    for (unsigned stall = 1; stall < 16; stall++) {
        for (unsigned nth = 1; nth < 4; nth++) {
            Rig *r = rig_new(&cfg);

            run_with_stalls(r, stall, nth);
            g_assert_cmpmem(r->mem, sizeof(r->mem), ref->mem,
                            sizeof(ref->mem));
            g_assert_cmpmem(r->stream[0].regs, sizeof(r->stream[0].regs),
                            ref->stream[0].regs,
                            sizeof(ref->stream[0].regs));
            rig_free(r);
        }
    }
    rig_free(ref);
}

/* ---- address spaces ---- */

static void streams_live_in_their_address_space(void)
{
    Rig *r = rig_new(NULL);
    CsStart start = { .as = 0, .ring_base = RING(0), .ring_size = RING_SIZE,
                      .insert = 16 };
    uint64_t in[2] = { GUINT64_TO_LE(i_move32(0, 7)),
                       GUINT64_TO_LE(i_move32(1, 8)) };

    memcpy(&r->mem[0][RING(0) - RIG_BASE], in, 16);
    rig_put64(r, RING(0), i_move32(0, 9));
    g_assert_true(cs_exec_start(&r->x, 0, 0, &start, r->now));
    start.as = 1;
    start.insert = 8;
    g_assert_true(cs_exec_start(&r->x, 1, 0, &start, r->now));
    rig_run(r, 10000);
    g_assert_cmpuint(r->stream[0].regs[0], ==, 7);
    g_assert_cmpuint(r->stream[0].regs[1], ==, 8);
    g_assert_cmpuint(r->stream[4].regs[0], ==, 9);

    rig_put64(r, RING(0) + 16, i_move32(2, 10));
    cs_exec_set_as(&r->x, 0, 1);
    cs_exec_kick(&r->x, 0, 0, 24, r->now);
    rig_run(r, 10000);
    g_assert_cmpuint(r->stream[0].regs[2], ==, 10);
    rig_free(r);
}

/* ---- life ---- */

static void stop_and_start_again(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_branch(ALWAYS, 0, -1));
    rig_job(r, 0, 0, CODE, 8, DATA);
    rig_run(r, 100000);
    cs_exec_stop(&r->x, 0, 0);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OFF);
    cs_exec_kick(&r->x, 0, 0, 256, r->now);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    r->insert[0] = 0;
    rig_start(r, 0, 0);
    g_assert_cmpuint(r->stream[0].regs[92], ==, 0);
    rig_job(r, 0, 0, 0, 0, DATA);
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

static void stop_withdraws_idleness(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_nop());
    cs_exec_run(&r->x, r->now);
    g_assert_cmpint(cs_exec_next_event(&r->x), !=, CS_TIME_NEVER);
    cs_exec_stop(&r->x, 0, 0);
    g_assert_cmpint(cs_exec_next_event(&r->x), ==, CS_TIME_NEVER);
    rig_free(r);
}

static void reset_turns_all_off(void)
{
    Rig *r = rig_new(NULL);

    for (unsigned s = 0; s < 16; s++) {
        rig_start(r, s / 4, s % 4);
    }
    SUBMIT(r, 0, 0, i_wait_inc(0));
    rig_run(r, 10000);
    cs_exec_reset(&r->x);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    g_assert_cmpint(cs_exec_next_event(&r->x), ==, CS_TIME_NEVER);
    g_assert_cmpuint(r->stream[0].progress, ==, 0);
    rig_free(r);
}

static void slots_that_do_not_exist(void)
{
    Rig *r = rig_new(NULL);
    CsStart start = { .ring_base = RING(0), .ring_size = RING_SIZE };
    CsStreamStatus st;
    uint8_t buf[CS_SAVE_SIZE];

    for (unsigned i = 0; i < 2; i++) {
        unsigned g = i ? 4 : 0, s = i ? 0 : 4;

        g_assert_false(cs_exec_start(&r->x, g, s, &start, 0));
        cs_exec_stop(&r->x, g, s);
        cs_exec_kick(&r->x, g, s, 8, 0);
        cs_exec_set_pretend(&r->x, g, s, true);
        cs_exec_hang_endpoints(&r->x, g, s, true);
        cs_exec_fault(&r->x, g, s, true, 1, 2, 3, 0);
        cs_exec_fault_ack(&r->x, g, s, 0);
        cs_exec_heap_reply(&r->x, g, s, 0, 0);
        cs_exec_status(&r->x, g, s, 0, &st);
        g_assert_cmpuint(st.state, ==, CS_OFF);
        cs_exec_save(&r->x, g, s, buf);
        g_assert_false(cs_exec_restore(&r->x, g, s, buf, &start, 0));
    }
    cs_exec_set_as(&r->x, 4, 1);
    rig_free(r);
}

static void bad_configurations(void)
{
    CsExecConfig good = rig_config(), bad[11];
    static CsStream stream[16];
    CsExec x;

    for (unsigned i = 0; i < 11; i++) {
        bad[i] = good;
    }
    bad[0].arch_major = 9;
    bad[1].arch_major = 15;
    bad[2].groups = 0;
    bad[3].groups = 32;
    bad[4].streams = 0;
    bad[5].streams = 33;
    bad[6].regs = 64;
    bad[7].scoreboards = 0;
    bad[8].scoreboards = 17;
    bad[9].instr_ns = 0;
    bad[10].slice_ns = 0;
    for (unsigned i = 0; i < 11; i++) {
        g_assert_false(cs_exec_init(&x, &bad[i], stream, NULL, NULL));
    }
    g_assert_true(cs_exec_init(&x, &good, stream, NULL, NULL));
}

/* ---- determinism ---- */

static void mixed_load(Rig *r)
{
    CODE_AT(r, CODE, i_move48(0, DATA), i_move48(2, 1), i_move32(8, 50),
            i_sync(51, 0, 2, true, 0, 0, 1), i_run(4),
            i_add64(4, 4, 1), i_sync(51, 0, 2, false, 2, 1, 2),
            i_sync_wait(53, GT, 0, 4, true), i_wait(0xff),
            i_add32(8, 8, -1), i_branch(GT, 8, -8));
    for (unsigned s = 0; s < 6; s++) {
        rig_start(r, s / 4, s % 4);
        rig_job(r, s / 4, s % 4, CODE, 11 * 8, DATA + 0x100 + s * 16);
    }
    rig_run(r, 30000000);
}

static void same_inputs_same_run(void)
{
    Rig *a = rig_new(NULL), *b = rig_new(NULL);

    mixed_load(a);
    mixed_load(b);
    g_assert_cmpmem(a->mem, sizeof(a->mem), b->mem, sizeof(b->mem));
    g_assert_cmpmem(a->stream, sizeof(a->stream), b->stream,
                    sizeof(b->stream));
    g_assert_cmpuint(a->reads, ==, b->reads);
    g_assert_cmpuint(a->writes, ==, b->writes);
    for (unsigned s = 0; s < 6; s++) {
        g_assert_cmpuint(rig_get64(a, DATA + 0x100 + s * 16), ==, 1);
    }
    rig_free(a);
    rig_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/run/ring-wraps", ring_wraps);
    g_test_add_func("/exec/run/full-ring", full_ring);
    g_test_add_func("/exec/run/offsets-wrap-at-64-bits",
                    offsets_wrap_at_64_bits);
    g_test_add_func("/exec/run/odd-insert-is-cut-to-instructions",
                    odd_insert_is_cut_to_instructions);
    g_test_add_func("/exec/run/start-without-work-is-empty",
                    start_without_work_is_empty);
    g_test_add_func("/exec/run/instructions-cost-time",
                    instructions_cost_time);
    g_test_add_func("/exec/run/slice-is-the-limit", slice_is_the_limit);
    g_test_add_func("/exec/run/work-of-a-call-is-bounded",
                    work_of_a_call_is_bounded);
    g_test_add_func("/exec/run/bus-accesses-of-a-call-are-bounded",
                    bus_accesses_of_a_call_are_bounded);
    g_test_add_func("/exec/run/an-endless-loop-does-not-starve-others",
                    an_endless_loop_does_not_starve_others);
    g_test_add_func("/exec/run/stalled-fetch-is-tried-again",
                    stalled_fetch_is_tried_again);
    g_test_add_func("/exec/run/stalled-data-is-tried-again",
                    stalled_data_is_tried_again);
    g_test_add_func("/exec/run/stalls-change-nothing", stalls_change_nothing);
    g_test_add_func("/exec/run/streams-live-in-their-address-space",
                    streams_live_in_their_address_space);
    g_test_add_func("/exec/run/stop-and-start-again", stop_and_start_again);
    g_test_add_func("/exec/run/stop-withdraws-idleness",
                    stop_withdraws_idleness);
    g_test_add_func("/exec/run/reset-turns-all-off", reset_turns_all_off);
    g_test_add_func("/exec/run/slots-that-do-not-exist",
                    slots_that_do_not_exist);
    g_test_add_func("/exec/run/bad-configurations", bad_configurations);
    g_test_add_func("/exec/run/same-inputs-same-run", same_inputs_same_run);
    return g_test_run();
}
