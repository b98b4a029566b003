/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs around groups and VMs that need no fault of the hardware.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "bug.h"
#include "bugs.h"
#include "job.h"
#include "pm.h"
#include "util.h"

/* How long the group that ends the wait keeps busy. */
#define BUSY_MS 2500

#define W_GATE 0
#define W_RESULT 64

static void queue_count(void)
{
    Exec *e = exec_open();
    const uint32_t has = e->p->csif.cs_slot_count;
    struct drm_panthor_queue_create q[32];
    struct drm_panthor_group_create g;
    Stream s = exec_stream(e, 0);
    int ret;

    bug_need(has < 32, "the firmware has %u streams, and 32 is the limit", has);
    g = px_group_args(e->p, e->vm, q, has + 1, 4 * KiB);
    ret = px_group_create(e->p, &g);
    if (ret) {
        bug_need(ret == -EINVAL, "GROUP_CREATE: %s", strerror(-ret));
        bug_absent("GROUP_CREATE of %u queues with %u streams in the "
                   "firmware: %s", has + 1, has, strerror(-ret));
    }
    cs_put32(&s.cs, exec_va(e, W_RESULT), 1);
    ret = exec_go(e, g.group_handle, has, &s, 0, e->sync);
    if (!ret) {
        ret = exec_finish(e, e->sync);
    }
    bug_seen("GROUP_CREATE of %u queues succeeded with %u streams in the "
             "firmware; a job of the last: %s", has + 1, has,
             ret ? strerror(-ret) : "done");
}

static void vm_bind_kernel(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();
    int ret;

    ret = px_unmap(e->p, e->vm, PX_KERNEL_VA, 16 * MiB);
    if (ret) {
        bug_need(ret == -EINVAL, "VM_BIND: %s", strerror(-ret));
        bug_absent("UNMAP of the kernel's range: %s", strerror(-ret));
    }
    cs_put32(&e->cs, exec_va(e, W_RESULT), value);
    ret = exec_run(e);
    bug_need(ret || exec_word(e, W_RESULT) != value,
             "UNMAP of the kernel's range succeeded, and a job still works");
    bug_seen("UNMAP of the kernel's range succeeded, the queue's ring buffer "
             "is gone, a job ends with: %s", strerror(-ret));
}

static void signal_nothing(void)
{
    Exec *e = exec_open();
    struct drm_panthor_sync_op op = sync_signal_op(0x777);
    int ret;

    cs_put32(&e->cs, exec_va(e, W_RESULT), 1);
    ret = px_submit(e->p, e->group, 0, e->code.va, cs_bytes(&e->cs), &op, 1);
    bug_need(ret, "GROUP_SUBMIT that signals no sync object succeeds");
    bug_absent("GROUP_SUBMIT that signals no sync object: %s", strerror(-ret));
}

/*
 * A group waits and loses its slot while the device sleeps. Then more others
 * work than there are slots; all but one are soon done, and keep the slots
 * that they have. The last ends the wait, and keeps busy.
 */
