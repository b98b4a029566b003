/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes around endpoints: scoreboards, progress counters, RUN_*, resources,
 * flushes, barriers, heaps.
 */
#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_RESULT 1024

/* Run the stream so far, with a last store that shows that its end came. */
static void reaches_end(Exec *e, const char *what)
{
    static unsigned w = W_RESULT;
    uint32_t value = rng_u32() | 1;
    int ret;

    w++;
    cs_put32(&e->cs, exec_va(e, w), value);
    ret = exec_run(e);
    tap_ok(!ret && exec_word(e, w) == value, "%s", what);
    if (ret) {
        tap_diag("the job gave %d", ret);
    }
    exec_begin(e);
}

/* A load on one scoreboard is done when that one is waited for. */
static void op_set_sb(void)
{
    Exec *e = exec_open();
    uint32_t want[8];
    unsigned wrong = 0;

    for (unsigned sb = 0; sb < 8; sb++) {
        want[sb] = rng_u32();
        exec_put(e, sb, want[sb]);
        cs_set_sb_entry(&e->cs, (sb + 1) % 8, sb);
        cs_move48(&e->cs, R_ADDR, exec_va(e, sb));
        cs_load(&e->cs, 2 * sb, R_ADDR, 1, 0);
        cs_wait(&e->cs, 1u << sb);
        cs_add_imm32(&e->cs, 2 * sb, 2 * sb, 7);
        cs_move48(&e->cs, R_ADDR, exec_va(e, W_RESULT + sb));
        cs_store(&e->cs, 2 * sb, R_ADDR, 1, 0);
        cs_wait(&e->cs, 1u << sb);
    }
    cs_set_sb_entry(&e->cs, 0, 0);
    tap_errno(exec_run(e), 0, "a load and a store on each scoreboard");
    for (unsigned sb = 0; sb < 8; sb++) {
        wrong += exec_word(e, W_RESULT + sb) != want[sb] + 7;
    }
    tap_eq(wrong, 0, "each was complete after its wait");
    exec_close(e);
}

static void op_wait(void)
{
    Exec *e = exec_open();

    for (unsigned mask = 0; mask < 0x100; mask += 0x11) {
        cs_wait(&e->cs, mask);
    }
    reaches_end(e, "waits for idle scoreboards pass");
    exec_close(e);
}

static void op_progress(void)
{
    Exec *e = exec_open();
    uint64_t value = rng_u64() & 0xffffffffffffull;

    for (unsigned i = 8; i < 10; i++) {
        cs_move32(&e->cs, i, 0xffffffff);
    }
    cs_progress_load(&e->cs, 8);
    cs_move48(&e->cs, 0, value);
    cs_progress_store(&e->cs, 0);
    cs_progress_load(&e->cs, 4);
    cs_wait_progress(&e->cs, 0);
    cs_wait_progress(&e->cs, 0);
    cs_progress_load(&e->cs, 6);
    /* A wait for what is reached already. */
    cs_progress_wait(&e->cs, 0, 0);
    cs_dump(&e->cs, 4, 6, R_ADDR, exec_va(e, W_RESULT));
    tap_errno(exec_run(e), 0, "progress stored, loaded, incremented, waited");
    tap_eq(exec_long(e, W_RESULT / 2), value, "PROGRESS_LOAD gives it back");
    tap_eq(exec_long(e, W_RESULT / 2 + 1), value + 2,
           "two increments by WAIT");
    tap_eq(exec_long(e, W_RESULT / 2 + 2), 0, "it was zero in a new group");
    exec_close(e);
}

/* A queue waits for the progress of another, in both orders. */
static void op_progress_wait(void)
{
    Exec *e = exec_open_queues(3, 4 * KiB);
    uint32_t sync[2] = { px_syncobj(e->p, false), px_syncobj(e->p, false) };

    for (unsigned late = 0; late < 2; late++) {
        uint64_t goal = 1000 * (late + 1) + rng_u32() % 100;
        Stream a = exec_stream(e, 0);
        Stream b = exec_stream(e, 1);
        unsigned w = W_RESULT + 8 * late;
        uint32_t value = rng_u32() | 1;

        /* b waits for queue 0 and copies what a stored before. */
        cs_move48(&b.cs, 0, goal);
        cs_progress_wait(&b.cs, 0, 0);
        cs_move48(&b.cs, R_ADDR, exec_va(e, w));
        cs_load(&b.cs, 2, R_ADDR, 1, 0);
        cs_wait(&b.cs, ALL_SB);
        cs_store(&b.cs, 2, R_ADDR, 1, 4);
        cs_wait(&b.cs, ALL_SB);

        cs_spin(&a.cs, R_TMP, 3000);
        cs_put32(&a.cs, exec_va(e, w), value);
        cs_move48(&a.cs, 0, goal - 1);
        cs_progress_store(&a.cs, 0);
        cs_wait_progress(&a.cs, 0);

        if (late) {
            exec_go(e, e->group, 1, &b, 0, sync[1]);
            sleep_ms(5);
            exec_go(e, e->group, 0, &a, 0, sync[0]);
        } else {
            exec_go(e, e->group, 0, &a, 0, sync[0]);
            exec_go(e, e->group, 1, &b, 0, sync[1]);
        }
        tap_ok(!exec_finish(e, sync[0]) && !exec_finish(e, sync[1]),
               "both end, the one that waits came %s",
               late ? "first" : "second");
        tap_eq(exec_word(e, w + 1), value, "it went on after the progress");
    }
    exec_close(e);
}

