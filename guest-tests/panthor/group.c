/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups: creation, limits, states, destruction.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define MAX_GROUPS 128

typedef struct drm_panthor_queue_create Queue;
typedef struct drm_panthor_group_create Args;

/* Create, see that a job runs on its last queue, destroy. */
static bool works(Exec *e, Args *g)
{
    uint32_t value = rng_u32();
    Stream s = exec_stream(e, 0);
    int ret = px_group_create(e->p, g);

    if (ret) {
        tap_diag("create: %s", strerror(-ret));
        return false;
    }
    cs_put32(&s.cs, e->data.va, value);
    ret = exec_go(e, g->group_handle, g->queues.count - 1, &s, 0, e->sync);
    if (!ret) {
        ret = exec_done(e);
    }
    if (ret) {
        tap_diag("job: %s", strerror(-ret));
    }
    return !ret && exec_word(e, 0) == value &&
           !px_group_destroy(e->p, g->group_handle);
}

static void group_create(void)
{
    Exec *e = exec_open();
    Queue q[8];
    Args g;

    for (unsigned nr = 1; nr <= e->p->csif.cs_slot_count && nr <= 8; nr++) {
        g = px_group_args(e->p, e->vm, q, nr, 4 * KiB);
        tap_ok(works(e, &g), "%u queues: the last runs a job", nr);
    }
    for (unsigned ring = 4 * KiB; ring <= 64 * KiB; ring *= 2) {
        g = px_group_args(e->p, e->vm, q, 1, ring);
        tap_ok(works(e, &g), "a ring of %u bytes runs a job", ring);
    }
    g = px_group_args(e->p, e->vm, q, 2, 4 * KiB);
    q[0].priority = 0;
    q[1].priority = 15;
    tap_ok(works(e, &g), "queue priorities 0 and 15");
    for (unsigned prio = 0; prio <= PANTHOR_GROUP_PRIORITY_HIGH; prio++) {
        g = px_group_args(e->p, e->vm, q, 1, 4 * KiB);
        g.priority = prio;
        tap_ok(works(e, &g), "group priority %u runs a job", prio);
    }
    g = px_group_args(e->p, e->vm, q, 1, 4 * KiB);
    g.priority = PANTHOR_GROUP_PRIORITY_REALTIME;
    if (e->p->minor >= 2) {
        tap_ok(works(e, &g), "realtime priority runs a job");
    } else {
        tap_errno(px_group_create(e->p, &g), -EINVAL,
                  "1.0 knows no realtime priority");
    }
    g = px_group_args(e->p, e->vm, q, 1, 4 * KiB);
    g.max_compute_cores = g.max_fragment_cores = g.max_tiler_cores = 0;
    g.compute_core_mask = g.fragment_core_mask = g.tiler_core_mask = 0;
    tap_ok(works(e, &g), "a group without cores runs a job");
    exec_close(e);
}

/* The result of creating @g after @change was made to it by the caller. */
static void refused(Px *p, Args *g, const char *what)
{
    int ret = px_group_create(p, g);

    if (!ret) {
        px_group_destroy(p, g->group_handle);
    }
    tap_errno(ret, -EINVAL, "%s", what);
}

