/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes wrong, how it is reported, and how the stream goes on.
 */
#include <glib.h>

#include "asm.h"
#include "rig.h"

#define OUTSIDE 0x1000ull             /* an address that the bus refuses */

static void assert_fatal(Rig *r, uint32_t type, uint64_t info)
{
    CsStreamStatus st = rig_status(r, 0, 0);

    g_assert_cmpuint(st.state, ==, CS_DEAD);
    g_assert_cmphex(st.fatal_type, ==, type);
    g_assert_cmphex(st.fatal_info, ==, info);
    g_assert_cmphex(rig_events(r, 0, 0) & CS_EVENT_FATAL, !=, 0);
}

static void assert_fault(Rig *r, uint32_t type, uint64_t info)
{
    CsStreamStatus st = rig_status(r, 0, 0);

    g_assert_cmpuint(st.state, ==, CS_FAULTED);
    g_assert_cmphex(st.fault_type, ==, type);
    g_assert_cmphex(st.fault_info, ==, info);
    g_assert_cmphex(rig_events(r, 0, 0) & CS_EVENT_FAULT, !=, 0);
}

/* @in in the ring is not an instruction, or not one at this place. */
static void assert_invalid(uint64_t in)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_nop(), in, i_nop());
    rig_run(r, 100000);
    assert_fatal(r, GPU_EXC_CS_INSTR_INVALID, in);
    g_assert_cmpuint(rig_status(r, 0, 0).extract, ==, 8);
    /* Dead is dead: neither work nor an acknowledgement wakes it. */
    SUBMIT(r, 0, 0, i_move32(5, 5));
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 100000);
    g_assert_cmpuint(r->stream[0].regs[5], ==, 0);
    g_assert_cmphex(rig_events(r, 0, 0), ==, 0);
    rig_free(r);
}

static void unknown_opcodes(void)
{
    static const uint8_t op[] = {
        10, 12, 13, 14, 15, 19, 26, 27, 28, 29, 30, 31, 35, 45, 46, 54, 57,
        128, 200, 255,
    };

    for (unsigned i = 0; i < sizeof(op); i++) {
        assert_invalid(OP(op[i]));
    }
}

static void registers_that_do_not_exist(void)
{
    assert_invalid(i_move32(96, 0));
    assert_invalid(i_move48(95, 0));
    assert_invalid(i_move48(96, 0));
    assert_invalid(i_add32(96, 0, 0));
    assert_invalid(i_add32(0, 255, 0));
    assert_invalid(i_add32(0, 96, 0));
    assert_invalid(i_add64(0, 96, 0));
    assert_invalid(i_umin32(0, 96, 0));
    assert_invalid(i_umin32(96, 0, 0));
    assert_invalid(i_add64(1, 0, 0));
    assert_invalid(i_add64(0, 95, 0));
    assert_invalid(i_umin32(0, 0, 96));
    assert_invalid(i_branch(ALWAYS, 96, 0));
    assert_invalid(i_load(95, 2, 0, 0));
    assert_invalid(i_load(0, 1, 1, 0));
    assert_invalid(i_store(95, 2, 0, 0));
    assert_invalid(i_store(0, 1, 97, 0));
    assert_invalid(i_call(1, 0));
    assert_invalid(i_call(0, 96));
    assert_invalid(i_sync(51, 0, 1, false, 0, 0, 0));
    assert_invalid(i_sync(37, 3, 0, false, 0, 0, 0));
    assert_invalid(i_sync_wait(53, LE, 0, 95, false));
    assert_invalid(i_store_state(0, 1, 0, 0, 0));
    assert_invalid(i_flush(0, 0, 96, 0));
    assert_invalid(i_heap_set(1));
    assert_invalid(i_handler(1, 0));
    assert_invalid(i_progress_load(1));
    assert_invalid(i_progress_store(95));
    assert_invalid(i_progress_wait(95, 0));
    assert_invalid(i_finish_fragment(false, 0, 1, 0, 0));
}

static void operands_that_do_not_exist(void)
{
    assert_invalid(i_branch(7, 0, 0));
    assert_invalid(i_sb(8, 0));
    assert_invalid(i_sb(0, 8));
    assert_invalid(i_flush(0, 0, 0, 8));
    assert_invalid(i_sync_wait(53, EQ, 0, 2, false));
    assert_invalid(i_heap_op(2, 0, 0));
    assert_invalid(i_handler(0, 2) ^ 1);
}

