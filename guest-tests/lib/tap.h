/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP output of the guest tests.
 *
 * Every point is one write() to the TAP descriptor; the counters live in
 * memory shared by all processes of a run, so that the points of a child are
 * numbered in sequence with those of its parent.
 */
#ifndef GUEST_TAP_H
#define GUEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * tap_start() - set up the shared counters; once, before the first fork
 * @fd: where TAP goes, kept open by the caller for the whole run.
 */
void tap_start(int fd);

/** tap_prefix() - what stands before the description of each later point. */
void tap_prefix(const char *name);

/** tap_ok() - one test point; returns @ok. */
bool tap_ok(bool ok, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * tap_eq() - a test point that holds if @got equals @want
 *
 * A diagnostic line shows both values if it does not hold.
 */
bool tap_eq(uint64_t got, uint64_t want, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * tap_errno() - a test point for the result of an ioctl wrapper
 * @ret:  0 or a negative errno value.
 * @want: likewise.
 */
bool tap_errno(int ret, int want, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** tap_skip() - a point that cannot be tested here, with the reason. */
void tap_skip(const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** tap_diag() - a comment line. */
void tap_diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * tap_die() - a failed point, then the end of this process
 *
 * For setup steps without which the rest of a test makes no sense.
 */
void tap_die(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/** tap_count() - points so far. */
unsigned tap_count(void);

/** tap_failed() - failed points so far. */
unsigned tap_failed(void);

/** tap_plan() - print the plan; the last thing but the verdict. */
void tap_plan(void);

/** tap_drain() - wait until all of it has left the guest. */
void tap_drain(void);

#endif /* GUEST_TAP_H */