static void group_bad_args(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    const uint64_t absent = ~p->gpu.shader_present;
    Queue q[34];
    Args g;

#define FRESH() (g = px_group_args(p, vm, q, 1, 4 * KiB))
    FRESH();
    g.queues.count = 0;
    refused(p, &g, "no queue");
    g = px_group_args(p, vm, q, 33, 4 * KiB);
    refused(p, &g, "33 queues");
    if (p->minor) {
        g = px_group_args(p, vm, q, p->csif.cs_slot_count + 1, 4 * KiB);
        refused(p, &g, "a queue more than the firmware has");
    }
    FRESH();
    g.pad = 1;
    refused(p, &g, "padding");
    FRESH();
    g.priority = 4;
    refused(p, &g, "unknown priority");
    FRESH();
    g.vm_id = vm + 1;
    refused(p, &g, "no VM");
    FRESH();
    g.compute_core_mask |= absent & -absent;
    refused(p, &g, "a compute core that is not there");
    FRESH();
    g.fragment_core_mask |= 1ull << 63;
    refused(p, &g, "a fragment core that is not there");
    FRESH();
    g.tiler_core_mask = 2;
    refused(p, &g, "a tiler that is not there");
    FRESH();
    g.max_compute_cores++;
    refused(p, &g, "more compute cores than in the mask");
    FRESH();
    g.max_fragment_cores++;
    refused(p, &g, "more fragment cores than in the mask");
    FRESH();
    g.max_tiler_cores++;
    refused(p, &g, "more tilers than in the mask");
    FRESH();
    q[0].ringbuf_size = 2 * KiB;
    refused(p, &g, "a ring of 2 KiB");
    FRESH();
    q[0].ringbuf_size = 128 * KiB;
    refused(p, &g, "a ring of 128 KiB");
    FRESH();
    q[0].ringbuf_size = 12 * KiB;
    refused(p, &g, "a ring of 12 KiB");
    FRESH();
    q[0].priority = 16;
    refused(p, &g, "queue priority 16");
    FRESH();
    q[0].pad[2] = 1;
    refused(p, &g, "padding of a queue");
    FRESH();
    g.queues.stride = 4;
    refused(p, &g, "stride too small");
    FRESH();
    g.queues.array = 8;
    tap_errno(px_group_create(p, &g), -EFAULT, "queues nowhere");
    FRESH();
    tap_errno(px_group_create(p, &g), 0, "a good one after all those");
#undef FRESH
    px_close(p);
}

static void group_privilege(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    Queue q[1];
    Args g = px_group_args(p, vm, q, 1, 4 * KiB);

    if (setresuid(65534, 65534, 65534)) {
        tap_die("give up root: %s", strerror(errno));
    }
    g.priority = PANTHOR_GROUP_PRIORITY_HIGH;
    tap_errno(px_group_create(p, &g), -EACCES,
              "high priority without CAP_SYS_NICE");
    g.priority = PANTHOR_GROUP_PRIORITY_MEDIUM;
    tap_errno(px_group_create(p, &g), 0, "medium is for everyone");
    if (p->minor >= 2) {
        struct drm_panthor_group_priorities_info i = { 0 };
        uint32_t size = sizeof(i);

        tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO, &i,
                           &size), 0, "query");
        tap_eq(i.allowed_mask, 3, "low and medium are allowed");
    }
    px_close(p);
}

static void group_limit(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    Queue q[1];
    Args g = px_group_args(p, vm, q, 1, 4 * KiB);
    uint32_t first = 0;
    unsigned nr;

    for (nr = 0; nr < MAX_GROUPS; nr++) {
        if (px_group_create(p, &g)) {
            break;
        }
        if (!nr) {
            first = g.group_handle;
        }
    }
    tap_eq(nr, MAX_GROUPS, "128 groups can be had");
    tap_errno(px_group_create(p, &g), -EBUSY, "one more cannot");
    tap_errno(px_group_destroy(p, first), 0, "one goes");
    tap_errno(px_group_create(p, &g), 0, "one comes");
    px_close(p);
}

static void group_destroy(void)
{
    Exec *e = exec_open();
    struct drm_panthor_group_destroy d = {
        .group_handle = e->group, .pad = 1,
    };
    uint32_t group = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t state;
    uint32_t fatal;

    tap_errno(px_ioctl(e->p, DRM_IOCTL_PANTHOR_GROUP_DESTROY, &d), -EINVAL,
              "padding");
    tap_errno(px_group_destroy(e->p, 0), -EINVAL, "handle 0");
    tap_errno(px_group_destroy(e->p, 99), -EINVAL, "a handle never given");
    tap_errno(px_group_destroy(e->p, group), 0, "destroy");
    tap_errno(px_group_destroy(e->p, group), -EINVAL, "destroy again");
    tap_errno(px_group_state(e->p, group, &state, &fatal), -EINVAL,
              "its state cannot be asked");
    cs_put32(&e->cs, e->data.va, 1);
    tap_errno(px_submit(e->p, group, 0, e->code.va, cs_bytes(&e->cs), NULL,
                        0), -EINVAL, "nor a job be submitted");
    tap_errno(exec_run(e), 0, "the other group is as before");
    exec_close(e);
}