static unsigned wait_for_wakeup(Exec *e)
{
    enum { STEP_MS = 10, GROUPS_MAX = 64 };
    unsigned nr = e->p->csif.csg_slot_count + 3;
    uint32_t done = px_syncobj(e->p, false);
    uint32_t group[GROUPS_MAX];
    uint32_t ended[GROUPS_MAX];
    Stream w = exec_stream(e, 0);
    Stream s = exec_stream(e, 1);
    Stream idle = exec_stream(e, 2);
    unsigned ms = 0;

    bug_need(nr <= GROUPS_MAX, "no more groups than this test knows");
    exec_put(e, W_GATE, 0);
    cs_move48(&w.cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(&w.cs, R_DATA, 0);
    cs_sync_wait32(&w.cs, R_ADDR, R_DATA, CS_GT, true);
    cs_put32(&w.cs, exec_va(e, W_RESULT), 1);
    bug_need(!exec_go(e, e->group, 0, &w, 0, done), "a job that waits");
    bug_need(pm_wait("suspended", 3000), "the device sleeps meanwhile");

    /* 200 ns a round of the loop. */
    cs_spin(&idle.cs, R_TMP, 300000);
    cs_spin(&s.cs, R_TMP, 4000000);
    cs_move48(&s.cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(&s.cs, R_DATA, 1);
    cs_sync_set32(&s.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
    cs_spin(&s.cs, R_TMP, BUSY_MS * 5000u);
    for (unsigned i = 0; i < nr; i++) {
        group[i] = px_group(e->p, e->vm, 1, 4 * KiB);
        ended[i] = px_syncobj(e->p, false);
        bug_need(!exec_go(e, group[i], 0, i ? &idle : &s, 0, ended[i]),
                 "a job");
    }
    while (exec_word(e, W_GATE) == 0 && ms < 2000) {
        sleep_ms(STEP_MS);
        ms += STEP_MS;
    }
    bug_need(exec_word(e, W_GATE) == 1, "the wait is ended");
    for (ms = 0; px_fence_error(e->p, done) == -EBUSY && ms < BUSY_MS * 2;
         ms += STEP_MS) {
        sleep_ms(STEP_MS);
    }
    for (unsigned i = 0; i < nr; i++) {
        exec_finish(e, ended[i]);
        px_group_destroy(e->p, group[i]);
    }
    return ms;
}

static void lost_wakeup(void)
{
    enum { TRIES = 8 };
    Exec *e = exec_open();
    unsigned nr = e->p->csif.csg_slot_count;
    unsigned ms = 0;

    /* A tick that is due by chance hides it. */
    for (unsigned i = 0; i < TRIES; i++) {
        ms = wait_for_wakeup(e);
        if (ms >= BUSY_MS / 4) {
            bug_seen("the group ran %u ms after its wait was over, while %u "
                     "of %u slots were idle", ms, nr - 1, nr);
        }
    }
    bug_absent("%u times the group ran when its wait was over, the last time "
               "%u ms later", TRIES, ms);
}

/*
 * What two threads do in each of many rounds, on one CPU: at its start one
 * creates a group, and a little later in each the other, which goes first
 * whenever it is awake, destroys it. Two processes would wait for RCU at each
 * turn (drm_file.c: drm_file_update_pid()).
 */
enum { ROUNDS = 1500, ROUND_NS = 6000000 };

typedef struct Race {
    Exec *e;
    int64_t start;
    int64_t step;
    uint32_t handle;
    unsigned early;
    unsigned late;
} Race;

static void at(const Race *r, unsigned round, int64_t later)
{
    int64_t ns = r->start + (int64_t)round * ROUND_NS + later;
    struct timespec t = { ns / 1000000000, ns % 1000000000 };

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {
    }
}

static void *destroys(void *opaque)
{
    Race *r = opaque;
    struct sched_param first = { .sched_priority = 10 };

    bug_need(!sched_setscheduler(0, SCHED_FIFO, &first), "a priority");
    for (unsigned i = 0; i < ROUNDS; i++) {
        at(r, i, i * r->step);
        ++*(px_group_destroy(r->e->p, r->handle) ? &r->early : &r->late);
    }
    return NULL;
}

static int64_t creates(const Race *r, unsigned rounds, uint32_t *handle)
{
    struct drm_panthor_queue_create q[1];
    struct drm_panthor_group_create g;
    int64_t ns = 0;

    for (unsigned i = 0; i < rounds; i++) {
        g = px_group_args(r->e->p, r->e->vm, q, 1, 4 * KiB);
        at(r, i, 0);
        ns = now_ns();
        bug_need(!px_group_create(r->e->p, &g), "a group");
        ns = now_ns() - ns;
        /* Or the other has done that. */
        at(r, i, ROUND_NS * 3 / 4);
        px_group_destroy(r->e->p, g.group_handle);
    }
    *handle = g.group_handle;
    return ns;
}

static void create_destroy(void)
{
    Race r = { .e = exec_open() };
    pthread_t other;
    uint32_t handle;
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(0, &set);
    bug_need(!sched_setaffinity(0, sizeof(set), &set), "a CPU");
    /* The handle is the lowest that is free, so always the same. */
    r.start = now_ns() + ROUND_NS;
    r.step = creates(&r, 20, &r.handle) * 5 / 4 / ROUNDS;
    r.start = now_ns() + 10 * ROUND_NS;
    bug_need(!pthread_create(&other, NULL, destroys, &r), "a thread");
    creates(&r, ROUNDS, &handle);
    pthread_join(other, NULL);
    bug_need(r.early && r.late, "%u times it was destroyed too early, %u times "
             "it was there", r.early, r.late);
    bug_absent("of %u groups, each %u ns later after the begin of its "
               "creation, %u were not there yet, and %u were destroyed",
               ROUNDS, (unsigned)r.step, r.early, r.late);
}

const GuestTest bug_group_tests[] = {
    BUG("queue-count", "more queues than the firmware has streams",
        queue_count),
    BUG("vm-bind-kernel-range", "VM_BIND over the kernel's part of a VM",
        vm_bind_kernel),
    BUG("signal-nothing", "GROUP_SUBMIT that signals no sync object",
        signal_nothing),
    BUG("lost-wakeup", "a wait that is over, and nobody looks", lost_wakeup),
    BUG("create-destroy", "a group is destroyed before it is all there",
        create_destroy),
    TEST_END,
};
