/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiling and fdinfo: what the driver tells about a client's use.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

/* Value of a line "key:\tVALUE ..." of this file's fdinfo; -1 if it is none. */
static long long fdinfo(Px *p, const char *key)
{
    char path[64];
    char text[4096];
    char *line;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", p->fd);
    if (!read_text(path, text, sizeof(text))) {
        return -1;
    }
    for (char *rest = text; (line = strsep(&rest, "\n"));) {
        size_t n = strlen(key);

        if (!strncmp(line, key, n) && line[n] == ':') {
            return strtoll(line + n + 1, NULL, 0);
        }
    }
    return -1;
}

/* Counters are written behind the fence's signal: wait until one moves. */
static long long grown(Px *p, const char *key, long long before)
{
    for (unsigned i = 0; i < 100 && fdinfo(p, key) == before; i++) {
        sleep_ms(5);
    }
    return fdinfo(p, key) - before;
}

static bool busy_job(Exec *e, uint32_t rounds)
{
    exec_begin(e);
    cs_spin(&e->cs, R_TMP, rounds);
    cs_put32(&e->cs, exec_va(e, 1), rounds);
    return !exec_run(e) && exec_word(e, 1) == rounds;
}

static void profiling_sysfs(void)
{
    char path[128];
    char text[32];

    panthor_sysfs("profiling", path, sizeof(path));
    tap_ok(read_text(path, text, sizeof(text)) && !strcmp(text, "0"),
           "profiling is off at first");
    for (unsigned i = 3; i < 4; i--) {
        char value[4] = { (char)('0' + i), 0 };

        tap_errno(write_text(path, value), 0, "profiling %u", i);
        tap_ok(read_text(path, text, sizeof(text)) && !strcmp(text, value),
               "is what it says");
    }
    tap_errno(write_text(path, "4"), -EINVAL, "4 is refused");
    tap_errno(write_text(path, "x"), -EINVAL, "x is refused");
}

/* With profiling the jobs have more instructions and time is counted. */
static void profiling_fdinfo(void)
{
    static const char *const masks[] = { "1", "2", "3" };
    Exec *e = exec_open();
    char path[128];
    long long before_ns;
    long long before_cycles;

    panthor_sysfs("profiling", path, sizeof(path));
    tap_eq(fdinfo(e->p, "drm-engine-panthor"), -1,
           "no engine time without profiling");
    for (unsigned i = 0; i < ARRAY_SIZE(masks); i++) {
        bool cycles = masks[i][0] & 1;
        bool time = masks[i][0] & 2;
        int64_t t0;
        int64_t ns;
        long long used;

        tap_errno(write_text(path, masks[i]), 0, "profiling %s", masks[i]);
        before_ns = fdinfo(e->p, "drm-engine-panthor");
        before_cycles = fdinfo(e->p, "drm-cycles-panthor");
        tap_ok((before_ns >= 0) == time && (before_cycles >= 0) == cycles,
               "fdinfo has the lines that were asked for");
        t0 = now_ns();
        tap_ok(busy_job(e, 20000), "a job works");
        ns = now_ns() - t0;
        if (time) {
            used = grown(e->p, "drm-engine-panthor", before_ns);
            tap_ok(used > 0 && used <= ns,
                   "its time is counted, and is not more than passed");
        }
        if (cycles) {
            used = grown(e->p, "drm-cycles-panthor", before_cycles);
            tap_ok(used >= 20000, "its cycles are counted");
        }
    }
    tap_errno(write_text(path, "0"), 0, "profiling off");
    tap_ok(busy_job(e, 100), "a job works");
    exec_close(e);
}

/* Rings hold fewer jobs when these are longer; wrap-arounds change. */
static void profiling_wrap(void)
{
    enum { NR = 100 };
    Exec *e = exec_open();
    char path[128];
    unsigned failed = 0;

    panthor_sysfs("profiling", path, sizeof(path));
    cs_count(&e->cs, exec_va(e, 0));
    for (unsigned i = 0; i < NR; i++) {
        const char mask[2] = { (char)('0' + i % 4), 0 };

        failed += write_text(path, mask) != 0;
        failed += px_submit(e->p, e->group, 0, e->code.va, cs_bytes(&e->cs),
                            NULL, 0) != 0;
    }
    tap_eq(failed, 0, "100 jobs of three lengths");
    tap_errno(write_text(path, "0"), 0, "profiling off");
    tap_errno(exec_run(e), 0, "one more behind them");
    tap_eq(exec_word(e, 0), NR + 1, "each ran once");
    exec_close(e);
}

static void fdinfo_memory(void)
{
    Exec *e = exec_open();
    long long before = fdinfo(e->p, "drm-total-memory");
    long long resident = fdinfo(e->p, "drm-resident-memory");

    tap_ok(before > 0, "total memory is told");
    px_bo(e->p, e->vm, 4 * MiB, 0);
    tap_ok(fdinfo(e->p, "drm-total-memory") - before >= 4096,
           "a buffer of 4 MiB makes it more");
    tap_ok(fdinfo(e->p, "drm-resident-memory") - resident >= 4096,
           "and the resident part too");
    tap_ok(fdinfo(e->p, "drm-maxfreq-panthor") > 0 &&
           fdinfo(e->p, "drm-curfreq-panthor") > 0,
           "frequencies are told");
    exec_close(e);
}

static void fdinfo_old(void)
{
    Px *p = px_open();
    char path[128];
    char text[64];

    if (p->minor) {
        tap_skip("driver is newer than 1.0", "6.12 has no profiling");
    } else {
        panthor_sysfs("profiling", path, sizeof(path));
        tap_ok(!read_text(path, text, sizeof(text)),
               "6.12 has no profiling in sysfs");
        tap_eq(fdinfo(p, "drm-engine-panthor"), -1, "nor in fdinfo");
    }
    px_close(p);
}

const GuestTest prof_tests[] = {
    TEST("profiling-sysfs", "the switch for profiling", profiling_sysfs,
         .minor = 2),
    TEST("profiling-fdinfo", "time and cycles of a client",
         profiling_fdinfo, .minor = 2),
    TEST("profiling-wrap", "jobs of several lengths in one ring",
         profiling_wrap, .minor = 2),
    TEST("fdinfo-memory", "memory of a client", fdinfo_memory, .minor = 5),
    TEST("fdinfo-old", "what 6.12 does not have", fdinfo_old),
    TEST_END,
};
