/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The groups of tests for tests/bugs, one for each file. A test is called
 * "bug-" and the name of its folder there.
 */
#ifndef GUEST_BUGS_H
#define GUEST_BUGS_H

#include "test.h"

extern const GuestTest bug_fault_tests[];
extern const GuestTest bug_group_tests[];
extern const GuestTest bug_gsp_tests[];
extern const GuestTest bug_pm_tests[];
extern const GuestTest bug_probe_tests[];
extern const GuestTest bug_reset_tests[];
extern const GuestTest bug_tyr_tests[];

/** bug_probes() - load the driver; true if it got as far as a render node. */
bool bug_probes(void);

/** BUG() - an entry of a group; further fields follow by name. */
#define BUG(n, d, r, ...)                                                    \
    TEST("bug-" n, d, r, .flags = TEST_BUG, .limit_s = 300, ##__VA_ARGS__)

#endif /* GUEST_BUGS_H */
