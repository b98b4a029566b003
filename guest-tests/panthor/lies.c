/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A firmware and a GPU that misbehave, by scenario: the driver must notice,
 * and go on with whatever was not hit.
 */
#include <errno.h>
#include <unistd.h>

#include "ctl.h"
#include "job.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_GATE 0
#define W_RESULT 1024

#define PING_MS 12000

/* A job of @group that stores @value when word W_GATE is above 0. */
static int wait_job(Exec *e, uint32_t group, uint32_t value, uint32_t done)
{
    Stream s = exec_stream(e, 10);

    cs_move48(&s.cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(&s.cs, R_DATA, 0);
    cs_sync_wait32(&s.cs, R_ADDR, R_DATA, CS_GT, true);
    cs_put32(&s.cs, exec_va(e, W_RESULT), value);
    return exec_go(e, group, 0, &s, 0, done);
}

/* Open the gate by a job of @group. */
static int open_gate(Exec *e, uint32_t group, uint32_t done)
{
    Stream s = exec_stream(e, 11);
    int ret;

    cs_move48(&s.cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(&s.cs, R_DATA, 1);
    cs_sync_set32(&s.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
    ret = exec_go(e, group, 0, &s, 0, done);
    return ret ? ret : exec_finish(e, done);
}

static bool stores(Exec *e, uint32_t group, uint32_t done)
{
    uint32_t value = rng_u32();
    Stream s = exec_stream(e, 12);

    cs_put32(&s.cs, exec_va(e, W_RESULT + 8), value);
    return !exec_go(e, group, 0, &s, 0, done) && !exec_finish(e, done) &&
           exec_word(e, W_RESULT + 8) == value;
}

/*
 * For what resets the GPU: a VM whose release is under way then would be left
 * with a locked address space, or the firmware with its own (bug
 * lock-over-reset). A device that sleeps has given all of them back. While the
 * driver waits 100 ms for a lock or a flush it holds slots_lock (panthor_mmu.c:
 * panthor_vm_unlock_region()), and releases pile up behind that.
 */
static Exec *exec_settled(void)
{
    Exec *e = exec_open();

    tap_ok(pm_wait("suspended", 5000), "what earlier tests had is released");
    return e;
}

static void lie_cs_fault(void)
{
    Exec *e = exec_open();
    uint32_t state;
    uint32_t fatal;
    int err;

    tap_errno(ctl_scenario("cs-fault"), 0, "scenario");
    cs_put32(&e->cs, e->data.va, 1);
    err = exec_run(e);
    /* Only an inherited fault marks a job in 6.12. */
    tap_errno(err, e->p->minor ? -EINVAL : 0,
              "a fault that is no end: the job's fence");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0, "query");
    tap_ok(!state && !fatal, "the group lives");
    tap_ok(stores(e, e->group, e->sync), "its next job works");
    exec_close(e);
}

static void lie_unrecoverable(void)
{
    Exec *e = exec_settled();
    uint32_t other = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t helper = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t done[2] = { px_syncobj(e->p, false), px_syncobj(e->p, false) };
    uint32_t value = rng_u32();
    uint32_t state;
    uint32_t fatal;

    tap_errno(wait_job(e, other, value, done[0]), 0,
              "a group that waits in its slot");
    sleep_ms(20);
    tap_errno(ctl_scenario("cs-unrecoverable"), 0, "scenario");
    cs_put32(&e->cs, e->data.va, 1);
    tap_errno(exec_run(e), -EINVAL, "another one is hit");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0, "query");
    tap_ok(state == DRM_PANTHOR_GROUP_STATE_FATAL_FAULT && fatal == 1,
           "it had a fatal fault");
    sleep_ms(500);
    tap_errno(open_gate(e, helper, done[1]), 0,
              "a third group works after the reset");
    tap_errno(exec_finish(e, done[0]), 0, "the waiting one goes on");
    tap_eq(exec_word(e, W_RESULT), value, "and does its work");
    exec_close(e);
}

/*
 * The driver takes an answer that is not the requested state for none
 * (panthor_fw.c: panthor_fw_csg_wait_acks()) and resets; the group was
 * started, is suspended before the reset and goes on behind it.
 */
static void lie_csg_state(void)
{
    Exec *e = exec_open();
    uint32_t other = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t done = px_syncobj(e->p, false);

    tap_ok(pm_wait("suspended", 5000), "the device sleeps");
    tap_errno(ctl_scenario("bad-csg-state"), 0, "scenario");
    cs_put32(&e->cs, exec_va(e, W_RESULT), 5);
    tap_errno(exec_run(e), 0, "the group's job completes");
    tap_eq(exec_word(e, W_RESULT), 5, "and did its work");
    sleep_ms(500);
    tap_ok(stores(e, e->group, e->sync), "it works after the reset");
    tap_ok(stores(e, other, done), "another group too");
    exec_close(e);
}

static void lie_hang(void)
{
    Exec *e = exec_open();
    uint32_t fresh;
    uint32_t done = px_syncobj(e->p, false);
    uint32_t state = 0;
    uint32_t fatal;

    tap_errno(pm_control("on"), 0, "the device stays awake");
    tap_errno(ctl_scenario("fw-hang"), 0, "scenario");
    sleep_ms(PING_MS - 3000);
    tap_errno(wait_job(e, e->group, 1, done), 0, "a group in its slot");
    tap_errno(exec_finish(e, done), -ETIMEDOUT,
              "is lost when the firmware falls silent");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0, "query");
    tap_ok(state & DRM_PANTHOR_GROUP_STATE_TIMEDOUT && !fatal,
           "its state says so");
    if (e->p->minor >= 3) {
        tap_ok(state & DRM_PANTHOR_GROUP_STATE_INNOCENT,
               "and that it was not its fault");
    }
    sleep_ms(500);
    fresh = px_group(e->p, e->vm, 1, 4 * KiB);
    tap_ok(stores(e, fresh, done), "a new group works after the reset");
    tap_errno(pm_control("auto"), 0, "the device may sleep");
    tap_ok(pm_wait("suspended", 5000), "it does");
    tap_ok(stores(e, fresh, done), "and wakes");
    exec_close(e);
}

