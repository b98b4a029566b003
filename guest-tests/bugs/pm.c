/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs around sleep, wake-up and unbinding.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "job.h"
#include "pm.h"
#include "util.h"

#define W_RESULT 64

static int run(Exec *e)
{
    exec_begin(e);
    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    return exec_run(e);
}

/* Sleep, and wake without firmware; who was there before can try again. */
static int failed_resume(Exec *e)
{
    int ret;

    bug_need(!run(e), "a job works");
    bug_need(pm_wait("suspended", 5000), "the device sleeps");
    bug_need(!ctl_scenario("boot-never"), "scenario");
    ret = run(e);
    bug_need(ret, "a job worked without firmware");
    bug_need(!ctl_scenario(NULL), "scenario");
    sleep_ms(500);
    return ret;
}

static void resume_no_boot(void)
{
    Exec *e = exec_open();
    uint32_t group = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t value = rng_u32();
    Stream s = exec_stream(e, 1);
    int first = failed_resume(e);
    int ret;

    cs_put32(&s.cs, exec_va(e, W_RESULT + 1), value);
    ret = exec_go(e, group, 0, &s, 0, e->sync);
    ret = ret ? ret : exec_finish(e, e->sync);
    if (!ret && exec_word(e, W_RESULT + 1) == value) {
        bug_absent("a resume failed (a job: %s); the next one works",
                   strerror(-first));
    }
    bug_seen("a resume failed (a job: %s); so does the next (a job: %s), "
             "although the MCU would boot", strerror(-first), strerror(-ret));
}

/* The driver reads sizes from memory that it has cleared itself. */
static void create_after_resume(void)
{
    Exec *e = exec_open();
    struct drm_panthor_queue_create q;
    struct drm_panthor_group_create g;
    int first = failed_resume(e);
    int ret;

    g = px_group_args(e->p, e->vm, &q, 1, 4 * KiB);
    ret = px_group_create(e->p, &g);
    if (!ret) {
        bug_absent("a resume failed (a job: %s); GROUP_CREATE works",
                   strerror(-first));
    }
    bug_seen("a resume failed (a job: %s); GROUP_CREATE, which needs no "
             "hardware: %s", strerror(-first), strerror(-ret));
}

/* As a process that dies leaves it. */
static void exit_with_all(Exec *e)
{
    munmap(e->code.map, e->code.size);
    munmap(e->data.map, e->data.size);
    px_close(e->p);
    free(e);
}

/* What the driver thinks of it is in the kernel log. */
static void resume_warn(void)
{
    int first = failed_resume(exec_open());

    bug_absent("a resume failed (a job: %s), and the driver is calm",
               strerror(-first));
}

static void as_stuck_sleep(void)
{
    Exec *e = exec_open();

    bug_need(!run(e), "a job works");
    bug_need(!ctl_scenario("as-active-stuck"), "scenario");
    bug_need(pm_wait("suspended", 5000), "the device sleeps");
    bug_need(!ctl_scenario(NULL), "scenario");
    bug_absent("the device goes to sleep with address spaces that do not "
               "answer, and the driver is calm");
}

static void as_stuck_close(void)
{
    Exec *e = exec_open();

    bug_need(!pm_control("on"), "the device stays awake");
    bug_need(!run(e), "a job works");
    px_group_destroy(e->p, e->group);
    sleep_ms(200);
    bug_need(!ctl_scenario("as-active-stuck"), "scenario");
    exit_with_all(e);
    sleep_ms(1000);
    bug_need(!ctl_scenario(NULL), "scenario");
    bug_absent("a file is closed while address spaces do not answer, and the "
               "driver is calm");
}

static void halt_late(void)
{
    Exec *e = exec_open();

    bug_need(!ctl_scenario("halt-late"), "scenario");
    for (unsigned i = 0; i < 3; i++) {
        bug_need(!run(e), "a job works");
        bug_need(pm_wait("suspended", 5000), "the device sleeps");
    }
    bug_absent("three times the MCU halted after 300 ms, and the device slept "
               "and woke");
}

static int unbind(void *name)
{
    return dev_unbind(name) ? 1 : 0;
}

