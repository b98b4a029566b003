/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl.h"
#include "fwimage.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "test.h"
#include "util.h"

#define LIMIT_S 120
#define HEALTH_LIMIT_S 30
#define KILL_LIMIT_MS 20000

const GuestTest *test_find(const char *name)
{
    for (const GuestTest *const *g = test_groups; *g; g++) {
        for (const GuestTest *t = *g; t->name; t++) {
            if (!strcmp(t->name, name)) {
                return t;
            }
        }
    }
    return NULL;
}

bool test_serves(const GuestTest *t)
{
    unsigned drivers = t->drivers ? t->drivers : DRIVER_PANTHOR;

    return driver_is(drivers) ||
           (drivers & DRIVER_PANTHOR && ctl_param_u("foreign", 0));
}

/* Part of a run of all tests. */
static bool usual(const GuestTest *t)
{
    return !(t->flags & (TEST_LONG | TEST_BUG)) && test_serves(t);
}

bool test_match(const GuestTest *t, const char *list)
{
    char copy[3072];
    char *rest = copy;
    char *pattern;
    bool any = false;

    snprintf(copy, sizeof(copy), "%s", list ? list : "");
    while ((pattern = split_next(&rest))) {
        any = true;
        if (!strcmp(pattern, "all")) {
            if (usual(t)) {
                return true;
            }
        } else if (t->flags & TEST_BUG ? !strcmp(pattern, t->name)
                                       : !fnmatch(pattern, t->name, 0)) {
            return true;
        }
    }
    return !any && usual(t);
}

typedef enum ChildEnd {
    CHILD_OK,
    CHILD_DIED,
    CHILD_TIMED_OUT,
    CHILD_STUCK,
} ChildEnd;

/*
 * Wait for @pid. PID 1 also gets orphans here; their status is of no
 * interest.
 */
static bool reap(pid_t pid, unsigned limit_ms, int *status)
{
    int64_t until = now_ns() + limit_ms * 1000000ll;
    struct timespec tick = { 1, 0 };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (;;) {
        pid_t got = waitpid(-1, status, WNOHANG);

        if (got == pid) {
            return true;
        }
        if (got > 0) {
            continue;
        }
        if (got < 0 && errno == ECHILD) {
            *status = 0;
            return true;
        }
        if (now_ns() >= until) {
            return false;
        }
        sigtimedwait(&set, NULL, &tick);
    }
}

static ChildEnd child(void (*fn)(void), const char *name, unsigned limit_s,
                      int *status)
{
    sigset_t set;
    sigset_t old;
    pid_t pid;
    ChildEnd end;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &old);
    pid = fork();
    if (pid < 0) {
        tap_ok(false, "fork: %s", strerror(errno));
        return CHILD_DIED;
    }
    if (!pid) {
        sigprocmask(SIG_SETMASK, &old, NULL);
        setsid();
        tap_prefix(name);
        rng_seed(ctl_seed(), name);
        fn();
        _exit(0);
    }
    if (reap(pid, limit_s * 1000, status)) {
        end = WIFEXITED(*status) && !WEXITSTATUS(*status) ? CHILD_OK
                                                          : CHILD_DIED;
    } else {
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
        end = reap(pid, KILL_LIMIT_MS, status) ? CHILD_TIMED_OUT
                                               : CHILD_STUCK;
    }
    kill(-pid, SIGKILL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return end;
}

