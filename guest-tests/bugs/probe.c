/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs of probing: the test loads the driver itself.
 */
#include <string.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "job.h"
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

const GuestTest bug_probe_tests[] = {
    BUG("as-stuck-probe", "AS_ACTIVE stuck while probing", as_stuck_probe),
    BUG("stride-wrap", "a stride that wraps 32 bits", stride_wrap),
    TEST_END,
};
