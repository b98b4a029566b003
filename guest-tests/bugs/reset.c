/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs around the reset of the GPU.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "job.h"
#include "klog.h"
#include "pm.h"
#include "util.h"

#define PING_LOST "FW ping timeout, scheduling a reset"

/* The driver pings every 12 s while the device is awake. */
#define PING_MS 12000
#define W_RESULT 64

static void lose_ping(int log)
{
    bug_need(klog_wait(log, PING_LOST, 3 * PING_MS), "a ping is lost");
    sleep_ms(1500);
}

static void runnable_at_reset(void)
{
    Exec *e = exec_open();
    unsigned nr = e->p->csif.csg_slot_count + 4;
    Stream s = exec_stream(e, 0);
    int log = klog_open();

    cs_endless(&s.cs);
    bug_need(!pm_control("on"), "the device stays awake");
    bug_need(!ctl_scenario("ping-loss"), "scenario");
    sleep_ms(PING_MS - 2500);
    for (unsigned i = 0; i < nr; i++) {
        uint32_t group = px_group(e->p, e->vm, 1, 4 * KiB);

        bug_need(!exec_go(e, group, 0, &s, 0, px_syncobj(e->p, false)),
                 "a busy group");
    }
    lose_ping(log);
    bug_absent("a reset with %u busy groups in %u slots went by", nr,
               e->p->csif.csg_slot_count);
}

/*
 * A reset that was waited for in vain, and another that the device would
 * carry out.
 */
static void reset_forgotten(void)
{
    Exec *e = exec_open();
    int log = klog_open();

    bug_need(!pm_control("on"), "the device stays awake");
    bug_need(!ctl_scenario("ping-and-reset-lost"), "scenario");
    lose_ping(log);
    bug_need(!ctl_scenario("ping-loss"), "scenario");
    lose_ping(log);
    bug_absent("a reset failed; another went by, and the device %s",
               bug_alive() ? "works" : "is dead");
    exec_close(e);
}

/* A flush on the way to sleep is not answered; the firmware halts all right. */
static void flush_lost(void)
{
    Exec *e = exec_open();
    unsigned failed = 0;

    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    bug_need(!ctl_scenario("flush-lost"), "scenario");
    bug_need(!exec_run(e), "a job works");
    bug_need(pm_wait("suspended", 5000), "the device sleeps");
    bug_need(!ctl_scenario(NULL), "scenario");
    for (unsigned i = 0; i < 3; i++) {
        failed += !bug_alive();
        pm_wait("suspended", 5000);
    }
    if (!failed) {
        bug_absent("a flush was lost on the way to sleep; jobs work later");
    }
    bug_seen("a flush was lost on the way to sleep; %u of 3 jobs fail later",
             failed);
}

static void on_cpu(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    bug_need(!sched_setaffinity(0, sizeof(set), &set), "CPU %d", cpu);
}

/* Groups come and go; their VM has no address space, the firmware's has. */
static void __attribute__((noreturn)) come_and_go(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    struct drm_panthor_queue_create q;

    on_cpu(0);
    for (;;) {
        struct drm_panthor_group_create g =
            px_group_args(p, vm, &q, 1, 4 * KiB);

        if (!px_group_create(p, &g)) {
            px_group_destroy(p, g.group_handle);
        }
    }
}

/* Something more urgent on that CPU, again and again, while *@wanted. */
static void __attribute__((noreturn)) get_between(const volatile bool *wanted)
{
    const struct sched_param urgent = { .sched_priority = 1 };
    const struct timespec moment = { .tv_nsec = 50000 };

    on_cpu(0);
    bug_need(!sched_setscheduler(0, SCHED_FIFO, &urgent), "a priority");
    for (;;) {
        int64_t until = now_ns() + 2000000;

        while (*wanted && now_ns() < until) {
        }
        nanosleep(&moment, NULL);
    }
}

static int fresh_group(Exec *e, uint32_t *group)
{
    struct drm_panthor_queue_create q;
    struct drm_panthor_group_create g =
        px_group_args(e->p, e->vm, &q, 1, 4 * KiB);
    int ret = px_group_create(e->p, &g);

    *group = ret ? 0 : g.group_handle;
    return ret;
}

static int fresh_job(Exec *e, uint32_t *group)
{
    Stream s = exec_stream(e, 1);
    int ret = fresh_group(e, group);

    if (ret) {
        return ret;
    }
    cs_put32(&s.cs, exec_va(e, W_RESULT), 1);
    return exec_go(e, *group, 0, &s, 0, e->sync);
}