static void report_end(ChildEnd end, int status, unsigned limit_s,
                       const char *what)
{
    switch (end) {
    case CHILD_OK:
        break;
    case CHILD_DIED:
        if (WIFSIGNALED(status)) {
            tap_ok(false, "%s died of signal %d (%s)", what, WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
        } else {
            tap_diag("%s gave up", what);
        }
        break;
    case CHILD_TIMED_OUT:
        tap_ok(false, "%s ends within %u s of guest time", what, limit_s);
        klog_dump(30);
        break;
    case CHILD_STUCK:
        tap_ok(false, "%s can be killed after %u s", what, limit_s);
        klog_dump(30);
        break;
    }
}

void test_announce_run(void)
{
    /*
     * 7.3 asks for 570.144 first and takes 535.113.01 if that is not there. A
     * card without display has nothing that a console could be shown on.
     */
    if (driver_is(DRIVER_NOUVEAU)) {
        kmsg_expect("No compatible format found");
        kmsg_expect("firmware: failed to load nvidia/[a-z0-9]+/gsp/gsp-570");
    }
    if (fwimage_has_protected()) {
        kmsg_expect("Firmware protected mode entry (not be|is not) supported");
    }
    if (ctl_real_time() && panthor_minor() == 0) {
        kmsg_expect("job timeout");
    }
}

/* What a test that gave up may have left, and its successors would trip on. */
static void undo(void)
{
    ctl_scenario(NULL);
    if (driver_is(DRIVER_PANTHOR)) {
        pm_control("auto");
    }
}

/* Why @t cannot run here; NULL if it can. */
static const char *reason_to_skip(const GuestTest *t)
{
    static char reason[64];
    int minor = panthor_minor();
    unsigned arch;

    if (!test_serves(t)) {
        snprintf(reason, sizeof(reason), "not for driver %s",
                 driver()->name);
        return reason;
    }
    if (minor >= 0 && (unsigned)minor < t->minor) {
        snprintf(reason, sizeof(reason), "driver 1.%d, needs 1.%u", minor,
                 t->minor);
        return reason;
    }
    if (t->boot_by && !(t->boot_by & nv_chip()->boot_by)) {
        snprintf(reason, sizeof(reason), "%s boots this chip",
                 nv_chip()->boot_by == NV_BY_FSP ? "an FSP" : "booter");
        return reason;
    }
    if (!t->arch_first && !t->arch_last) {
        return NULL;
    }
    arch = panthor_arch();
    if (arch < t->arch_first || (t->arch_last && arch > t->arch_last)) {
        snprintf(reason, sizeof(reason), "architecture %u has no such thing",
                 arch);
        return reason;
    }
    return NULL;
}

/* A bug's test ends the run itself; if it comes back, it was ended. */
static bool run_bug(const GuestTest *t, bool *stuck)
{
    unsigned limit = t->limit_s ? t->limit_s : LIMIT_S;
    int status = 0;
    ChildEnd end;

    kmsg("begin %s", t->name);
    end = child(t->run, t->name, limit, &status);
    tap_prefix("");
    if (end == CHILD_DIED && WIFSIGNALED(status)) {
        tap_diag("bug test died of signal %d", WTERMSIG(status));
    } else if (end == CHILD_DIED) {
        tap_diag("bug test gave up");
    } else if (end != CHILD_OK) {
        tap_diag("bug test did not end within %u s", limit);
    }
    kmsg("end %s", t->name);
    *stuck = end == CHILD_STUCK;
    return false;
}

bool test_run(const GuestTest *t, bool *stuck)
{
    unsigned failed = tap_failed();
    unsigned limit = t->limit_s ? t->limit_s : LIMIT_S;
    const char *reason = reason_to_skip(t);
    ChildEnd end;
    int status = 0;
    int log;

    if (t->flags & TEST_BUG) {
        return run_bug(t, stuck);
    }
    tap_prefix(t->name);
    if (reason) {
        tap_skip(reason, "%s", t->desc);
        tap_prefix("");
        return true;
    }
    tap_diag("%s", t->desc);
    kmsg("begin %s", t->name);
    log = klog_open();
    test_announce_run();
    for (const KlogExpect *e = t->expect; e && e->regex; e++) {
        kmsg_expect("%s", e->regex);
    }
    if (t->scenario) {
        tap_errno(ctl_scenario(t->scenario), 0, "scenario %s is there",
                  t->scenario);
    }
    end = child(t->run, t->name, limit, &status);
    report_end(end, status, limit, "test");
    if (end == CHILD_DIED && failed == tap_failed()) {
        tap_ok(false, "test ends with status 0, not %d", WEXITSTATUS(status));
    }
    if (t->scenario) {
        ctl_scenario(NULL);
    }
    if (end == CHILD_DIED || end == CHILD_TIMED_OUT) {
        child(undo, t->name, HEALTH_LIMIT_S, &status);
    }
    if (end != CHILD_STUCK) {
        end = child(driver_health, t->name, HEALTH_LIMIT_S, &status);
        report_end(end, status, HEALTH_LIMIT_S, "a job after the test");
        if (end == CHILD_DIED && failed == tap_failed()) {
            tap_ok(false, "a job after the test works");
        }
    }
    tap_prefix(t->name);
    klog_check(log, t->expect);
    kmsg("end %s %s", t->name, tap_failed() == failed ? "ok" : "not ok");
    tap_prefix("");
    *stuck = end == CHILD_STUCK;
    return tap_failed() == failed;
}
