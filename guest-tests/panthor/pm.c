/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sleeping and waking, driver away and back.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl.h"
#include "job.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define SLEEP_LIMIT_MS 5000
#define NODE_LIMIT_MS 10000

#define STRESS_PM_ROUNDS 200
#define STRESS_BIND_ROUNDS 50

/* One job that stores a number; true if it did. */
static bool stores(Exec *e)
{
    uint32_t value = rng_u32();

    exec_begin(e);
    cs_put32(&e->cs, exec_va(e, 3), value);
    return !exec_run(e) && exec_word(e, 3) == value;
}

/* Rounds of a job and sleep; registers of the queue must live on. */
static void sleeps(unsigned rounds)
{
    Exec *e = exec_open();
    unsigned awake = 0;
    unsigned wrong = 0;
    uint32_t keep = rng_u32();
    uint32_t line = px_syncobj(e->p, false);
    uint64_t point = 0;

    cs_move32(&e->cs, 40, keep);
    tap_errno(exec_run(e), 0, "a job sets a register");
    for (unsigned i = 0; i < rounds; i++) {
        struct drm_panthor_sync_op op = sync_signal_point_op(line, i + 1);

        awake += !pm_wait("suspended", SLEEP_LIMIT_MS);
        exec_begin(e);
        cs_add_imm32(&e->cs, 40, 40, 1);
        cs_dump(&e->cs, 40, 1, R_ADDR, exec_va(e, 5));
        wrong += px_submit(e->p, e->group, 0, e->code.va, cs_bytes(&e->cs),
                           &op, 1) != 0;
        wrong += px_wait_point(e->p, line, i + 1, PX_WAIT_MS) != 0;
        wrong += exec_word(e, 5) != keep + i + 1;
    }
    tap_eq(awake, 0, "the device fell asleep %u times", rounds);
    tap_eq(wrong, 0, "woke for each job, with the queue's registers");
    tap_errno(px_timeline_value(e->p, line, &point), 0, "query the timeline");
    tap_eq(point, rounds, "no completion was lost");
    exec_close(e);
}

static void pm_sleep(void)
{
    sleeps(5);
}

static void stress_pm(void)
{
    sleeps(STRESS_PM_ROUNDS);
}

/* A group that waits inside sleeps with the device, and is woken. */
static void pm_waiting(void)
{
    Exec *e = exec_open();
    uint32_t other = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t done[2] = { px_syncobj(e->p, false), px_syncobj(e->p, false) };
    uint32_t value = rng_u32();
    Stream w = exec_stream(e, 0);
    Stream s = exec_stream(e, 1);

    cs_move48(&w.cs, R_ADDR, exec_va(e, 0));
    cs_move32(&w.cs, R_DATA, 0);
    cs_sync_wait32(&w.cs, R_ADDR, R_DATA, CS_GT, true);
    cs_put32(&w.cs, exec_va(e, 16), value);
    cs_move48(&s.cs, R_ADDR, exec_va(e, 0));
    cs_move32(&s.cs, R_DATA, 1);
    cs_sync_set32(&s.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);

    tap_errno(exec_go(e, e->group, 0, &w, 0, done[0]), 0, "a job that waits");
    tap_ok(pm_wait("suspended", 3000), "the device sleeps all the same");
    tap_errno(px_fence_error(e->p, done[0]), -EBUSY, "the job is not done");
    tap_errno(exec_go(e, other, 0, &s, 0, done[1]), 0,
              "another group ends the wait");
    tap_errno(exec_finish(e, done[1]), 0, "done");
    tap_errno(exec_finish(e, done[0]), 0, "the waiting job is done too");
    tap_eq(exec_word(e, 16), value, "and did its work");
    tap_ok(pm_wait("suspended", SLEEP_LIMIT_MS), "the device sleeps again");
    exec_close(e);
}

static void pm_control_on(void)
{
    Exec *e = exec_open();

    tap_errno(pm_control("on"), 0, "power/control: on");
    tap_ok(pm_wait("active", 1000), "the device wakes without a job");
    sleep_ms(500);
    tap_ok(pm_status("active"), "and stays awake");
    tap_ok(stores(e), "a job works");
    tap_errno(pm_control("auto"), 0, "power/control: auto");
    tap_ok(pm_wait("suspended", SLEEP_LIMIT_MS), "it falls asleep");
    tap_ok(stores(e), "a job works");
    exec_close(e);
}

static void rebind(unsigned rounds)
{
    char name[128];
    unsigned failed = 0;

    dev_name(name, sizeof(name));
    for (unsigned i = 0; i < rounds; i++) {
        int ret = dev_unbind(name);

        failed += ret || !panthor_wait_node(false, NODE_LIMIT_MS);
        dev_rest();
        ret = dev_bind(name);
        failed += ret || !panthor_wait_node(true, NODE_LIMIT_MS);
        if (failed) {
            tap_diag("round %u: %d", i, ret);
            break;
        }
        failed += !driver()->works();
        if (i & 1 && driver_is(DRIVER_PANTHOR)) {
            failed += !pm_wait("suspended", SLEEP_LIMIT_MS);
        }
    }
    tap_eq(failed, 0, "%u times the driver left, came back and worked",
           rounds);
}