static void lie_halt_late(void)
{
    enum { ROUNDS = 3 };
    Exec *e = exec_open();
    unsigned failed = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        failed += !stores(e, e->group, e->sync);
        failed += !pm_wait("suspended", 5000);
    }
    tap_eq(failed, 0, "three times the device sleeps and wakes");
    exec_close(e);
}

/*
 * A stuck address space is reset with all others. With 7.3 the operation that
 * got stuck can lock the firmware's space after the reset, and the MCU does
 * not boot again (panthor_mmu.c: panthor_vm_lock_region()): the device is
 * lost then, until it is bound anew. So this runs by name only.
 */
static void lie_as_stuck(void)
{
    Exec *e = exec_settled();
    uint32_t done = px_syncobj(e->p, false);
    char name[128];

    dev_name(name, sizeof(name));
    tap_errno(pm_control("on"), 0, "the device stays awake");
    tap_ok(stores(e, e->group, done), "a job works");
    tap_errno(ctl_scenario("as-stuck"), 0, "scenario");
    px_map(e->p, e->vm, e->data.handle, 0, 0x77700000, 4096, 0);
    sleep_ms(3000);
    exec_close(e);
    dev_unbind(name);
    tap_errno(dev_bind(name), 0, "the device is bound anew");
    tap_ok(panthor_wait_node(true, 10000), "and comes back");
    e = exec_open();
    tap_ok(stores(e, e->group, e->sync), "a job works");
    tap_errno(pm_control("auto"), 0, "the device may sleep");
    exec_close(e);
}

/* RUN_IDVS without a tiler context asks the driver for its first chunk. */
static void lie_oom_lost(void)
{
    Exec *e = exec_open();
    struct drm_panthor_tiler_heap_create h = {
        .vm_id = e->vm, .initial_chunk_count = 1, .chunk_size = 256 * KiB,
        .max_chunks = 8, .target_in_flight = 4,
    };
    uint32_t state = 0;
    uint32_t fatal;

    tap_errno(px_heap_create(e->p, &h), 0, "a heap");
    for (unsigned r = 0; r < 64; r += 2) {
        cs_move48(&e->cs, r, 0);
    }
    cs_req_resource(&e->cs, CS_RES_TILER | CS_RES_IDVS);
    cs_move48(&e->cs, 0, h.tiler_heap_ctx_gpu_va);
    cs_heap_set(&e->cs, 0);
    cs_heap_operation(&e->cs, CS_VT_START, 0, 0);
    cs_run_idvs(&e->cs, true, false);
    cs_wait(&e->cs, ALL_SB);
    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    tap_errno(ctl_scenario("tiler-oom-lost"), 0, "scenario");
    tap_errno(exec_run(e), -ETIMEDOUT, "a draw that gets no memory");
    tap_eq(exec_word(e, W_RESULT), 0, "does not end");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0, "query");
    tap_eq(state, DRM_PANTHOR_GROUP_STATE_TIMEDOUT, "its group timed out");
    exec_close(e);
}

/*
 * 6.12 resets the GPU whenever it sleeps. It never forgets a reset that it
 * waited for in vain (panthor_gpu.c: panthor_gpu_soft_reset()) and warns at
 * each later one instead of doing it, until it is bound anew.
 */
static void lie_reset_stuck(void)
{
    Exec *e = exec_open();
    bool old = !e->p->minor;
    char name[128];

    dev_name(name, sizeof(name));
    tap_ok(stores(e, e->group, e->sync), "a job works");
    tap_errno(ctl_scenario("reset-stuck"), 0, "scenario");
    tap_ok(pm_wait("suspended", 5000), "the device sleeps all the same");
    tap_errno(ctl_scenario(NULL), 0, "resets work again");
    if (old) {
        exec_close(e);
        tap_errno(dev_unbind(name), 0, "6.12 wants to be bound anew");
        tap_errno(dev_bind(name), 0, "it comes back");
        tap_ok(panthor_wait_node(true, 10000), "with its node");
        e = exec_open();
    }
    tap_ok(stores(e, e->group, e->sync), "the device wakes");
    exec_close(e);
}

