/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs in what a driver makes of the firmware's reports.
 */
#include <errno.h>
#include <string.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "job.h"
#include "util.h"

#define W_RESULT 64

static void fault_as_success(void)
{
    Exec *e = exec_open();
    int ret;

    bug_need(!ctl_scenario("cs-fault"), "scenario");
    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    ret = exec_run(e);
    if (!ret) {
        bug_seen("a job whose stream reported CS_FAULT 0x58 ended with "
                 "success");
    }
    bug_need(ret == -EINVAL, "the job ended with: %s", strerror(-ret));
    bug_absent("a job whose stream reported CS_FAULT 0x58 ended with: %s",
               strerror(-ret));
}

static void lost_sync_update(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();
    int64_t start = now_ns();
    unsigned ms;
    int ret;

    bug_need(!ctl_scenario("no-sync-update"), "scenario");
    cs_put32(&e->cs, exec_va(e, W_RESULT), value);
    ret = exec_run(e);
    ms = (now_ns() - start) / 1000000;
    bug_need(exec_word(e, W_RESULT) == value, "the job stored nothing");
    if (!ret) {
        bug_absent("a finished job that was not announced ended with success "
                   "after %u ms", ms);
    }
    bug_need(ret == -ETIMEDOUT, "the job ended with: %s", strerror(-ret));
    bug_seen("a finished job that was not announced ended with: %s",
             strerror(-ret));
}

static void irq_no_slot(void)
{
    Exec *e = exec_open();

    bug_need(!ctl_scenario("irq-no-slot"), "scenario");
    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    bug_need(!exec_run(e), "a job works");
    sleep_ms(100);
    bug_absent("an interrupt of a slot that is not there is ignored");
}

const GuestTest bug_fault_tests[] = {
    BUG("fault-as-success", "a fault that no fence tells of",
        fault_as_success),
    BUG("lost-sync-update", "done, and killed as if it were not",
        lost_sync_update),
    BUG("irq-no-slot", "an interrupt of a slot that is not there",
        irq_no_slot),
    TEST_END,
};
