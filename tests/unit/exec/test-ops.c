/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every v10 instruction does when nothing goes wrong.
 */
#include <glib.h>

#include "asm.h"
#include "rig.h"

static void kernel_job(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_move48(0, DATA + 0x100), i_move32(2, 0xcafe),
            i_store(2, 1, 0, 0));
    rig_job(r, 0, 0, CODE, 24, DATA);
    rig_run(r, 100000);
    g_assert_cmphex(rig_get32(r, DATA + 0x100), ==, 0xcafe);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 8), ==, 0);
    g_assert_cmpuint(r->flushes, ==, 1);
    g_assert_cmphex(r->flush_mode, ==, 0x233);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_SYNC | CS_EVENT_EMPTY);
    g_assert_true(rig_status(r, 0, 0).empty);
    g_assert_cmpuint(rig_status(r, 0, 0).extract, ==, 128);
    rig_free(r);
}

static void kernel_job_profiled(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(92, DATA), i_store_state(1, 92, 0, 0, 0),
           i_move48(94, DATA + 16), i_store_state(0, 94, 8, 0, 0));
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA), >=, 1100);
    g_assert_cmpuint(rig_get64(r, DATA), <, 2000);
    g_assert_cmpuint(rig_get64(r, DATA + 24), >=, 1000 / 40);
    g_assert_cmpuint(rig_get64(r, DATA + 24), <, 2500 / 40);
    rig_free(r);
}

static void empty_call(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_job(r, 0, 0, 0, 0, DATA);
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

static void move48_is_not_sign_extended(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    s->regs[3] = ~0u;
    SUBMIT(r, 0, 0, i_move48(2, 0x812345678000ull));
    rig_run(r, 1000);
    g_assert_cmphex(s->regs[2], ==, 0x45678000);
    g_assert_cmphex(s->regs[3], ==, 0x8123);
    rig_free(r);
}

static void move32(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    SUBMIT(r, 0, 0, i_move32(95, 0xdeadbeef), i_move32(0, 7));
    rig_run(r, 1000);
    g_assert_cmphex(s->regs[95], ==, 0xdeadbeef);
    g_assert_cmpuint(s->regs[0], ==, 7);
    rig_free(r);
}

static void add(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    SUBMIT(r, 0, 0, i_move32(0, 1), i_add32(1, 0, -2), i_move48(2, 0xffffffff),
           i_add64(4, 2, 1), i_add64(6, 4, -1), i_move48(8, 0),
           i_add64(8, 8, -1));
    rig_run(r, 10000);
    g_assert_cmphex(s->regs[1], ==, 0xffffffff);
    g_assert_cmphex(s->regs[4], ==, 0);
    g_assert_cmphex(s->regs[5], ==, 1);
    g_assert_cmphex(s->regs[6], ==, 0xffffffff);
    g_assert_cmphex(s->regs[7], ==, 0);
    g_assert_cmphex(s->regs[8], ==, 0xffffffff);
    g_assert_cmphex(s->regs[9], ==, 0xffffffff);
    rig_free(r);
}

static void umin_is_unsigned(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    SUBMIT(r, 0, 0, i_move32(0, 5), i_move32(1, 0xffffffff),
           i_umin32(2, 0, 1), i_umin32(3, 1, 0));
    rig_run(r, 10000);
    g_assert_cmpuint(s->regs[2], ==, 5);
    g_assert_cmpuint(s->regs[3], ==, 5);
    rig_free(r);
}

static void load_takes_only_masked_registers(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    rig_put64(r, DATA, 0x1111111100000000ull);
    rig_put64(r, DATA + 8, 0x3333333322222222ull);
    s->regs[10] = 0xaa;
    SUBMIT(r, 0, 0, i_move48(0, DATA + 0x10), i_load(10, 0xa, 0, -0x10));
    rig_run(r, 10000);
    g_assert_cmphex(s->regs[10], ==, 0xaa);
    g_assert_cmphex(s->regs[11], ==, 0x11111111);
    g_assert_cmphex(s->regs[12], ==, 0);
    g_assert_cmphex(s->regs[13], ==, 0x33333333);
    rig_free(r);
}

static void store_leaves_gaps_alone(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    for (unsigned i = 0; i < 8; i++) {
        rig_put64(r, DATA + i * 8, ~0ull);
    }
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move32(10, 1), i_move32(12, 3),
           i_move32(25, 16), i_store(10, 0x8005, 0, 0));
    rig_run(r, 10000);
    g_assert_cmphex(rig_get32(r, DATA), ==, 1);
    g_assert_cmphex(rig_get32(r, DATA + 4), ==, 0xffffffff);
    g_assert_cmphex(rig_get32(r, DATA + 8), ==, 3);
    g_assert_cmphex(rig_get32(r, DATA + 12), ==, 0xffffffff);
    g_assert_cmphex(rig_get32(r, DATA + 56), ==, 0xffffffff);
    g_assert_cmphex(rig_get32(r, DATA + 60), ==, 16);
    rig_free(r);
}