typedef void RunOp(Cs *cs, bool progress);

static void run_compute(Cs *cs, bool progress)
{
    cs_run_compute(cs, 1, 0, progress);
}

static void run_compute_indirect(Cs *cs, bool progress)
{
    cs_run_compute_indirect(cs, 1, progress);
}

static void run_idvs(Cs *cs, bool progress)
{
    cs_run_idvs(cs, false, progress);
}

static void run_fragment(Cs *cs, bool progress)
{
    cs_run_fragment(cs, 0, progress);
}

static void run_fullscreen(Cs *cs, bool progress)
{
    cs_run_fullscreen(cs, 4, progress);
}

static const struct {
    const char *name;
    RunOp *emit;
    unsigned resource;
    unsigned arch_last;
} run_ops[] = {
    { "RUN_COMPUTE", run_compute, CS_RES_COMPUTE, 0 },
    { "RUN_COMPUTE_INDIRECT", run_compute_indirect, CS_RES_COMPUTE, 0 },
    { "RUN_TILING", cs_run_tiling, CS_RES_TILER | CS_RES_IDVS, 10 },
    { "RUN_IDVS", run_idvs, CS_RES_TILER | CS_RES_IDVS, 0 },
    { "RUN_FRAGMENT", run_fragment, CS_RES_FRAGMENT, 0 },
    { "RUN_FULLSCREEN", run_fullscreen, CS_RES_TILER | CS_RES_IDVS, 0 },
};

/*
 * RUN_* on scoreboard 4: the wait for it ends, progress is counted, as long
 * as there are progress counters (not in v14).
 */
static void op_run(void)
{
    Exec *e = exec_open();
    bool counters = cs_arch() < 14;

    for (unsigned i = 0; i < ARRAY_SIZE(run_ops); i++) {
        uint32_t value = rng_u32() | 1;
        int ret;

        if (run_ops[i].arch_last && cs_arch() > run_ops[i].arch_last) {
            continue;
        }
        exec_begin(e);
        for (unsigned r = 0; r < 64; r += 2) {
            cs_move48(&e->cs, r, 0);
        }
        cs_move48(&e->cs, 70, 0);
        if (counters) {
            cs_progress_store(&e->cs, 70);
        }
        cs_req_resource(&e->cs, run_ops[i].resource);
        cs_set_sb_entry(&e->cs, 4, 0);
        run_ops[i].emit(&e->cs, counters);
        run_ops[i].emit(&e->cs, false);
        run_ops[i].emit(&e->cs, counters);
        cs_wait(&e->cs, 1u << 4);
        if (counters) {
            cs_progress_load(&e->cs, 72);
        }
        cs_req_resource(&e->cs, 0);
        cs_set_sb_entry(&e->cs, 0, 0);
        cs_dump(&e->cs, 72, 1, R_ADDR, exec_va(e, W_RESULT));
        cs_put32(&e->cs, exec_va(e, W_RESULT + 1), value);
        ret = exec_run(e);
        tap_ok(!ret && exec_word(e, W_RESULT + 1) == value,
               "%s signals its scoreboard", run_ops[i].name);
        if (counters) {
            tap_eq(exec_word(e, W_RESULT), 2, "%s counts progress if asked",
                   run_ops[i].name);
        }
    }
    exec_close(e);
}

