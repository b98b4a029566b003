/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs around the reset of the GPU.
 */
#include <errno.h>
#include <string.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "job.h"
#include "klog.h"
#include "pm.h"
#include "util.h"

#define PING_LOST "FW ping timeout, scheduling a reset"

/* The driver pings every 12 s while the device is awake. */
#define PING_MS 12000
#define W_RESULT 64

static void lose_ping(int log)
{
    bug_need(klog_wait(log, PING_LOST, 3 * PING_MS), "a ping is lost");
    sleep_ms(1500);
}

static void runnable_at_reset(void)
{
    Exec *e = exec_open();
    unsigned nr = e->p->csif.csg_slot_count + 4;
    Stream s = exec_stream(e, 0);
    int log = klog_open();

    cs_endless(&s.cs);
    bug_need(!pm_control("on"), "the device stays awake");
    bug_need(!ctl_scenario("ping-loss"), "scenario");
    sleep_ms(PING_MS - 2500);
    for (unsigned i = 0; i < nr; i++) {
        uint32_t group = px_group(e->p, e->vm, 1, 4 * KiB);

        bug_need(!exec_go(e, group, 0, &s, 0, px_syncobj(e->p, false)),
                 "a busy group");
    }
    lose_ping(log);
    bug_absent("a reset with %u busy groups in %u slots went by", nr,
               e->p->csif.csg_slot_count);
}

/*
 * A reset that was waited for in vain, and another that the device would
 * carry out.
 */
static void reset_forgotten(void)
{
    Exec *e = exec_open();
    int log = klog_open();

    bug_need(!pm_control("on"), "the device stays awake");
    bug_need(!ctl_scenario("ping-and-reset-lost"), "scenario");
    lose_ping(log);
    bug_need(!ctl_scenario("ping-loss"), "scenario");
    lose_ping(log);
    bug_absent("a reset failed; another went by, and the device %s",
               bug_alive() ? "works" : "is dead");
    exec_close(e);
}

/* A flush on the way to sleep is not answered; the firmware halts all right. */
static void flush_lost(void)
{
    Exec *e = exec_open();
    unsigned failed = 0;

    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    bug_need(!ctl_scenario("flush-lost"), "scenario");
    bug_need(!exec_run(e), "a job works");
    bug_need(pm_wait("suspended", 5000), "the device sleeps");
    bug_need(!ctl_scenario(NULL), "scenario");
    for (unsigned i = 0; i < 3; i++) {
        failed += !bug_alive();
        pm_wait("suspended", 5000);
    }
    if (!failed) {
        bug_absent("a flush was lost on the way to sleep; jobs work later");
    }
    bug_seen("a flush was lost on the way to sleep; %u of 3 jobs fail later",
             failed);
}

const GuestTest bug_reset_tests[] = {
    BUG("runnable-at-reset", "a reset with more groups than slots",
        runnable_at_reset),
    BUG("reset-forgotten", "a soft reset that never ended", reset_forgotten),
    BUG("flush-lost", "a cache flush that never ends on the way to sleep",
        flush_lost),
    TEST_END,
};
