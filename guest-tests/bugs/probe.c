/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs of probing: the test loads the driver itself.
 */
#include <string.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "job.h"
#include "klog.h"
#include "panthor.h"
#include "pm.h"
#include "util.h"

static int load(void *opaque)
{
    (void)opaque;
    return driver_take() ? 1 : 0;
}

bool bug_probes(void)
{
    int ret = bug_patiently(load, NULL, 60000);

    bug_need(ret != 1, "the module does not load");
    bug_need(ret == 0, "the driver %s while it probes",
             ret == -1 ? "hangs" : "dies");
    return panthor_wait_node(true, 3000);
}

static void as_stuck_probe(void)
{
    bug_need(!ctl_scenario("as-active-stuck"), "scenario");
    bug_need(!bug_probes(), "the driver probes with address spaces that never "
             "become ready");
    bug_absent("an address space that never becomes ready: probing fails, and "
               "that is all");
}

static void stride_wrap(void)
{
    bool there = bug_probes();

    if (there) {
        bug_seen("a group stride of -0x700 is accepted: groups 1 and 2 have "
                 "their control blocks in front of group 0's");
    }
    bug_absent("a group stride of -0x700 is refused");
}

static void l2_not_awaited(void)
{
    int log = klog_open();

    bug_need(!ctl_scenario("l2-stuck-probe"), "scenario");
    bug_need(!bug_probes(), "the driver takes a GPU without an L2 cache");
    if (klog_wait(log, "waiting on L2:.* readiness", 0)) {
        bug_absent("an L2 cache that does not come up: the driver says so");
    }
    bug_seen("an L2 cache that does not come up: the driver goes on as if it "
             "had, and fails with something else");
}

/* Several groups at once; what became of them. */
static void stride_zero(void)
{
    enum { GROUPS = 3 };
    uint32_t done[GROUPS];
    unsigned lost = 0;
    Exec *e;

    if (!bug_probes()) {
        bug_absent("a group stride of 0 is refused");
    }
    e = exec_open();
    for (unsigned i = 0; i < GROUPS; i++) {
        uint32_t group = px_group(e->p, e->vm, 1, 4 * KiB);
        Stream s = exec_stream(e, i);

        done[i] = px_syncobj(e->p, false);
        cs_spin(&s.cs, R_TMP, 100000);
        bug_need(!exec_go(e, group, 0, &s, 0, done[i]), "a job");
    }
    for (unsigned i = 0; i < GROUPS; i++) {
        lost += exec_finish(e, done[i]) != 0;
    }
    bug_seen("a group stride of 0 is accepted: each group has the control "
             "block of the first; %u of %u jobs at once are lost", lost,
             GROUPS);
}

/* The stream itself uses no register. */
static void registers_few(void)
{
    Exec *e;
    int ret;

    if (!bug_probes()) {
        bug_absent("a firmware with three registers is refused");
    }
    e = exec_open();
    cs_wait(&e->cs, ALL_SB);
    ret = exec_run(e);
    bug_need(ret, "the driver's own instructions need less than 4 registers");
    bug_seen("a firmware with three registers is accepted; every job ends "
             "with: %s", strerror(-ret));
}

static void suspend_size(void)
{
    struct drm_panthor_queue_create q;
    struct drm_panthor_group_create g;
    Px *p;
    int ret;

    if (!bug_probes()) {
        bug_absent("suspend buffers of 2 GiB are refused");
    }
    p = px_open();
    g = px_group_args(p, px_vm(p), &q, 1, 4 * KiB);
    ret = px_group_create(p, &g);
    bug_need(ret, "a group with a suspend buffer of 2 GiB");
    bug_seen("a firmware that wants suspend buffers of 2 GiB is accepted; "
             "every GROUP_CREATE: %s", strerror(-ret));
}

const GuestTest bug_probe_tests[] = {
    BUG("as-stuck-probe", "AS_ACTIVE stuck while probing", as_stuck_probe),
    BUG("stride-wrap", "a stride that wraps 32 bits", stride_wrap),
    BUG("l2-not-awaited", "an L2 cache that does not come up",
        l2_not_awaited),
    BUG("stride-zero", "all groups in one place", stride_zero),
    BUG("registers-few", "fewer registers than the driver takes",
        registers_few),
    BUG("suspend-size", "a suspend buffer that has no room", suspend_size),
    TEST_END,
};