static void bind_unbind(void)
{
    rebind(3);
}

static void stress_bind(void)
{
    rebind(STRESS_BIND_ROUNDS);
}

static sigjmp_buf bus_error;

static void on_sigbus(int sig)
{
    (void)sig;
    siglongjmp(bus_error, 1);
}

static bool read_faults(const volatile uint32_t *p)
{
    struct sigaction sa = { .sa_handler = on_sigbus };
    bool faults = true;

    sigaction(SIGBUS, &sa, NULL);
    if (!sigsetjmp(bus_error, 1)) {
        (void)*p;
        faults = false;
    }
    signal(SIGBUS, SIG_DFL);
    return faults;
}

/* A file that was open when the driver left keeps nothing of it. */
static void unbind_query(void)
{
    Px *p = px_open();
    struct drm_panthor_gpu_info gpu;
    uint32_t size = sizeof(gpu);
    char name[128];

    dev_name(name, sizeof(name));
    tap_errno(dev_unbind(name), 0, "unbind with an open file");
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, &gpu, &size),
              -ENODEV, "DEV_QUERY");
    dev_rest();
    tap_errno(dev_bind(name), 0, "bind with the file still open");
    tap_ok(panthor_wait_node(true, NODE_LIMIT_MS), "the node is back");
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, &gpu, &size),
              -ENODEV, "DEV_QUERY through the old file");
    px_close(p);
    tap_ok(driver()->works(), "a new file works");
}

/* The driver leaves while a file is open: calls fail, nothing else does. */
static void unbind_open(void)
{
    Exec *e = exec_open();
    volatile uint32_t *page = px_flush_page(e->p);
    char name[128];
    uint64_t range = 0;
    uint64_t size = 4096;
    uint32_t id;

    tap_ok(stores(e), "a job works");
    tap_ok(page && *page, "the flush-id page is there");
    dev_name(name, sizeof(name));
    /* One that is in a slot would leak, and unbinding may put it there: bug
     * unbind-slot. */
    tap_errno(px_group_destroy(e->p, e->group), 0, "its group goes");
    tap_ok(pm_wait("suspended", SLEEP_LIMIT_MS), "the device sleeps");
    tap_errno(dev_unbind(name), 0, "unbind with an open file");
    tap_errno(px_vm_create(e->p, 0, &range, &id), -ENODEV, "VM_CREATE");
    tap_errno(px_bo_create(e->p, &size, 0, 0, &id), -ENODEV, "BO_CREATE");
    tap_errno(exec_submit(e), -ENODEV, "GROUP_SUBMIT");
    tap_ok(mmap(NULL, 4096, PROT_READ, MAP_SHARED, e->p->fd,
                DRM_PANTHOR_USER_FLUSH_ID_MMIO_OFFSET) == MAP_FAILED,
           "mmap of the flush-id page");
    tap_ok(read_faults(page), "a mapping of before is gone");
    close(e->p->fd);
    tap_errno(dev_bind(name), 0, "bind");
    tap_ok(panthor_wait_node(true, NODE_LIMIT_MS), "the node is back");
}

static void module_reload(void)
{
    unsigned failed = 0;

    if (!getenv("GPUMBOX_DRIVER_MODULES")) {
        tap_skip("the driver is built in", "unload the module");
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        int ret = module_unload();

        for (unsigned t = 0; ret == -EAGAIN && t < 50; t++) {
            sleep_ms(20);
            ret = module_unload();
        }
        failed += !tap_errno(ret, 0, "unload the module");
        failed += !tap_ok(panthor_wait_node(false, NODE_LIMIT_MS),
                          "its node is gone");
        dev_rest();
        failed += !tap_errno(module_load(), 0, "load it");
        failed += !tap_ok(panthor_wait_node(true, NODE_LIMIT_MS),
                          "the node is back");
        if (failed) {
            return;
        }
        tap_ok(driver()->works(), "the device works");
    }
}

const GuestTest pm_tests[] = {
    TEST("pm-sleep", "autosuspend and resume around jobs", pm_sleep),
    TEST("pm-waiting", "a waiting group sleeps with the device", pm_waiting),
    TEST("pm-control", "sysfs keeps the device awake", pm_control_on),
    TEST("bind-unbind", "the driver leaves the device and comes back",
         bind_unbind, .drivers = DRIVER_MALI),
    TEST("unbind-query", "queries through a file of before", unbind_query,
         .drivers = DRIVER_MALI),
    TEST("unbind-open", "the driver leaves while a file is open",
         unbind_open),
    TEST("module-reload", "the module goes and comes", module_reload,
         .drivers = DRIVER_MALI | DRIVER_NOVA),
    TEST("stress-pm", "200 rounds of sleep", stress_pm, .limit_s = 1200,
         .flags = TEST_LONG),
    TEST("stress-bind", "50 rounds of unbind and bind", stress_bind,
         .drivers = DRIVER_MALI, .limit_s = 600, .flags = TEST_LONG),
    TEST_END,
};