static void jump_in_the_ring(void)
{
    assert_invalid(i_jump(0, 2));
}

static void branch_out_of_the_ring(void)
{
    assert_invalid(i_branch(ALWAYS, 0, 100));
    assert_invalid(i_branch(ALWAYS, 0, -600));
}

static void call_of_half_an_instruction(void)
{
    static const struct {
        uint64_t va;
        uint32_t len;
    } bad[] = { { CODE, 12 }, { CODE + 4, 8 }, { CODE + 1, 0 } };

    for (unsigned i = 0; i < 3; i++) {
        Rig *r = rig_new(NULL);

        rig_start(r, 0, 0);
        rig_job(r, 0, 0, bad[i].va, bad[i].len, DATA);
        rig_run(r, 100000);
        assert_fatal(r, GPU_EXC_CS_INSTR_INVALID, i_call(92, 94));
        g_assert_cmpuint(rig_get64(r, DATA), ==, 0);
        rig_free(r);
    }
}

static void call_stack_overflow(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    CODE_AT(r, CODE, i_add32(0, 0, 1), i_call(92, 94));
    rig_job(r, 0, 0, CODE, 16, DATA);
    rig_run(r, 100000);
    assert_fatal(r, GPU_EXC_CS_CALL_STACK_OVERFLOW, CODE);
    g_assert_cmpuint(s->regs[0], ==, 8);
    rig_free(r);
}

static void fetch_fault_is_fatal(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_job(r, 0, 0, OUTSIDE, 16, DATA);
    rig_run(r, 100000);
    assert_fatal(r, GPU_EXC_CS_BUS_FAULT, OUTSIDE);
    /* The driver looks for the job whose range holds extract. */
    g_assert_cmpuint(rig_status(r, 0, 0).extract, <, 128);
    rig_free(r);
}

static void ring_that_is_not_mapped(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_nop());
    rig_mode(r, RING(0), PAGE_FAULT);
    rig_run(r, 100000);
    assert_fatal(r, GPU_EXC_CS_BUS_FAULT, RING(0));
    rig_free(r);
}

static void code_that_runs_off_its_page(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_mode(r, CODE + 0x1000, PAGE_FAULT);
    rig_job(r, 0, 0, CODE + 0xff8, 16, DATA);
    rig_run(r, 100000);
    assert_fatal(r, GPU_EXC_CS_BUS_FAULT, CODE + 0x1000);
    rig_free(r);
}

/* The whole course of a faulty job that the driver relies on. */
static void data_fault_course(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    CODE_AT(r, CODE, i_move48(0, OUTSIDE), i_move32(7, 7), i_load(2, 1, 0, 0),
            i_move32(8, 8));
    rig_job(r, 0, 0, CODE, 32, DATA);
    rig_job(r, 0, 0, CODE + 24, 8, DATA);
    rig_run(r, 100000);
    assert_fault(r, GPU_EXC_CS_BUS_FAULT, OUTSIDE);
    /* Not acknowledged: nothing goes on, extract stays inside the job. */
    rig_run(r, 10000000);
    g_assert_cmpuint(rig_status(r, 0, 0).extract, >, 0);
    g_assert_cmpuint(rig_status(r, 0, 0).extract, <, 128);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 0);
    g_assert_cmpuint(s->regs[7], ==, 7);
    g_assert_cmpuint(s->regs[8], ==, 0);

    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 100000);
    /* The job signals, with error status; the next one is whole and clears. */
    g_assert_cmpuint(rig_get64(r, DATA), ==, 2);
    g_assert_cmpuint(rig_get32(r, DATA + 8), ==, 0);
    g_assert_cmpuint(s->regs[8], ==, 8);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_SYNC | CS_EVENT_EMPTY);
    rig_free(r);
}

