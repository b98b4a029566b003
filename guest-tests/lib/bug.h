/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that look for one bug of a driver, for scripts/repro.
 *
 * Such a test brings about what the bug needs and ends the run with what it
 * saw. It judges by what happens, never by a version. What it cannot see, such
 * as an oops in a worker, the host finds in the kernel log: a test that saw
 * nothing wrong says bug_absent() and may be overruled.
 */
#ifndef GUEST_BUG_H
#define GUEST_BUG_H

#include <stdbool.h>

/** bug_seen() - end the run: the driver did the wrong thing. */
void bug_seen(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/** bug_absent() - end the run: the driver did the right thing. */
void bug_absent(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/** bug_unclear() - end the run: what the bug needs did not come about. */
void bug_unclear(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/** cell_end() - end the run with the verdict on a cell of the matrix. */
void cell_end(const char *verdict, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/** bug_need() - bug_unclear() unless @ok. */
#define bug_need(ok, ...)                                                    \
    do {                                                                     \
        if (!(ok)) {                                                         \
            bug_unclear(__VA_ARGS__);                                        \
        }                                                                    \
    } while (0)

/**
 * bug_alive() - does a fresh job work, in a process of its own?
 *
 * False also if it takes longer than 30 s of guest time, or its process dies.
 */
bool bug_alive(void);

/**
 * bug_patiently() - run @fn in a process of its own
 *
 * Returns its result (0..255), -1 if it did not end within @limit_ms of guest
 * time, -2 if it died of a signal.
 */
int bug_patiently(int (*fn)(void *opaque), void *opaque, unsigned limit_ms);

#endif /* GUEST_BUG_H */
