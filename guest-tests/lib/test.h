/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest test is, and the list of all of them.
 */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include <stdbool.h>

#include "driver.h"
#include "klog.h"
#include "nvchip.h"

/** enum TestFlags
 * @TEST_LONG: not part of a run of all tests, only by name or pattern.
 * @TEST_BUG:  looks for a bug of the driver (bug.h): only by its full name;
 *             neither the kernel log nor the device are judged afterwards.
 */
typedef enum TestFlags {
    TEST_LONG = 1 << 0,
    TEST_BUG = 1 << 1,
} TestFlags;

/**
 * struct GuestTest - one test
 * @name:     what --test takes.
 * @desc:     one line that says what is guarded.
 * @run:      runs in a process of its own, emits TAP points.
 * @drivers:  DriverBits of those that it serves; 0: Panthor alone.
 * @minor:    lowest minor of the driver's version 1.x that has the subject.
 * @arch_first, @arch_last: architectures of the GPU that have the subject;
 *            0: no limit.
 * @boot_by:  NvBootBy of chips with a GSP that have the subject; 0: all.
 * @scenario: fault scenario in force while it runs, or NULL.
 * @expect:   kernel lines that it provokes, ends with an empty entry, or NULL.
 * @limit_s:  guest seconds it may take; 0: the default of 120.
 * @flags:    TestFlags.
 */
typedef struct GuestTest {
    const char *name;
    const char *desc;
    void (*run)(void);
    unsigned drivers;
    unsigned minor;
    unsigned arch_first;
    unsigned arch_last;
    unsigned boot_by;
    const char *scenario;
    const KlogExpect *expect;
    unsigned limit_s;
    unsigned flags;
} GuestTest;

/** TEST() - an entry of a group; further fields follow by name. */
#define TEST(n, d, r, ...) { .name = n, .desc = d, .run = r, ##__VA_ARGS__ }

/** TEST_END - ends a group. */
#define TEST_END { .name = NULL }

/** EXPECT() - an expectation list as a compound literal. */
#define EXPECT(...) ((const KlogExpect[]){ __VA_ARGS__, { NULL, false } })

/** test_groups - all groups of tests, each ended by an entry without name. */
extern const GuestTest *const test_groups[];

/** test_find() - by exact name, NULL if there is none. */
const GuestTest *test_find(const char *name);

/**
 * test_match() - does @list ask for @t
 * @list: comma-separated shell patterns; "all": every test that is not long
 *        and serves the driver; NULL or "" means "all".
 */
bool test_match(const GuestTest *t, const char *list);

/**
 * test_serves() - is @t for the driver under test?
 *
 * With parameter foreign=1 all of Panthor's are, to see what another driver
 * of its uAPI makes of them.
 */
bool test_serves(const GuestTest *t);

/**
 * test_announce_run() - lines that come with the run, whatever the test
 *
 * An image with a section for protected mode (fwimage_has_protected()). And
 * in real time (parameter time=real), with 6.12: it stops a queue's timer by
 * an expiry LONG_MAX away (drm_sched_suspend_timeout()), which fires at once
 * if the timer wheel is behind, as on a guest that was not run for a while.
 */
void test_announce_run(void);

/**
 * test_run() - run @t in a child of this process
 *
 * Marks the kernel log, sets the scenario, limits the time, checks the log
 * and that the device still works. Returns true if no point failed; false in
 * @*stuck says that the test could not even be killed.
 */
bool test_run(const GuestTest *t, bool *stuck);

#endif /* GUEST_TEST_H */
