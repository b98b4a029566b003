/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A load to be saved and restored in the middle of.
 *
 * Parameters: iterations=N (rounds, default 6), groups=N (default three times
 * the slots), snap-at=N,... (checkpoints at which the guest asks for a
 * snapshot), idle=SECONDS (sleep afterwards, then work once more), nudge=0
 * (show the driver's lost wake-up, see exec_finish_nudging()).
 * Checkpoints are numbered from 1 in the order in which they are passed: one
 * after each submitted job and one after each fence.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "job.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define MAX_GROUPS 40
#define NR_REGS 24

typedef struct Work {
    Exec *e;
    unsigned nr;
    unsigned checkpoint;
    unsigned failed;
    bool nudge;
    uint32_t group[MAX_GROUPS];
    uint32_t line[MAX_GROUPS];
    uint32_t done[MAX_GROUPS];
    uint32_t sum[MAX_GROUPS];
    uint32_t regs[MAX_GROUPS][NR_REGS];
    Bo code;
    Bo out;
} Work;

static void checkpoint(Work *w)
{
    ctl_checkpoint(++w->checkpoint);
}

/*
 * Group i waits until its predecessor has finished the round (the first one
 * does not), mixes its registers through a loop with loads and stores, and
 * tells its successor.
 */
static void body(Work *w, unsigned i, unsigned round)
{
    const uint64_t out = w->out.va + i * 4096;
    uint32_t rounds = 200 + (rng_u32() & 0x3ff);
    Cs cs;

    cs_init(&cs, (char *)w->code.map + (i * 2 + (round & 1)) * 4096, 4096);
    if (!round) {
        for (unsigned r = 0; r < NR_REGS; r++) {
            w->regs[i][r] = rng_u32();
            cs_move32(&cs, r, w->regs[i][r]);
        }
    }
    if (i) {
        cs_move48(&cs, R_ADDR, exec_va(w->e, 16 * (i - 1)));
        cs_move48(&cs, R_DATA, round);
        cs_sync_wait64(&cs, R_ADDR, R_DATA, CS_GT, true);
    }
    /* r30: loop counter, r32: sum in memory. */
    cs_move48(&cs, R_ADDR, out);
    cs_move32(&cs, 30, rounds);
    cs_load(&cs, 32, R_ADDR, 1, 0);
    cs_wait(&cs, ALL_SB);
    cs_add_imm32(&cs, 32, 32, i + 1);
    cs_store(&cs, 32, R_ADDR, 1, 0);
    cs_wait(&cs, ALL_SB);
    cs_add_imm32(&cs, 30, 30, -1);
    cs_branch(&cs, CS_GT, 30, -7);
    w->sum[i] += rounds * (i + 1);
    for (unsigned r = 0; r < NR_REGS; r++) {
        cs_add_imm32(&cs, r, r, round + r);
        w->regs[i][r] += round + r;
    }
    cs_move48(&cs, R_ADDR, exec_va(w->e, 16 * i));
    cs_move48(&cs, R_DATA, round + 1);
    cs_sync_set64(&cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
    cs_dump(&cs, 0, NR_REGS, R_ADDR, out + 64);
    {
        struct drm_panthor_sync_op ops[2] = {
            sync_signal_point_op(w->line[i], round + 1),
            sync_signal_op(w->done[i]),
        };

        px_syncobj_reset(w->e->p, w->done[i]);
        w->failed += px_submit(w->e->p, w->group[i], 0,
                               w->code.va + (i * 2 + (round & 1)) * 4096,
                               cs_bytes(&cs), ops, 2) != 0;
    }
}

/* Once, when something went wrong: where every group stands. */
static void show(Work *w, unsigned round)
{
    for (unsigned i = 0; i < w->nr; i++) {
        uint64_t point = 0;

        px_timeline_value(w->e->p, w->line[i], &point);
        tap_diag("round %u, group %u: fence %llu, object %llu", round, i,
                 (unsigned long long)point,
                 (unsigned long long)exec_long(w->e, 8 * i));
    }
}

static void check(Work *w, unsigned round)
{
    bool shown = w->failed;

    for (unsigned i = 0; i < w->nr; i++) {
        volatile uint32_t *out = (void *)((char *)w->out.map + i * 4096);
        uint64_t point = 0;

        int ret = w->nudge ? exec_finish_nudging(w->e, w->done[i])
                           : exec_finish(w->e, w->done[i]);

        if (ret) {
            tap_diag("round %u, group %u: %s", round, i, strerror(-ret));
            w->failed++;
        }
        px_timeline_value(w->e->p, w->line[i], &point);
        w->failed += point != round + 1;
        w->failed += out[0] != w->sum[i];
        for (unsigned r = 0; r < NR_REGS; r++) {
            w->failed += out[16 + r] != w->regs[i][r];
        }
        if (w->failed && !shown) {
            show(w, round);
            shown = true;
        }
        checkpoint(w);
    }
}

static void one_round(Work *w, unsigned round)
{
    /* Backwards: who is waited for comes last. */
    for (unsigned i = w->nr; i-- > 0;) {
        body(w, i, round);
        checkpoint(w);
    }
    check(w, round);
}

static void workload(void)
{
    Work *w = calloc(1, sizeof(*w));
    unsigned rounds = ctl_param_u("iterations", 6);
    unsigned idle;
    unsigned r;

    w->e = exec_open();
    w->nudge = ctl_param_u("nudge", 1);
    w->nr = ctl_param_u("groups", 3 * w->e->p->csif.csg_slot_count);
    w->nr = w->nr < 1 ? 1 : w->nr > MAX_GROUPS ? MAX_GROUPS : w->nr;
    w->code = px_bo(w->e->p, w->e->vm, w->nr * 8192, 0);
    w->out = px_bo(w->e->p, w->e->vm, w->nr * 4096, 0);
    for (unsigned i = 0; i < w->nr; i++) {
        w->group[i] = px_group(w->e->p, w->e->vm, 1, 4 * KiB);
        w->line[i] = px_syncobj(w->e->p, false);
        w->done[i] = px_syncobj(w->e->p, false);
    }
    for (r = 0; r < rounds && !w->failed; r++) {
        one_round(w, r);
        /* In some rounds the device falls asleep before the next. */
        if (r % 3 == 2) {
            sleep_ms(150);
            checkpoint(w);
        }
    }
    tap_eq(w->failed, 0, "%u groups, %u rounds: memory, registers, fences",
           w->nr, r);
    tap_diag("%u checkpoints", w->checkpoint);
    idle = ctl_param_u("idle", 1);
    sleep_ms(idle * 1000);
    tap_ok(pm_wait("suspended", 5000), "the device sleeps when idle");
    one_round(w, r);
    tap_eq(w->failed, 0, "all groups work after %u s of nothing", idle);
    tap_diag("generation %u", ctl_generation());
    exec_close(w->e);
}

const GuestTest workload_tests[] = {
    TEST("workload", "a load for snapshots: waits, loops, rotation",
         workload, .limit_s = 1800),
    TEST_END,
};