static void store_all_sixteen(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    for (unsigned i = 0; i < 16; i++) {
        s->regs[20 + i] = i + 1;
    }
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_store(20, 0xffff, 0, 64),
           i_store(20, 0x7fff, 0, 256), i_load(40, 0xffff, 0, 64));
    rig_run(r, 10000);
    for (unsigned i = 0; i < 16; i++) {
        g_assert_cmphex(rig_get32(r, DATA + 64 + i * 4), ==, i + 1);
        g_assert_cmphex(rig_get32(r, DATA + 256 + i * 4), ==,
                        i < 15 ? i + 1 : 0);
        g_assert_cmphex(s->regs[40 + i], ==, i + 1);
    }
    rig_free(r);
}

static void load_and_store_cross_a_page(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    SUBMIT(r, 0, 0, i_move48(0, DATA + 0xff0), i_move32(10, 10),
           i_move32(17, 17), i_store(10, 0xff, 0, 0), i_load(20, 0xff, 0, 0));
    rig_run(r, 10000);
    g_assert_cmphex(rig_get32(r, DATA + 0xff0), ==, 10);
    g_assert_cmphex(rig_get32(r, DATA + 0x100c), ==, 17);
    g_assert_cmphex(s->regs[20], ==, 10);
    g_assert_cmphex(s->regs[27], ==, 17);
    rig_free(r);
}

/* Registers that are not loaded are not read from memory either. */
static void load_reads_only_what_it_needs(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    rig_mode(r, DATA, PAGE_FAULT);
    rig_mode(r, DATA + 0x2000, PAGE_FAULT);
    rig_put64(r, DATA + 0x1000, 0x2222222211111111ull);
    rig_put64(r, DATA + 0x1ff8, 0x4444444433333333ull);
    SUBMIT(r, 0, 0, i_move48(0, DATA + 0xff0), i_load(10, 0x30, 0, 0),
           i_move48(0, DATA + 0x1ff0), i_load(20, 0x0c, 0, 0));
    rig_run(r, 10000);
    g_assert_true(rig_status(r, 0, 0).empty);
    g_assert_cmphex(s->regs[14], ==, 0x11111111);
    g_assert_cmphex(s->regs[15], ==, 0x22222222);
    g_assert_cmphex(s->regs[22], ==, 0x33333333);
    g_assert_cmphex(s->regs[23], ==, 0x44444444);
    rig_free(r);
}

/* Whether a branch with @cond on @v is taken. */
static bool taken(unsigned cond, uint32_t v)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);
    bool skipped;

    SUBMIT(r, 0, 0, i_move32(0, v), i_branch(cond, 0, 1), i_move32(1, 1),
           i_nop());
    rig_run(r, 10000);
    skipped = s->regs[1] == 0;
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
    return skipped;
}

static void branch_conditions(void)
{
    static const uint32_t value[] = { 0x80000000, 0, 1 };
    static const bool want[7][3] = {
        [LE] = { true, true, false },
        [GT] = { false, false, true },
        [EQ] = { false, true, false },
        [NE] = { true, false, true },
        [LT] = { true, false, false },
        [GE] = { false, true, true },
        [ALWAYS] = { true, true, true },
    };

    for (unsigned c = 0; c < 7; c++) {
        for (unsigned v = 0; v < 3; v++) {
            g_assert_cmpint(taken(c, value[v]), ==, want[c][v]);
        }
    }
}

static void branch_loop(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    CODE_AT(r, CODE, i_move32(0, 10), i_add32(1, 1, 3), i_add32(0, 0, -1),
            i_branch(GT, 0, -3));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 32), i_call(92, 94));
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[1], ==, 30);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

/* From one page of code into another and back. */
static void branch_across_pages(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    CODE_AT(r, CODE, i_move32(0, 3), i_branch(ALWAYS, 0, 1023));
    CODE_AT(r, CODE + 1025 * 8, i_add32(1, 1, 1), i_add32(0, 0, -1),
            i_branch(NE, 0, -1027), i_branch(ALWAYS, 0, 1));
    CODE_AT(r, CODE + 8, i_branch(ALWAYS, 0, 1023));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 1030 * 8),
           i_call(92, 94));
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[1], ==, 3);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void branch_behind_the_end_returns(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    CODE_AT(r, CODE, i_branch(ALWAYS, 0, 100), i_move32(1, 1));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 16), i_call(92, 94),
           i_move32(2, 2));
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[1], ==, 0);
    g_assert_cmpuint(s->regs[2], ==, 2);
    rig_free(r);
}