static void error_status_is_propagated_on_request(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_move48(0, OUTSIDE), i_store(2, 1, 0, 0));
    SUBMIT(r, 0, 0, i_move48(92, CODE), i_move32(94, 16), i_call(92, 94),
           i_move48(0, DATA), i_move48(2, 1),
           i_sync(51, 0, 2, true, 0, 0, 0),
           i_add64(0, 0, 16), i_sync(37, 0, 2, true, 0, 0, 0),
           i_add64(0, 0, 16), i_sync(51, 0, 2, false, 0, 0, 0),
           i_store_state(3, 0, 16, 0, 0));
    rig_run(r, 100000);
    assert_fault(r, GPU_EXC_CS_BUS_FAULT, OUTSIDE);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 8), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 16), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 20), ==, 1);
    g_assert_cmpuint(rig_get64(r, DATA + 32), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 40), ==, 0);
    g_assert_cmpuint(rig_get64(r, DATA + 48), ==, 1);
    SUBMIT(r, 0, 0, i_error_barrier(), i_store_state(3, 0, 16, 0, 0),
           i_add64(0, 0, -32), i_sync(51, 0, 2, true, 0, 0, 0));
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA + 48), ==, 0);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 2);
    g_assert_cmpuint(rig_get32(r, DATA + 8), ==, 0);
    rig_free(r);
}

static void error_state_leaves_out_work(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    CODE_AT(r, CODE, i_move32(9, 9));
    SUBMIT(r, 0, 0, i_move48(0, OUTSIDE), i_load(2, 1, 0, 0),
           i_load(2, 1, 0, 0), i_run(4), i_move48(92, CODE), i_move32(94, 8),
           i_call(92, 94), i_sync_wait(53, GT, 0, 0, false),
           i_progress_wait(0, 3), i_move32(10, 10));
    rig_run(r, 100000);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[9], ==, 0);
    g_assert_cmpuint(s->regs[10], ==, 10);
    SUBMIT(r, 0, 0, i_error_barrier(), i_call(92, 94));
    rig_run(r, 100000);
    g_assert_cmpuint(s->regs[9], ==, 9);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void faults_of_every_memory_instruction(void)
{
    const uint64_t in[] = {
        i_load(2, 1, 0, 0), i_store(2, 1, 0, 0),
        i_sync(37, 0, 2, true, 0, 0, 0), i_sync(38, 0, 2, true, 0, 0, 0),
        i_sync(51, 0, 2, true, 0, 0, 0), i_sync(52, 0, 2, true, 0, 0, 0),
        i_sync_wait(39, LE, 0, 2, false), i_sync_wait(53, LE, 0, 2, false),
        i_store_state(0, 0, 0, 0, 0),
    };
    /* not mapped; not aligned */
    const uint64_t va[] = { OUTSIDE, DATA + 2 };

    for (unsigned i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
        for (unsigned k = 0; k < 2; k++) {
            Rig *r = rig_new(NULL);

            rig_start(r, 0, 0);
            SUBMIT(r, 0, 0, i_move48(0, va[k]), i_move48(2, 1), in[i]);
            rig_run(r, 100000);
            assert_fault(r, GPU_EXC_CS_BUS_FAULT, va[k]);
            g_assert_cmphex(rig_get64(r, DATA), ==, 0);
            cs_exec_fault_ack(&r->x, 0, 0, r->now);
            rig_run(r, 100000);
            g_assert_true(rig_status(r, 0, 0).empty);
            rig_free(r);
        }
    }
}

static void store_to_read_only_memory(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);

    rig_mode(r, DATA, PAGE_READONLY);
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_load(4, 1, 0, 0), i_move32(2, 2),
           i_store(2, 1, 0, 0), i_move32(3, 3));
    rig_run(r, 100000);
    assert_fault(r, GPU_EXC_CS_BUS_FAULT, DATA);
    g_assert_cmpuint(s->regs[2], ==, 2);
    g_assert_cmpuint(s->regs[3], ==, 0);
    rig_free(r);
}

/* Of a store whose second page fails nothing may be seen in the first. */
static void store_across_pages_is_whole(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_mode(r, DATA + 0x1000, PAGE_READONLY);
    SUBMIT(r, 0, 0, i_move48(0, DATA + 0xff8), i_move32(2, 2),
           i_store(2, 0xf, 0, 0), i_error_barrier(), i_store(2, 5, 0, 0));
    rig_run(r, 100000);
    assert_fault(r, GPU_EXC_CS_BUS_FAULT, DATA + 0x1000);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 100000);
    assert_fault(r, GPU_EXC_CS_BUS_FAULT, DATA + 0x1000);
    g_assert_cmphex(rig_get64(r, DATA + 0xff8), ==, 0);
    rig_free(r);
}