#define LINE(text) { text, false }
#define MAYBE(text) { text, true }

/*
 * A flush that was waited for in vain makes 7.x reset the GPU, after which the
 * next one is to be made again. 6.12 changes page tables without it.
 *
 * With PWR_CONTROL nobody forgets the flush that is still out: that is done by
 * panthor_gpu.c: panthor_gpu_soft_reset(), and the reset is
 * panthor_pwr.c: panthor_pwr_reset_soft() there. All later flushes fail before
 * they begin, and each asks for another reset (panthor_mmu.c:
 * panthor_vm_unlock_region()).
 */
static void lie_flush_lost(void)
{
    const uint64_t va = 0x66000000;
    Exec *e = exec_settled();
    volatile uint32_t *page = px_flush_page(e->p);
    uint32_t before;
    uint32_t group;

    if (!page || pm_control("on")) {
        tap_die("the page is mapped and the device stays on");
    }
    tap_ok(stores(e, e->group, e->sync), "the VM is in use");
    tap_errno(ctl_scenario("flush-lost"), 0, "scenario");
    tap_errno(px_map(e->p, e->vm, e->data.handle, 0, va, 4096, 0), 0,
              "a change of its page tables");
    tap_errno(ctl_scenario(NULL), 0, "flushes end again");
    sleep_ms(1000);
    /* Groups in slots die of it (panthor_sched.c: panthor_sched_suspend()). */
    group = px_group(e->p, e->vm, 1, 4 * KiB);
    tap_ok(stores(e, group, e->sync), "a new group works after the reset");
    before = *page;
    tap_errno(px_unmap(e->p, e->vm, va, 4096), 0, "another change");
    tap_ok(*page != before, "the caches are flushed for it");
    sleep_ms(1000);
    tap_ok(stores(e, group, e->sync), "the group goes on");
    pm_control("auto");
    exec_close(e);
}

#define FLUSH_LOST                                                           \
    .minor = 1,                                                              \
    .expect = EXPECT({ "Flush caches timeout", false },                      \
                     MAYBE("CSG [0-9]+ update request timedout"),            \
                     MAYBE("CSG suspend failed, escalating to"))

const GuestTest lies_tests[] = {
    TEST("lie-cs-fault", "a recoverable fault out of nothing", lie_cs_fault,
         .expect = EXPECT(LINE("CSG slot [0-9]+ CS slot: 0"),
                          LINE("CS_FAULT.EXCEPTION_TYPE: 0x58 "
                               "\\(DATA_INVALID_FAULT\\)"),
                          MAYBE("CS_FAULT: pid="))),
    TEST("lie-unrecoverable", "CS_UNRECOVERABLE resets the GPU",
         lie_unrecoverable,
         .expect = EXPECT(LINE("CSG slot [0-9]+ CS slot: 0"),
                          LINE("CS_FATAL.EXCEPTION_TYPE: 0x41 "
                               "\\(CS_UNRECOVERABLE\\)"),
                          MAYBE("CS_FATAL: pid="))),
    TEST("lie-csg-state", "a group state that does not exist",
         lie_csg_state,
         .expect = EXPECT(LINE("CSG [0-9]+ update request timedout"))),
    TEST("lie-hang", "a firmware that falls silent", lie_hang,
         .expect = EXPECT(LINE("FW ping timeout, scheduling a reset"),
                          LINE("CSG [0-9]+ update request timedout"),
                          LINE("CSG suspend failed, escalating to"))),
    TEST("lie-halt-late", "an MCU that takes 300 ms to halt", lie_halt_late,
         .scenario = "halt-late",
         .expect = EXPECT(MAYBE("Failed to cleanly suspend MCU"))),
    TEST("lie-as-stuck", "an address space that stays busy", lie_as_stuck,
         .expect = EXPECT(LINE("AS_ACTIVE bit stuck"),
                          MAYBE("Failed to boot MCU"),
                          MAYBE("Failed to unlock|Failed to lock"),
                          MAYBE("FW slow reset failed")),
         .flags = TEST_LONG),
    TEST("lie-oom-lost", "an out-of-memory that nobody announces",
         lie_oom_lost, .expect = EXPECT(LINE("job timeout"))),
    TEST("lie-reset-stuck", "a soft reset that never ends", lie_reset_stuck,
         .expect = EXPECT(MAYBE("Soft reset timeout"),
                          MAYBE("Failed to cleanly suspend MCU"))),
    TEST("lie-flush-lost", "a cache flush that never ends", lie_flush_lost,
         .arch_last = 13, FLUSH_LOST),
    TEST("lie-flush-lost-pwr", "the same where PWR_CONTROL resets",
         lie_flush_lost, .arch_first = 14, .flags = TEST_LONG, FLUSH_LOST),
    TEST_END,
};