static void call_nests_eight_deep(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    for (unsigned i = 0; i < 8; i++) {
        CODE_AT(r, CODE + i * 64, i_add32(0, 0, 1),
                i_move48(92, CODE + (i + 1) * 64),
                i_move32(94, i < 7 ? 40 : 0), i_call(92, 94),
                i_add32(1, 1, 1));
    }
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 40), i_call(92, 94));
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[0], ==, 8);
    g_assert_cmpuint(s->regs[1], ==, 8);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void jump_replaces_the_call(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    CODE_AT(r, CODE, i_move48(92, CODE + 0x100), i_move32(94, 8),
            i_jump(92, 94), i_move32(1, 1));
    CODE_AT(r, CODE + 0x100, i_move32(2, 2), i_move32(3, 3));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 32), i_call(92, 94),
           i_move32(4, 4));
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[1], ==, 0);
    g_assert_cmpuint(s->regs[2], ==, 2);
    g_assert_cmpuint(s->regs[3], ==, 0);
    g_assert_cmpuint(s->regs[4], ==, 4);
    rig_free(r);
}

static void pretend_skips_calls_of_the_ring(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    cs_exec_set_pretend(&r->x, 0, 0, true);
    CODE_AT(r, CODE, i_move32(1, 1));
    rig_job(r, 0, 0, CODE, 8, DATA);
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[1], ==, 0);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

static void sync_add_and_set(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_put64(r, DATA, 0xffffffff);
    rig_put64(r, DATA + 8, ~0ull);
    rig_put64(r, DATA + 16, 0xfffffffffull);
    rig_put64(r, DATA + 24, ~0ull);
    rig_put64(r, DATA + 32, ~0ull);
    rig_put64(r, DATA + 40, ~0ull);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 2),
           i_sync(37, 0, 2, false, 0, 0, 0),
           i_add64(0, 0, 16), i_sync(51, 0, 2, false, 0, 0, 0),
           i_add64(0, 0, 16), i_sync(52, 0, 2, false, 0, 0, 0),
           i_add64(0, 0, 16), i_sync(38, 0, 2, false, 0, 0, 0));
    rig_run(r, 100000);
    g_assert_cmphex(rig_get64(r, DATA), ==, 1);
    g_assert_cmphex(rig_get32(r, DATA + 8), ==, 0xffffffff);
    g_assert_cmphex(rig_get64(r, DATA + 16), ==, 0x1000000001ull);
    g_assert_cmphex(rig_get32(r, DATA + 24), ==, 0);
    g_assert_cmphex(rig_get32(r, DATA + 28), ==, 0xffffffff);
    g_assert_cmphex(rig_get64(r, DATA + 32), ==, 2);
    g_assert_cmphex(rig_get64(r, DATA + 48), ==, 2);
    rig_free(r);
}

static void only_system_scope_raises_an_event(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_sync(51, 0, 0, false, 2, 0, 0));
    rig_run(r, 10000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_EMPTY);
    SUBMIT(r, 0, 0, i_sync(51, 0, 0, false, 0, 0, 0));
    rig_run(r, 10000);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_EMPTY | CS_EVENT_SYNC);
    rig_free(r);
}

static void flush_with_an_old_id_is_left_out(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    r->flush_id = 5;
    SUBMIT(r, 0, 0, i_move32(0, 4), i_flush(0x233, 0, 0, 0));
    rig_run(r, 10000);
    g_assert_cmpuint(r->flushes, ==, 0);
    SUBMIT(r, 0, 0, i_move32(0, 5), i_flush(0x211, 0, 0, 0));
    rig_run(r, 10000);
    g_assert_cmpuint(r->flushes, ==, 1);
    g_assert_cmphex(r->flush_mode, ==, 0x211);
    rig_free(r);
}

static void resources_and_scoreboard_selection(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    SUBMIT(r, 0, 0, i_req(5), i_sb(3, 7));
    rig_run(r, 10000);
    g_assert_cmphex(rig_status(r, 0, 0).resources, ==, 5);
    g_assert_cmpuint(s->sb_endpoint, ==, 3);
    g_assert_cmpuint(s->sb_other, ==, 7);
    rig_free(r);
}