/*
 * The fence is watched as a file: an ioctl on the device that has to be
 * restarted finds a device that is unplugged, whatever became of the job.
 */
static void unbind_running(void)
{
    enum { WAIT_MS = 60000 };
    Exec *e = exec_open();
    struct pollfd fence = { .events = POLLIN };
    char name[128];
    int64_t since;
    int left;

    dev_name(name, sizeof(name));
    cs_endless(&e->cs);
    bug_need(!exec_submit(e), "a job that never ends");
    fence.fd = px_sync_file(e->p, e->sync);
    bug_need(fence.fd >= 0, "its fence as a file");
    sleep_ms(200);
    left = bug_patiently(unbind, name, 30000);
    bug_need(left != 1, "unbinding is refused");
    since = now_ns();
    if (!poll(&fence, 1, WAIT_MS)) {
        bug_seen("unbinding %s; who waits for the job still waits %u s later",
                 left ? "hangs" : "works", WAIT_MS / 1000);
    }
    bug_need(fence.revents == POLLIN, "waiting for the fence");
    bug_need(!left, "unbinding hangs");
    bug_absent("unbinding works; who waited for the job is told %u ms later",
               (unsigned)((now_ns() - since) / 1000000));
}

/* kB of buffers, the kernel's and the user's: drivers' objects are shmem. */
static long buffers(void)
{
    char text[4096] = "";
    ssize_t n;
    char *at;

    bug_need(!write_text("/proc/sys/vm/stat_refresh", "1"), "exact counters");
    n = read_file("/proc/meminfo", text, sizeof(text) - 1);
    at = n > 0 ? strstr(text, "\nShmem:") : NULL;

    return at ? atol(at + strlen("\nShmem:")) : -1;
}

/* A job, then the driver leaves while its group is in a slot, or is gone. */
static void leave_with_group(bool in_slot)
{
    Exec *e = exec_open();
    char name[128];

    dev_name(name, sizeof(name));
    bug_need(!run(e), "a job works");
    if (!in_slot) {
        bug_need(!px_group_destroy(e->p, e->group), "the group is destroyed");
        /* What a tick had to do for that is done. */
        bug_need(pm_wait("suspended", 5000), "the device sleeps");
    }
    bug_need(!dev_unbind(name), "the driver leaves");
    exit_with_all(e);
    bug_need(!dev_bind(name), "the driver comes back");
    bug_need(panthor_wait_node(true, 10000), "with its node");
}

static void unbind_slot(void)
{
    enum { ROUNDS = 6 };
    long lost[2];

    for (unsigned in_slot = 0; in_slot < 2; in_slot++) {
        leave_with_group(in_slot);
        lost[in_slot] = buffers();
        for (unsigned i = 0; i < ROUNDS; i++) {
            leave_with_group(in_slot);
        }
        lost[in_slot] = buffers() - lost[in_slot];
    }
    if (lost[1] > lost[0]) {
        bug_seen("%d times unbound with an idle group in a slot: %ld kB of "
                 "buffers are lost; without one: %ld kB", ROUNDS, lost[1],
                 lost[0]);
    }
    bug_absent("%d times unbound with an idle group in a slot: %ld kB of "
               "buffers are lost; without one: %ld kB", ROUNDS, lost[1],
               lost[0]);
}

const GuestTest bug_pm_tests[] = {
    BUG("resume-no-boot", "an MCU that does not boot on resume",
        resume_no_boot),
    BUG("create-after-resume", "GROUP_CREATE after a resume that failed",
        create_after_resume),
    BUG("resume-warn", "a resume that fails", resume_warn),
    BUG("as-stuck-sleep", "AS_ACTIVE stuck on the way to sleep",
        as_stuck_sleep),
    BUG("as-stuck-close", "AS_ACTIVE stuck when a VM ends", as_stuck_close),
    BUG("halt-late", "an MCU that takes 300 ms to halt", halt_late),
    BUG("unbind-running", "unbinding with a job that never ends",
        unbind_running),
    BUG("unbind-slot", "unbinding with an idle group in a slot",
        unbind_slot),
    TEST_END,
};