static void op_finish(void)
{
    Exec *e = exec_open();
    struct drm_panthor_tiler_heap_create h = {
        .vm_id = e->vm, .initial_chunk_count = 2, .chunk_size = 256 * KiB,
        .max_chunks = 8, .target_in_flight = 4,
    };

    tap_errno(px_heap_create(e->p, &h), 0, "a tiler heap");
    cs_move48(&e->cs, 0, h.tiler_heap_ctx_gpu_va);
    cs_heap_set(&e->cs, 0);
    cs_heap_operation(&e->cs, CS_VT_START, 0, 2);
    cs_finish_tiling(&e->cs);
    cs_heap_operation(&e->cs, CS_VT_END, 1u << 2, 3);
    cs_move48(&e->cs, 2, 0);
    cs_move48(&e->cs, 4, 0);
    cs_finish_fragment(&e->cs, true, 2, 4, 1u << 3, 5);
    cs_wait(&e->cs, 1u << 5);
    cs_heap_operation(&e->cs, CS_VT_START, 0, 2);
    cs_heap_operation(&e->cs, CS_VT_END, 1u << 2, 3);
    cs_heap_operation(&e->cs, CS_FRAG_END, 1u << 3, 4);
    cs_wait(&e->cs, ALL_SB);
    reaches_end(e, "two render passes started, tiled, finished");
    tap_errno(px_heap_destroy(e->p, h.handle), 0, "the heap goes");
    exec_close(e);
}

static void op_resource(void)
{
    Exec *e = exec_open();

    for (unsigned mask = 0; mask < 16; mask++) {
        cs_req_resource(&e->cs, mask);
    }
    cs_req_resource(&e->cs, 0);
    reaches_end(e, "every set of resources is granted");
    exec_close(e);
}

static void op_flush(void)
{
    const unsigned modes[] = { 0x000, 0x001, 0x011, 0x033, 0x233, 0x200 };
    Exec *e = exec_open();

    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        cs_move32(&e->cs, R_TMP, 0);
        cs_flush_cache(&e->cs, modes[i], R_TMP, 0, i);
        cs_wait(&e->cs, 1u << i);
    }
    /* Waits for the scoreboard of the one before it. */
    cs_flush_cache(&e->cs, CS_FLUSH_ALL, R_TMP, 0, 6);
    cs_flush_cache(&e->cs, CS_FLUSH_ALL, R_TMP, 1u << 6, 7);
    cs_wait(&e->cs, 1u << 7);
    reaches_end(e, "flushes of all modes signal their scoreboards");
    exec_close(e);
}

static void op_other(void)
{
    Exec *e = exec_open();

    cs_put32(&e->cs, e->data.va, 1);
    cs_error_barrier(&e->cs);
    reaches_end(e, "ERROR_BARRIER without an error");
    for (unsigned i = 0; i < 8; i++) {
        cs_move32(&e->cs, 8 + i, rng_u32());
    }
    cs_trace_point(&e->cs, 8, 8);
    reaches_end(e, "TRACE_POINT");
    cs_prot_region(&e->cs, 0);
    reaches_end(e, "PROT_REGION of nothing");
    exec_close(e);
}

/* With a handler set and no out-of-memory, nothing else happens. */
static void op_handler(void)
{
    Exec *e = exec_open();
    Stream h = exec_stream(e, 1);

    cs_put32(&h.cs, exec_va(e, 5), 1);
    cs_move48(&e->cs, 0, h.va);
    cs_move32(&e->cs, 2, cs_bytes(&h.cs));
    e->cs.max = EXEC_SLOT_BYTES / 8;
    cs_set_exception_handler(&e->cs, CS_EXCEPTION_TILER_OOM, 0, 2);
    reaches_end(e, "SET_EXCEPTION_HANDLER");
    tap_eq(exec_word(e, 5), 0, "the handler did not run");
    exec_close(e);
}

const GuestTest ops_misc_tests[] = {
    TEST("op-set-sb", "SET_SB_ENTRY", op_set_sb),
    TEST("op-wait", "WAIT", op_wait),
    TEST("op-progress", "PROGRESS_STORE, PROGRESS_LOAD", op_progress,
         .arch_last = 13),
    TEST("op-progress-wait", "PROGRESS_WAIT between queues",
         op_progress_wait, .arch_last = 13),
    TEST("op-run", "RUN_* signal scoreboards", op_run),
    TEST("op-finish", "HEAP_SET, HEAP_OPERATION, FINISH_*", op_finish),
    TEST("op-resource", "REQ_RESOURCE", op_resource),
    TEST("op-flush", "FLUSH_CACHE2", op_flush),
    TEST("op-other", "ERROR_BARRIER, TRACE_POINT, PROT_REGION", op_other),
    TEST("op-handler", "SET_EXCEPTION_HANDLER", op_handler),
    TEST_END,
};