static void inherited_fault(void)
{
    static const unsigned op[] = { 39, 53 };

    for (unsigned i = 0; i < 2; i++) {
        Rig *r = rig_new(NULL);
        CsStream *s = rig_start(r, 0, 0);

        rig_put64(r, DATA, i ? 5 : 5 | 1ull << 32);
        rig_put64(r, DATA + 8, i);
        SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 4),
               i_sync_wait(op[i], GT, 0, 2, true), i_move32(5, 5),
               i_sync_wait(op[i], GT, 0, 2, false), i_move32(6, 6));
        rig_run(r, 100000);
        assert_fault(r, GPU_EXC_CS_INHERIT_FAULT, DATA);
        g_assert_cmpuint(s->regs[5], ==, 5);
        g_assert_cmpuint(s->regs[6], ==, 0);
        rig_free(r);
    }
}

static void config_faults_at_start(void)
{
    static const CsStart bad[] = {
        { .ring_base = RING(0), .ring_size = 0x800 },
        { .ring_base = RING(0), .ring_size = 0 },
        { .ring_base = RING(0), .ring_size = 0x3000 },
        { .ring_base = RING(0) + 8, .ring_size = 0x1000 },
        { .ring_base = RING(0), .ring_size = 0x1000, .insert = 0x1008 },
        { .ring_base = RING(0), .ring_size = 0x1000, .extract = 8 },
        { .ring_base = RING(0), .ring_size = 0x1000, .extract = 4,
          .insert = 8 },
        { .ring_base = 0xfffffffffffff000ull, .ring_size = 0x1000 },
    };

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        Rig *r = rig_new(NULL);

        g_assert_false(cs_exec_start(&r->x, 0, 0, &bad[i], r->now));
        assert_fatal(r, GPU_EXC_CS_CONFIG_FAULT, bad[i].ring_base);
        rig_run(r, 100000);
        rig_free(r);
    }
}

static void insert_too_far_ahead(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    cs_exec_kick(&r->x, 0, 0, RING_SIZE + 8, r->now);
    assert_fatal(r, GPU_EXC_CS_CONFIG_FAULT, RING_SIZE + 8);
    rig_free(r);
}

static void insert_behind_extract(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_nop(), i_nop());
    rig_run(r, 10000);
    cs_exec_kick(&r->x, 0, 0, 8, r->now);
    assert_fatal(r, GPU_EXC_CS_CONFIG_FAULT, 8);
    rig_free(r);
}

/* The ring goes on behind a CALL, but not behind its own end. */
static void ordered_fault_in_a_call_taken_back(void)
{
    Rig *r = rig_new(NULL);
    CsStream *s = rig_start(r, 0, 0);
    uint64_t insert;

    CODE_AT(r, CODE, i_branch(ALWAYS, 0, -1));
    rig_job(r, 0, 0, CODE, 8, DATA);
    rig_run(r, 500000);
    g_assert_cmpuint(s->depth, ==, 1);
    insert = s->extract;
    cs_exec_kick(&r->x, 0, 0, insert, r->now);
    cs_exec_fault(&r->x, 0, 0, false, GPU_EXC_DATA_INVALID_FAULT, 3, 0x1234,
                  r->now);
    g_assert_cmpuint(s->extract, ==, insert);
    g_assert_true(cs_exec_check(&r->x));
    rig_free(r);
}

static void ordered_fault_in_a_call(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_branch(ALWAYS, 0, -1));
    rig_job(r, 0, 0, CODE, 8, DATA);
    rig_run(r, 500000);
    cs_exec_fault(&r->x, 0, 0, false, GPU_EXC_DATA_INVALID_FAULT, 3, 0x1234,
                  r->now);
    assert_fault(r, GPU_EXC_DATA_INVALID_FAULT, 0x1234);
    g_assert_cmpuint(rig_status(r, 0, 0).fault_data, ==, 3);
    g_assert_cmpuint(rig_status(r, 0, 0).extract, <, 128);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 1200000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 8), ==, 1);
    rig_free(r);
}