static void group_state(void)
{
    Exec *e = exec_open();
    struct drm_panthor_group_get_state s = {
        .group_handle = e->group, .pad = 1,
    };
    uint32_t state = 9;
    uint32_t fatal = 9;

    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0, "query");
    tap_ok(!state && !fatal, "a new group has no faults");
    cs_put32(&e->cs, e->data.va, 1);
    exec_run(e);
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0,
              "query after a job");
    tap_ok(!state && !fatal, "still none");
    tap_errno(px_ioctl(e->p, DRM_IOCTL_PANTHOR_GROUP_GET_STATE, &s), -EINVAL,
              "padding");
    tap_errno(px_group_state(e->p, 99, &state, &fatal), -EINVAL,
              "no group");
    exec_close(e);
}

/* Destroyed groups with work in all stages; those around go on. */
static void group_destroy_busy(void)
{
    Exec *e = exec_open();
    uint32_t sync[3];
    uint32_t group[3];
    uint32_t value = rng_u32();
    int err;

    for (unsigned i = 0; i < 3; i++) {
        Stream s = exec_stream(e, i);

        group[i] = px_group(e->p, e->vm, 1, 4 * KiB);
        sync[i] = px_syncobj(e->p, false);
        exec_put(e, 64 + i, 0);
        if (i == 0) {
            cs_endless(&s.cs);
        } else if (i == 1) {
            cs_move48(&s.cs, R_ADDR, exec_va(e, 128));
            cs_move32(&s.cs, R_DATA, 5);
            cs_sync_wait32(&s.cs, R_ADDR, R_DATA, CS_GT, true);
        } else {
            cs_spin(&s.cs, R_TMP, 20000);
        }
        cs_put32(&s.cs, exec_va(e, 64 + i), value);
        tap_errno(exec_go(e, group[i], 0, &s, 0, sync[i]), 0,
                  "group %u gets a job", i);
    }
    sleep_ms(20);
    tap_errno(px_group_destroy(e->p, group[0]), 0, "destroy: endless loop");
    tap_errno(px_group_destroy(e->p, group[1]), 0, "destroy: waits for ever");
    err = exec_finish(e, sync[0]);
    tap_errno(err, -ECANCELED, "the first job is cancelled");
    err = exec_finish(e, sync[1]);
    tap_errno(err, -ECANCELED, "the second too");
    tap_errno(exec_finish(e, sync[2]), 0, "the third group's is not");
    tap_eq(exec_word(e, 66), value, "it did its work");
    tap_ok(!exec_word(e, 64) && !exec_word(e, 65),
           "the cancelled ones did not reach their end");
    exec_close(e);
}

/*
 * More groups, one after the other, than the firmware's address range could
 * hold at once: what a group had there must come back.
 */
static void stress_groups(void)
{
    enum { ROUNDS = 4000 };
    Exec *e = exec_open();
    Queue q[1];
    unsigned failed = 0;
    unsigned r;

    for (r = 0; r < ROUNDS && !failed; r++) {
        Args g = px_group_args(e->p, e->vm, q, 1, 4 * KiB);

        if (r % 16) {
            int ret = px_group_create(e->p, &g);

            failed += ret != 0 || px_group_destroy(e->p, g.group_handle);
            if (ret) {
                tap_diag("round %u: %s", r, strerror(-ret));
            }
        } else {
            failed += !works(e, &g);
        }
    }
    tap_eq(failed, 0, "%u groups come and go, some with a job", ROUNDS);
    exec_close(e);
}

const GuestTest group_tests[] = {
    TEST("stress-groups", "4000 groups come and go", stress_groups,
         .limit_s = 600, .flags = TEST_LONG),
    TEST("group-create", "queues, rings, priorities, cores", group_create),
    TEST("group-bad-args", "what GROUP_CREATE refuses", group_bad_args),
    TEST("group-privilege", "high priority wants a privilege",
         group_privilege),
    TEST("group-limit", "128 groups for one open file", group_limit),
    TEST("group-destroy", "destroy, and use after it", group_destroy),
    TEST("group-state", "GROUP_GET_STATE", group_state),
    TEST("group-destroy-busy", "destroy groups that run and wait",
         group_destroy_busy),
    TEST_END,
};
