/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * More groups than slots: the driver suspends and resumes groups, in other
 * slots too, and nothing of a stream's state may get lost.
 */
#include <errno.h>
#include <stdlib.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_RESULT 1024
#define NR_REGS 40

/*
 * Rounds of cs_spin() that take @ms, by the GPU's own clock: the CPU's would
 * count what it does meanwhile.
 */
static uint32_t rounds_for_ms(Exec *e, unsigned ms)
{
    const uint32_t probe = 20000;
    uint64_t hz;
    uint64_t ticks;
    uint64_t rounds;

    hz = px_timer_hz();
    cs_move48(&e->cs, R_ADDR, e->data.va);
    cs_store_state(&e->cs, CS_STATE_TIMESTAMP, R_ADDR, 0, 0, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_spin(&e->cs, R_TMP, probe);
    cs_store_state(&e->cs, CS_STATE_TIMESTAMP, R_ADDR, 8, 0, 0);
    cs_wait(&e->cs, ALL_SB);
    if (exec_run(e)) {
        tap_die("a job of %u rounds", probe);
    }
    ticks = exec_long(e, 1) - exec_long(e, 0);
    for (unsigned i = 0; i < 4; i++) {
        exec_put(e, i, 0);
    }
    exec_begin(e);
    rounds = probe * (hz * ms / 1000) / (ticks ? ticks : 1);
    return rounds < 1000 ? 1000 : rounds > 50000000 ? 50000000 : rounds;
}

typedef struct Crowd {
    unsigned nr;
    uint32_t *group;
    uint32_t *done;
} Crowd;

static Crowd crowd_new(Exec *e, unsigned nr, unsigned queues)
{
    Crowd c = { .nr = nr };

    c.group = calloc(nr, sizeof(*c.group));
    c.done = calloc(nr, sizeof(*c.done));
    for (unsigned i = 0; i < nr; i++) {
        c.group[i] = px_group(e->p, e->vm, queues, 4 * KiB);
        c.done[i] = px_syncobj(e->p, false);
    }
    return c;
}

static unsigned crowd_finish(Exec *e, Crowd *c)
{
    unsigned failed = 0;

    for (unsigned i = 0; i < c->nr; i++) {
        int ret = exec_finish_nudging(e, c->done[i]);

        if (ret && !failed++) {
            tap_diag("group %u: %d", i, ret);
        }
    }
    return failed;
}

static void crowd_free(Exec *e, Crowd *c)
{
    for (unsigned i = 0; i < c->nr; i++) {
        px_group_destroy(e->p, c->group[i]);
        px_syncobj_free(e->p, c->done[i]);
    }
    free(c->group);
    free(c->done);
}

static unsigned three_times(Exec *e)
{
    return 3 * e->p->csif.csg_slot_count;
}

static void oversub_jobs(void)
{
    enum { JOBS = 4 };
    Exec *e = exec_open();
    uint32_t rounds = rounds_for_ms(e, 8);
    Crowd c = crowd_new(e, three_times(e), 1);
    Stream s[EXEC_SLOTS];
    unsigned failed = 0;
    unsigned wrong = 0;

    for (unsigned i = 0; i < c.nr; i++) {
        s[i] = exec_stream(e, i);
        cs_spin(&s[i].cs, R_TMP, rounds);
        cs_count(&s[i].cs, exec_va(e, W_RESULT + i));
    }
    for (unsigned j = 0; j < JOBS; j++) {
        for (unsigned i = 0; i < c.nr; i++) {
            failed += exec_go(e, c.group[i], 0, &s[i], 0, c.done[i]) != 0;
        }
    }
    tap_eq(failed, 0, "%u groups get %u jobs each", c.nr, JOBS);
    tap_eq(crowd_finish(e, &c), 0, "all complete");
    for (unsigned i = 0; i < c.nr; i++) {
        wrong += exec_word(e, W_RESULT + i) != JOBS;
    }
    tap_eq(wrong, 0, "each ran each of its jobs once");
    crowd_free(e, &c);
    exec_close(e);
}

/*
 * Long loops with something to remember in every register, a call stack and
 * two queues; rotated in and out of slots many times.
 */
static void oversub_state(void)
{
    Exec *e = exec_open();
    uint32_t rounds = rounds_for_ms(e, 25);
    Crowd c = crowd_new(e, three_times(e), 2);
    uint32_t *want = calloc(c.nr * 2 * NR_REGS, sizeof(*want));
    unsigned failed = 0;
    unsigned wrong = 0;
    Stream inner = exec_stream(e, 0);
    Bo code = px_bo(e->p, e->vm, c.nr * 2 * 4096, 0);
    Bo out = px_bo(e->p, e->vm, c.nr * 2 * 4096, 0);
    uint32_t *second = calloc(c.nr, sizeof(*second));

    cs_spin(&inner.cs, 60, rounds);
    cs_add_imm32(&inner.cs, 61, 61, 1);
    for (unsigned i = 0; i < 2 * c.nr; i++) {
        uint32_t *w = want + i * NR_REGS;
        uint64_t va = code.va + i * 4096;
        struct drm_panthor_sync_op op;
        Cs cs;

        cs_init(&cs, (char *)code.map + i * 4096, 4096);
        for (unsigned r = 0; r < NR_REGS; r++) {
            w[r] = rng_u32();
            cs_move32(&cs, r, w[r]);
        }
        cs_move32(&cs, 61, i);
        cs_move48(&cs, 66, 1000 + i);
        if (cs_arch() < 14) {
            cs_progress_store(&cs, 66);
        }
        cs_move48(&cs, 62, inner.va);
        cs_move32(&cs, 64, cs_bytes(&inner.cs));
        for (unsigned n = 0; n < 4; n++) {
            cs_call(&cs, 62, 64);
        }
        cs_dump(&cs, 0, NR_REGS, R_ADDR, out.va + i * 4096);
        cs_dump(&cs, 61, 1, R_ADDR, out.va + i * 4096 + 4 * NR_REGS);
        if (cs_arch() < 14) {
            cs_progress_load(&cs, 66);
        }
        cs_dump(&cs, 66, 1, R_ADDR, out.va + i * 4096 + 4 * (NR_REGS + 1));
        if (i & 1) {
            second[i / 2] = px_syncobj(e->p, false);
        }
        op = sync_signal_op(i & 1 ? second[i / 2] : c.done[i / 2]);
        failed += px_submit(e->p, c.group[i / 2], i & 1, va, cs_bytes(&cs),
                            &op, 1) != 0;
    }
    tap_eq(failed, 0, "%u groups of two queues with long loops", c.nr);
    failed = crowd_finish(e, &c);
    for (unsigned i = 0; i < c.nr; i++) {
        failed += exec_finish(e, second[i]) != 0;
    }
    tap_eq(failed, 0, "all complete");
    for (unsigned i = 0; i < 2 * c.nr; i++) {
        volatile uint32_t *got = (void *)((char *)out.map + i * 4096);

        for (unsigned r = 0; r < NR_REGS; r++) {
            wrong += got[r] != want[i * NR_REGS + r];
        }
        wrong += got[NR_REGS] != i + 4;
        wrong += got[NR_REGS + 1] != 1000 + i;
    }
    tap_eq(wrong, 0, "registers, call stacks and progress survived");
    crowd_free(e, &c);
    exec_close(e);
}

/*
 * Every group but the last waits for its successor; the last is submitted
 * last, when all slots hold groups that wait.
 */
static void oversub_waits(void)
{
    Exec *e = exec_open();
    Crowd c = crowd_new(e, three_times(e), 1);
    unsigned failed = 0;
    unsigned wrong = 0;

    for (unsigned i = 0; i < c.nr; i++) {
        Stream s = exec_stream(e, i);

        if (i < c.nr - 1) {
            cs_move48(&s.cs, R_ADDR, exec_va(e, 16 * (i + 1)));
            cs_move48(&s.cs, R_DATA, i);
            if (i & 1) {
                cs_sync_wait64(&s.cs, R_ADDR, R_DATA, CS_GT, true);
            } else {
                cs_sync_wait32(&s.cs, R_ADDR, R_DATA, CS_GT, true);
            }
        }
        /* Objects get the number of their group: i > i - 1. */
        cs_count(&s.cs, exec_va(e, W_RESULT + i));
        cs_move48(&s.cs, R_ADDR, exec_va(e, 16 * i));
        cs_move48(&s.cs, R_DATA, i);
        cs_sync_set64(&s.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
        failed += exec_go(e, c.group[i], 0, &s, 0, c.done[i]) != 0;
        if (i == c.nr - 2) {
            sleep_ms(100);
            tap_eq(exec_word(e, W_RESULT + i), 0, "all wait");
        }
    }
    tap_eq(failed, 0, "%u groups, each waits for the next", c.nr);
    tap_eq(crowd_finish(e, &c), 0, "all complete");
    for (unsigned i = 0; i < c.nr; i++) {
        wrong += exec_word(e, W_RESULT + i) != 1;
    }
    tap_eq(wrong, 0, "each went on once");
    crowd_free(e, &c);
    exec_close(e);
}

/* Busy groups in all slots and more; waiting ones get their turn too. */
static void oversub_mixed(void)
{
    Exec *e = exec_open();
    uint32_t rounds = rounds_for_ms(e, 60);
    unsigned slots = e->p->csif.csg_slot_count;
    Crowd busy = crowd_new(e, slots + 2, 1);
    Crowd waits = crowd_new(e, slots, 1);
    unsigned failed = 0;
    unsigned wrong = 0;

    for (unsigned i = 0; i < waits.nr; i++) {
        Stream s = exec_stream(e, i);

        cs_move48(&s.cs, R_ADDR, exec_va(e, 16 * i));
        cs_move48(&s.cs, R_DATA, 0);
        cs_sync_wait64(&s.cs, R_ADDR, R_DATA, CS_GT, true);
        cs_count(&s.cs, exec_va(e, W_RESULT + i));
        failed += exec_go(e, waits.group[i], 0, &s, 0, waits.done[i]) != 0;
    }
    for (unsigned i = 0; i < busy.nr; i++) {
        Stream s = exec_stream(e, waits.nr + i);

        cs_spin(&s.cs, R_TMP, rounds);
        cs_count(&s.cs, exec_va(e, W_RESULT + 64 + i));
        if (i < waits.nr) {
            cs_move48(&s.cs, R_ADDR, exec_va(e, 16 * i));
            cs_move48(&s.cs, R_DATA, 1);
            cs_sync_set64(&s.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
        }
        failed += exec_go(e, busy.group[i], 0, &s, 0, busy.done[i]) != 0;
    }
    tap_eq(failed, 0, "%u waiting and %u busy groups", waits.nr, busy.nr);
    failed = crowd_finish(e, &busy) + crowd_finish(e, &waits);
    tap_eq(failed, 0, "all complete");
    for (unsigned i = 0; i < waits.nr; i++) {
        wrong += exec_word(e, W_RESULT + i) != 1;
    }
    for (unsigned i = 0; i < busy.nr; i++) {
        wrong += exec_word(e, W_RESULT + 64 + i) != 1;
    }
    tap_eq(wrong, 0, "each once");
    crowd_free(e, &waits);
    crowd_free(e, &busy);
    exec_close(e);
}

/* A short job of a high group overtakes long ones of low groups. */
static void priorities(void)
{
    Exec *e = exec_open();
    uint32_t rounds = rounds_for_ms(e, 800);
    unsigned slots = e->p->csif.csg_slot_count;
    struct drm_panthor_queue_create q[1];
    struct drm_panthor_group_create g;
    uint32_t low[32];
    uint32_t done[32];
    uint32_t high;
    uint32_t high_done = px_syncobj(e->p, false);
    unsigned still = 0;
    unsigned failed = 0;
    Stream s = exec_stream(e, 0);
    Stream h = exec_stream(e, 1);

    cs_spin(&s.cs, R_TMP, rounds);
    for (unsigned i = 0; i < slots + 4; i++) {
        g = px_group_args(e->p, e->vm, q, 1, 4 * KiB);
        g.priority = PANTHOR_GROUP_PRIORITY_LOW;
        failed += px_group_create(e->p, &g) != 0;
        low[i] = g.group_handle;
        done[i] = px_syncobj(e->p, false);
        failed += exec_go(e, low[i], 0, &s, 0, done[i]) != 0;
    }
    g = px_group_args(e->p, e->vm, q, 1, 4 * KiB);
    g.priority = PANTHOR_GROUP_PRIORITY_HIGH;
    failed += px_group_create(e->p, &g) != 0;
    high = g.group_handle;
    sleep_ms(20);
    cs_put32(&h.cs, exec_va(e, W_RESULT), 77);
    failed += exec_go(e, high, 0, &h, 0, high_done) != 0;
    tap_eq(failed, 0, "%u low groups with long jobs, a high one with a short",
           slots + 4);
    tap_errno(exec_finish(e, high_done), 0, "the high group's job completes");
    for (unsigned i = 0; i < slots + 4; i++) {
        still += px_fence_error(e->p, done[i]) == -EBUSY;
    }
    tap_eq(exec_word(e, W_RESULT), 77, "it ran");
    tap_ok(still >= slots, "before the low ones did");
    for (unsigned i = 0; i < slots + 4; i++) {
        failed += exec_finish(e, done[i]) != 0;
    }
    tap_eq(failed, 0, "they complete too");
    exec_close(e);
}

const GuestTest sched_tests[] = {
    TEST("oversub-jobs", "three times as many groups as slots",
         oversub_jobs),
    TEST("oversub-state", "registers and call stacks in rotation",
         oversub_state),
    TEST("oversub-waits", "groups out of slots that others wait for",
         oversub_waits),
    TEST("oversub-mixed", "busy and waiting groups together",
         oversub_mixed),
    TEST("priorities", "a high group goes before low ones", priorities),
    TEST_END,
};