static int fresh_result(Exec *e)
{
    uint32_t group;
    int ret = fresh_job(e, &group);

    ret = ret ? ret : exec_finish(e, e->sync);
    px_group_destroy(e->p, group);
    return ret;
}

/*
 * Buffers of groups are mapped for the firmware while the GPU is reset, under
 * a lock that takes long. Likely one is asked for when the driver hears that
 * the reset is over; it is granted by a GPU that has been reset, and whoever
 * has it is kept from giving it back before the driver forgets it.  What the
 * same process maps after that would unlock: one of six resets finds the last
 * of its buffers under way.
 */
static void lock_over_reset(void)
{
    enum { RESETS = 48, SETTLE_MS = 50, RESET_MS = 20, PERIOD_MS = 50 };
    volatile bool *urgent = mmap(NULL, sizeof(bool), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    Exec *e = exec_open();
    int log = klog_open();
    uint32_t group;
    pid_t pid[2];

    bug_need(urgent != MAP_FAILED, "memory");
    for (unsigned i = 0; i < 2; i++) {
        pid[i] = fork();
        bug_need(pid[i] >= 0, "fork");
        if (!pid[i]) {
            i ? come_and_go() : get_between(urgent);
        }
    }
    bug_need(!pm_control("on"), "the device stays awake");
    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    for (unsigned i = 1; i <= RESETS; i++) {
        sleep_ms(SETTLE_MS);
        bug_need(!ctl_scenario("lock-over-reset"), "scenario");
        fresh_job(e, &group);
        /* Likely at the right moment at first, then at any. */
        sleep_ms(RESET_MS + 1 + (i == 1 ? 0 : rng_u32() % PERIOD_MS));
        *urgent = true;
        bug_need(!ctl_command("log reset-completed"), "the reset completes");
        kill(pid[1], SIGSTOP);
        sleep_ms(RESET_MS);
        *urgent = false;
        /* With a group that is there: a new one would be mapped, and unlock. */
        if (exec_run(e) &&
            klog_wait(log, "Failed to boot MCU after reset", 3000)) {
            bug_seen("groups came and went during resets: after that of "
                     "number %u the MCU cannot read its memory, and the "
                     "device is given up", i);
        }
        kill(pid[1], SIGCONT);
        px_group_destroy(e->p, group);
    }
    for (unsigned i = 0; i < 2; i++) {
        kill(pid[i], SIGKILL);
    }
    bug_need(!ctl_scenario(NULL), "scenario");
    bug_need(bug_alive(), "the device is dead");
    bug_absent("groups came and went during %u resets, and the device works",
               RESETS);
}

/* The driver loads the firmware anew, and looks into it before it runs. */
static void create_during_reset(void)
{
    enum { STEP_MS = 5, BOOT_MS = 500, LIMIT_MS = 2000 };
    Exec *e = exec_open();
    int log = klog_open();
    uint32_t group;
    int failed = 0;

    bug_need(!pm_control("on"), "the device stays awake");
    bug_need(!ctl_scenario("create-during-reset"), "scenario");
    bug_need(fresh_result(e), "a job ends with a fault");
    for (unsigned ms = 0; ms < BOOT_MS && !failed; ms += STEP_MS) {
        failed = fresh_group(e, &group);
        if (!failed) {
            px_group_destroy(e->p, group);
        }
        sleep_ms(STEP_MS);
    }
    sleep_ms(LIMIT_MS);
    bug_need(klog_wait(log, "CS_UNRECOVERABLE", 0), "a reason for a reset");
    bug_need(bug_alive(), "the device is dead");
    if (failed) {
        bug_seen("GROUP_CREATE during a reset, which needs no hardware: %s; "
                 "the reset succeeds", strerror(-failed));
    }
    bug_absent("GROUP_CREATE works during a reset");
}

const GuestTest bug_reset_tests[] = {
    BUG("runnable-at-reset", "a reset with more groups than slots",
        runnable_at_reset),
    BUG("reset-forgotten", "a soft reset that never ended", reset_forgotten),
    BUG("flush-lost", "a cache flush that never ends on the way to sleep",
        flush_lost),
    BUG("lock-over-reset", "a page table that changes during a reset",
        lock_over_reset),
    BUG("create-during-reset", "GROUP_CREATE while the GPU is reset",
        create_during_reset),
    TEST_END,
};