static void ordered_fault_on_an_idle_stream(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    rig_run(r, 1000);
    cs_exec_fault(&r->x, 0, 0, false, GPU_EXC_DATA_INVALID_FAULT, 0, 0,
                  r->now);
    assert_fault(r, GPU_EXC_DATA_INVALID_FAULT, 0);
    g_assert_cmpuint(rig_status(r, 0, 0).extract, ==, 0);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_job(r, 0, 0, CODE, 0, DATA);
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

static void ordered_fatal(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_branch(ALWAYS, 0, -1));
    rig_job(r, 0, 0, CODE, 8, DATA);
    rig_run(r, 500000);
    cs_exec_fault(&r->x, 0, 0, true, GPU_EXC_CS_UNRECOVERABLE, 0, 7, r->now);
    assert_fatal(r, GPU_EXC_CS_UNRECOVERABLE, 7);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    rig_free(r);
}

/* A wild range of code must not make the executor's arithmetic wrap. */
static void call_at_the_end_of_the_address_space(void)
{
    Rig *r = rig_new(NULL);

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(92, 0), i_add64(92, 92, -8),
           i_move32(94, 0xfffffff8), i_call(92, 94), i_move32(5, 5));
    rig_run(r, 100000);
    /* The range wraps, so it is empty. */
    g_assert_cmpuint(r->stream[0].regs[5], ==, 5);
    rig_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/faults/unknown-opcodes", unknown_opcodes);
    g_test_add_func("/exec/faults/registers-that-do-not-exist",
                    registers_that_do_not_exist);
    g_test_add_func("/exec/faults/operands-that-do-not-exist",
                    operands_that_do_not_exist);
    g_test_add_func("/exec/faults/jump-in-the-ring", jump_in_the_ring);
    g_test_add_func("/exec/faults/branch-out-of-the-ring",
                    branch_out_of_the_ring);
    g_test_add_func("/exec/faults/call-of-half-an-instruction",
                    call_of_half_an_instruction);
    g_test_add_func("/exec/faults/call-stack-overflow", call_stack_overflow);
    g_test_add_func("/exec/faults/fetch-fault-is-fatal", fetch_fault_is_fatal);
    g_test_add_func("/exec/faults/ring-that-is-not-mapped",
                    ring_that_is_not_mapped);
    g_test_add_func("/exec/faults/code-that-runs-off-its-page",
                    code_that_runs_off_its_page);
    g_test_add_func("/exec/faults/data-fault-course", data_fault_course);
    g_test_add_func("/exec/faults/error-status-is-propagated-on-request",
                    error_status_is_propagated_on_request);
    g_test_add_func("/exec/faults/error-state-leaves-out-work",
                    error_state_leaves_out_work);
    g_test_add_func("/exec/faults/faults-of-every-memory-instruction",
                    faults_of_every_memory_instruction);
    g_test_add_func("/exec/faults/store-to-read-only-memory",
                    store_to_read_only_memory);
    g_test_add_func("/exec/faults/store-across-pages-is-whole",
                    store_across_pages_is_whole);
    g_test_add_func("/exec/faults/inherited-fault", inherited_fault);
    g_test_add_func("/exec/faults/config-faults-at-start",
                    config_faults_at_start);
    g_test_add_func("/exec/faults/insert-too-far-ahead", insert_too_far_ahead);
    g_test_add_func("/exec/faults/insert-behind-extract",
                    insert_behind_extract);
    g_test_add_func("/exec/faults/ordered-fault-in-a-call-that-was-taken-back",
                    ordered_fault_in_a_call_taken_back);
    g_test_add_func("/exec/faults/ordered-fault-in-a-call",
                    ordered_fault_in_a_call);
    g_test_add_func("/exec/faults/ordered-fault-on-an-idle-stream",
                    ordered_fault_on_an_idle_stream);
    g_test_add_func("/exec/faults/ordered-fatal", ordered_fatal);
    g_test_add_func("/exec/faults/call-at-the-end-of-the-address-space",
                    call_at_the_end_of_the_address_space);
    return g_test_run();
}