static void progress_counters(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 1, 2);

    SUBMIT(r, 1, 2, i_move48(0, 0x123456789abull), i_progress_store(0),
           i_wait_inc(0), i_progress_load(2));
    rig_run(r, 10000);
    g_assert_cmphex(s->progress, ==, 0x123456789acull);
    g_assert_cmphex(s->regs[2], ==, 0x456789ac);
    g_assert_cmphex(s->regs[3], ==, 0x123);

    /* The next group in the slot counts from the beginning. */
    rig_start(r, 1, 2);
    g_assert_cmphex(s->progress, ==, 0);
    rig_free(r);
}

static void no_effect_instructions(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    SUBMIT(r, 0, 0, 0x00ffffffffffffffull, OP(50), OP(41) | 4, i_move32(0, 1));
    rig_run(r, 10000);
    g_assert_cmpuint(s->regs[0], ==, 1);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_EMPTY | CS_EVENT_PROTM);
    rig_free(r);
}

static void stored_states(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_put64(r, DATA, ~0ull);
    rig_put64(r, DATA + 8, ~0ull);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_store_state(2, 0, 0, 0, 0),
           i_store_state(3, 0, 8, 0, 0));
    rig_run(r, 10000);
    g_assert_cmphex(rig_get64(r, DATA), ==, 0);
    g_assert_cmphex(rig_get64(r, DATA + 8), ==, 0);
    rig_free(r);
}

/* Code that rewrites code further on in the same page. */
static void stored_code_is_fetched_anew(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);
    uint64_t patch = i_move32(1, 42);

    s->regs[4] = (uint32_t)patch;
    s->regs[5] = (uint32_t)(patch >> 32);
    CODE_AT(r, CODE, i_move48(2, CODE), i_store(4, 3, 2, 16), i_move32(1, 1));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 24), i_call(92, 94));
    rig_run(r, 10000);
    g_assert_cmpuint(s->regs[1], ==, 42);
    rig_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/ops/kernel-job", kernel_job);
    g_test_add_func("/exec/ops/kernel-job-profiled", kernel_job_profiled);
    g_test_add_func("/exec/ops/empty-call", empty_call);
    g_test_add_func("/exec/ops/move48-is-not-sign-extended",
                    move48_is_not_sign_extended);
    g_test_add_func("/exec/ops/move32", move32);
    g_test_add_func("/exec/ops/add", add);
    g_test_add_func("/exec/ops/umin-is-unsigned", umin_is_unsigned);
    g_test_add_func("/exec/ops/load-takes-only-masked-registers",
                    load_takes_only_masked_registers);
    g_test_add_func("/exec/ops/store-leaves-gaps-alone",
                    store_leaves_gaps_alone);
    g_test_add_func("/exec/ops/store-all-sixteen", store_all_sixteen);
    g_test_add_func("/exec/ops/load-and-store-cross-a-page",
                    load_and_store_cross_a_page);
    g_test_add_func("/exec/ops/load-reads-only-what-it-needs",
                    load_reads_only_what_it_needs);
    g_test_add_func("/exec/ops/branch-conditions", branch_conditions);
    g_test_add_func("/exec/ops/branch-loop", branch_loop);
    g_test_add_func("/exec/ops/branch-across-pages", branch_across_pages);
    g_test_add_func("/exec/ops/branch-behind-the-end-returns",
                    branch_behind_the_end_returns);
    g_test_add_func("/exec/ops/call-nests-eight-deep", call_nests_eight_deep);
    g_test_add_func("/exec/ops/jump-replaces-the-call",
                    jump_replaces_the_call);
    g_test_add_func("/exec/ops/pretend-skips-calls-of-the-ring",
                    pretend_skips_calls_of_the_ring);
    g_test_add_func("/exec/ops/sync-add-and-set", sync_add_and_set);
    g_test_add_func("/exec/ops/only-system-scope-raises-an-event",
                    only_system_scope_raises_an_event);
    g_test_add_func("/exec/ops/flush-with-an-old-id-is-left-out",
                    flush_with_an_old_id_is_left_out);
    g_test_add_func("/exec/ops/resources-and-scoreboard-selection",
                    resources_and_scoreboard_selection);
    g_test_add_func("/exec/ops/progress-counters", progress_counters);
    g_test_add_func("/exec/ops/no-effect-instructions",
                    no_effect_instructions);
    g_test_add_func("/exec/ops/stored-states", stored_states);
    g_test_add_func("/exec/ops/stored-code-is-fetched-anew",
                    stored_code_is_fetched_anew);
    return g_test_run();
}
