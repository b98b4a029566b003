/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver resets the GPU when its firmware does not answer; work that
 * was in slots goes on afterwards.
 */
#include <errno.h>
#include <unistd.h>

#include "ctl.h"
#include "job.h"
#include "klog.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define PING_LOST "FW ping timeout, scheduling a reset"

/* The driver pings every 12 s while the device is awake. */
#define PING_MS 12000
#define GROUPS 5
#define STRESS_ROUNDS 100

typedef struct Load {
    Exec *e;
    uint32_t group[GROUPS];
    uint32_t done[GROUPS];
    uint32_t helper;
} Load;

static Load load_open(void)
{
    Load l = { .e = exec_open() };

    for (unsigned i = 0; i < GROUPS; i++) {
        l.group[i] = px_group(l.e->p, l.e->vm, 1, 4 * KiB);
        l.done[i] = px_syncobj(l.e->p, false);
    }
    l.helper = px_syncobj(l.e->p, false);
    return l;
}

/* Jobs that wait for word 16 * i to pass @round, then store what they knew. */
static unsigned load_start(Load *l, unsigned round, const uint32_t *keep)
{
    unsigned failed = 0;

    for (unsigned i = 0; i < GROUPS; i++) {
        Stream s = exec_stream(l->e, i);

        cs_move32(&s.cs, 20, keep[i]);
        cs_move48(&s.cs, R_ADDR, exec_va(l->e, 16 * i));
        cs_move48(&s.cs, R_DATA, round);
        cs_sync_wait64(&s.cs, R_ADDR, R_DATA, CS_GT, true);
        cs_dump(&s.cs, 20, 1, R_ADDR, exec_va(l->e, 1024 + i));
        failed += exec_go(l->e, l->group[i], 0, &s, 0, l->done[i]) != 0;
    }
    return failed;
}

