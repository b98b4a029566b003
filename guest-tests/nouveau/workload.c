/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A load to be saved and restored in the middle of: two channels on two
 * runlists, acquires that block, copies that take longer than a slice.
 *
 * Parameters: iterations=N (rounds, default 6), snap-at=N,... (checkpoints at
 * which the guest asks for a snapshot), idle=SECONDS (sleep afterwards, then
 * work once more). Checkpoints are numbered from 1 in the order in which they
 * are passed: behind each EXEC, where its job is at work or waits.
 */
#include <string.h>

#include "ctl.h"
#include "nouveau-tests.h"
#include "nvchan.h"
#include "tap.h"
#include "util.h"

#define BYTES (256 * KiB)

typedef struct Work {
    NvDev *d;
    NvChan *copy, *other;
    NvMem from, via, to, sem;
    unsigned checkpoint;
} Work;

static void checkpoint(Work *w)
{
    ctl_checkpoint(++w->checkpoint);
}

/*
 * One channel copies to VRAM, waits for the other, and copies back; the other
 * waits for the CPU, and adds to a word that the first has stored.
 */
static bool one_round(Work *w)
{
    uint32_t seed = rng_u32(), *from = w->from.bo.map;
    bool ok;

    for (uint32_t i = 0; i < BYTES / 4; i++) {
        from[i] = seed + i * 0x9e3779b9u;
    }
    memset(w->sem.bo.map, 0, NV_DATA_PAGE);
    nvc_copy(w->copy, w->via.va, w->from.va, BYTES);
    nvc_sem(w->copy, w->sem.va, seed, NV_SEM_RELEASE);
    nvc_sem(w->copy, w->sem.va + 4, 1, NV_SEM_ACQUIRE);
    nvc_copy(w->copy, w->to.va, w->via.va, BYTES);
    nvc_sem(w->other, w->sem.va + 8, 1, NV_SEM_ACQUIRE);
    nvc_sem(w->other, w->sem.va, 5, NV_SEM_REDUCTION | NV_SEM_REDUCE(5));
    nvc_sem(w->other, w->sem.va + 4, 1, NV_SEM_RELEASE);
    if (nvc_exec(w->copy)) {
        return false;
    }
    checkpoint(w);
    if (nvc_exec(w->other)) {
        return false;
    }
    checkpoint(w);
    sleep_ms(2);
    checkpoint(w);
    ok = nv_word(&w->sem, 0) == seed;
    nv_put(&w->sem, 2, 1);
    checkpoint(w);
    ok &= !nvc_finish(w->other) && !nvc_finish(w->copy);
    ok &= nv_word(&w->sem, 0) == seed + 5;
    ok &= !memcmp(w->from.bo.map, w->to.bo.map, BYTES);
    checkpoint(w);
    return ok;
}

static void workload(void)
{
    Work w = { .d = nvd_open() };
    unsigned rounds = ctl_param_u("iterations", 6), idle, good = 0;

    w.copy = nvc_open(w.d, NOUVEAU_FIFO_ENGINE_CE);
    w.other = nvc_open(w.d, NOUVEAU_FIFO_ENGINE_GR);
    w.from = nvd_mem(w.d, NOUVEAU_GEM_DOMAIN_GART, BYTES);
    w.via = nvd_mem(w.d, NOUVEAU_GEM_DOMAIN_VRAM, BYTES);
    w.to = nvd_mem(w.d, NOUVEAU_GEM_DOMAIN_GART, BYTES);
    w.sem = nvd_mem(w.d, NOUVEAU_GEM_DOMAIN_GART, NV_DATA_PAGE);
    for (unsigned i = 0; i < rounds; i++) {
        good += one_round(&w);
    }
    tap_eq(good, rounds, "rounds of copies and semaphores");
    tap_diag("%u checkpoints", w.checkpoint);
    idle = ctl_param_u("idle", 1);
    sleep_ms(idle * 1000);
    tap_ok(one_round(&w), "one more after %u s of nothing", idle);
    tap_diag("generation %u", ctl_generation());
    nvc_close(w.copy);
    nvc_close(w.other);
    nvd_mem_free(w.d, &w.from);
    nvd_mem_free(w.d, &w.via);
    nvd_mem_free(w.d, &w.to);
    nvd_mem_free(w.d, &w.sem);
    nvd_close(w.d);
}

const GuestTest nouveau_workload_tests[] = {
    TEST("nv-workload", "a load for snapshots: copies, acquires, two runlists",
         workload, .drivers = DRIVER_NOUVEAU, .limit_s = 1800),
    TEST_END,
};
