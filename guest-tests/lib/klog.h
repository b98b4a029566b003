/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel log between two points in time, checked against what a test
 * announced.
 *
 * A record of level warning or worse must match an announced expression, and
 * every expression that a test declared as certain must have been matched.
 */
#ifndef GUEST_KLOG_H
#define GUEST_KLOG_H

#include <stdbool.h>

/** struct KlogExpect - one announced line; @optional: it need not come. */
typedef struct KlogExpect {
    const char *regex;
    bool optional;
} KlogExpect;

/** klog_open() - a reader placed at the end of the log; -1 on failure. */
int klog_open(void);

/**
 * klog_check() - read on to the end of the log, close, emit TAP points
 * @expect: ends with an entry without regex; may be NULL.
 *
 * Expressions announced at run time (kmsg_expect()) count as optional.
 */
void klog_check(int fd, const KlogExpect *expect);

/**
 * klog_wait() - wait until a line matches
 * @fd:    a reader; stands after the matching record on return.
 * @limit_ms: in guest time.
 */
bool klog_wait(int fd, const char *regex, unsigned limit_ms);

/** klog_said() - has the kernel said a line that matches, since it booted? */
bool klog_said(const char *regex);

/** klog_dump() - the last @lines records as TAP comments. */
void klog_dump(unsigned lines);

#endif /* GUEST_KLOG_H */
