/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GROUP_SUBMIT: jobs reach the device, in order, and come back.
 */
#include <errno.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

static void submit_single(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32() | 1;

    cs_put32(&e->cs, e->data.va, value);
    tap_errno(exec_submit(e), 0, "submit");
    tap_errno(exec_done(e), 0, "its fence signals without error");
    tap_eq(exec_word(e, 0), value, "the stream stored its value");
    tap_eq(exec_word(e, 1), 0, "and nothing else");
    exec_close(e);
}

const GuestTest submit_tests[] = {
    TEST("submit-single", "one job stores one word", submit_single),
    TEST_END,
};