/* Release them, see that each ends with what it knew. */
static unsigned load_end(Load *l, unsigned round, const uint32_t *keep)
{
    unsigned failed = 0;
    Stream s = exec_stream(l->e, GROUPS);

    for (unsigned i = 0; i < GROUPS; i++) {
        cs_move48(&s.cs, R_ADDR, exec_va(l->e, 16 * i));
        cs_move48(&s.cs, R_DATA, round + 1);
        cs_sync_set64(&s.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
    }
    failed += exec_go(l->e, l->e->group, 0, &s, 0, l->helper) != 0;
    failed += exec_finish(l->e, l->helper) != 0;
    for (unsigned i = 0; i < GROUPS; i++) {
        failed += exec_finish(l->e, l->done[i]) != 0;
        failed += exec_word(l->e, 1024 + i) != keep[i];
    }
    return failed;
}

/*
 * One reset with jobs in slots: those begin shortly before the ping is due,
 * so that they do not run into the driver's limit of five seconds.
 */
static unsigned reset_round(Load *l, unsigned round)
{
    uint32_t keep[GROUPS];
    unsigned failed = 0;
    int log;

    for (unsigned i = 0; i < GROUPS; i++) {
        keep[i] = rng_u32();
    }
    log = klog_open();
    failed += ctl_scenario("ping-loss") != 0;
    sleep_ms(PING_MS - 2500);
    failed += load_start(l, round, keep);
    failed += !klog_wait(log, PING_LOST, 2 * PING_MS);
    sleep_ms(300);
    failed += load_end(l, round, keep);
    close(log);
    return failed;
}

static void resets(unsigned rounds)
{
    Load l = load_open();
    unsigned failed = 0;
    unsigned r;

    tap_errno(pm_control("on"), 0, "the device stays awake");
    /* From here the driver's pings come in step with the rounds. */
    for (r = 0; r < rounds; r++) {
        failed = reset_round(&l, r);
        if (failed) {
            tap_diag("round %u: %u failures", r, failed);
            break;
        }
    }
    tap_eq(r, rounds, "%u resets with five groups in slots", rounds);
    tap_eq(failed, 0, "all jobs went on afterwards and knew what they knew");
    ctl_scenario(NULL);
    tap_errno(pm_control("auto"), 0, "the device may sleep");
    exec_close(l.e);
}

static void reset_ping(void)
{
    resets(2);
}

static void stress_reset(void)
{
    resets(STRESS_ROUNDS);
}

/* A reset while a loop runs: it is suspended before and goes on behind. */
static void reset_running(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();
    uint32_t count = 200000;
    unsigned failed = 0;
    unsigned jobs = 0;
    int log;

    tap_errno(pm_control("on"), 0, "the device stays awake");
    log = klog_open();
    tap_errno(ctl_scenario("ping-loss"), 0, "a ping is going to be lost");
    cs_move32(&e->cs, 7, value);
    failed += exec_run(e) != 0;
    while (!failed && jobs < 2000) {
        exec_begin(e);
        cs_spin(&e->cs, R_TMP, count);
        cs_add_imm32(&e->cs, 7, 7, 1);
        cs_dump(&e->cs, 7, 1, R_ADDR, exec_va(e, 1024));
        failed += exec_run(e) != 0;
        jobs++;
        failed += exec_word(e, 1024) != value + jobs;
        if (klog_wait(log, PING_LOST, 0)) {
            break;
        }
    }
    tap_eq(failed, 0, "jobs one after the other until the reset");
    for (unsigned i = 0; i < 5; i++, jobs++) {
        failed += exec_run(e) != 0;
        failed += exec_word(e, 1024) != value + jobs + 1;
    }
    tap_eq(failed, 0, "and after it, none lost, none twice");
    tap_errno(pm_control("auto"), 0, "the device may sleep");
    close(log);
    exec_close(e);
}

/* A ping that is answered late, but in time, is no reason for a reset. */
static void slow_acks(void)
{
    enum { NR = 20 };
    Exec *e = exec_open();
    uint32_t group[NR];
    uint32_t done[NR];
    unsigned failed = 0;

    for (unsigned i = 0; i < NR; i++) {
        Stream s = exec_stream(e, i);

        group[i] = px_group(e->p, e->vm, 1, 4 * KiB);
        done[i] = px_syncobj(e->p, false);
        cs_spin(&s.cs, R_TMP, 20000);
        cs_count(&s.cs, exec_va(e, 1024 + i));
        failed += exec_go(e, group[i], 0, &s, 0, done[i]) != 0;
    }
    for (unsigned i = 0; i < NR; i++) {
        failed += exec_finish(e, done[i]) != 0;
        failed += exec_word(e, 1024 + i) != 1;
    }
    tap_eq(failed, 0, "twenty groups rotate all the same");
    exec_close(e);
}

/*
 * Completions that the firmware does not announce are found all the same. The
 * device stays awake: on its way to sleep the driver would look for them
 * (panthor_sched.c: panthor_sched_suspend()), and whether a tick sees the
 * group idle before its timeout is a matter of timing in real time.
 */
static void lost_events(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();
    /* A guest in real time is as late as its host. */
    int64_t latest = ctl_real_time() ? 60000 : 8000;
    int64_t ms;
    int64_t t0;
    int err;

    tap_errno(pm_control("on"), 0, "the device stays awake");
    t0 = now_ns();
    cs_put32(&e->cs, exec_va(e, 4), value);
    err = exec_run(e);
    ms = (now_ns() - t0) / 1000000;
    tap_eq(exec_word(e, 4), value, "the job did its work");
    if (e->p->minor) {
        tap_errno(err, 0, "the driver sees it at its timeout");
    } else {
        tap_errno(err, -ETIMEDOUT, "6.12 takes it for hung");
    }
    if (!tap_ok(ms >= 4900 && ms < latest, "after five seconds")) {
        tap_diag("after %lld ms", (long long)ms);
    }
    tap_errno(pm_control("auto"), 0, "the device may sleep");
    exec_close(e);
}

const GuestTest reset_tests[] = {
    TEST("reset-ping", "lost pings reset the GPU under waiting jobs",
         reset_ping,
         .expect = EXPECT({ PING_LOST, false })),
    TEST("reset-running", "a lost ping resets the GPU under running jobs",
         reset_running,
         .expect = EXPECT({ PING_LOST, false })),
    TEST("slow-acks", "acknowledgements that come 20 ms late", slow_acks,
         .scenario = "slow-acks"),
    TEST("lost-events", "completions that nobody announces", lost_events,
         .scenario = "no-sync-update",
         .expect = EXPECT({ "job timeout", true })),
    TEST("stress-reset", "100 resets under load", stress_reset,
         .expect = EXPECT({ PING_LOST, false }), .limit_s = 3600,
         .flags = TEST_LONG),
    TEST_END,
};
