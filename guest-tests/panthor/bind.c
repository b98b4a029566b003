/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VM_BIND: mappings, and that the device walks what the driver wrote.
 */
#include <errno.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define OP_MAP   DRM_PANTHOR_VM_BIND_OP_TYPE_MAP
#define OP_UNMAP DRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP
#define OP_SYNC  DRM_PANTHOR_VM_BIND_OP_TYPE_SYNC_ONLY

/* Far from what px_bo() hands out. */
#define TEST_VA 0x200000000ull

typedef struct drm_panthor_vm_bind_op Op;

static Op map_op(const Bo *bo, uint64_t off, uint64_t va, uint64_t size)
{
    return (Op) {
        .flags = OP_MAP, .bo_handle = bo->handle, .bo_offset = off, .va = va,
        .size = size, .syncs.stride = sizeof(struct drm_panthor_sync_op),
    };
}

static Op unmap_op(uint64_t va, uint64_t size)
{
    return (Op) {
        .flags = OP_UNMAP, .va = va, .size = size,
        .syncs.stride = sizeof(struct drm_panthor_sync_op),
    };
}

static int bind_one(Exec *e, uint32_t flags, Op op)
{
    uint32_t nr = 1;

    return px_bind(e->p, e->vm, flags, &op, &nr);
}

/* Run a job that stores @nr values at @va, @step apart. */
static int store_at(Exec *e, const uint64_t *va, const uint32_t *value,
                    unsigned nr)
{
    exec_begin(e);
    for (unsigned i = 0; i < nr; i++) {
        cs_put32(&e->cs, va[i], value[i]);
    }
    return exec_run(e);
}

static uint32_t bo_word(const Bo *bo, uint64_t byte)
{
    return ((volatile uint32_t *)bo->map)[byte / 4];
}

/* Pages of a buffer in reverse order: every page is walked to for itself. */
static void bind_pages(void)
{
    enum { PAGES = 16 };
    Exec *e = exec_open();
    uint64_t va[PAGES];
    uint32_t value[PAGES];
    Op ops[PAGES];
    uint32_t nr = PAGES;
    unsigned wrong = 0;

    for (unsigned i = 0; i < PAGES; i++) {
        va[i] = TEST_VA + i * 4096ull + i * 4;
        value[i] = rng_u32();
        ops[i] = map_op(&e->data, (PAGES - 1 - i) * 4096ull,
                        TEST_VA + i * 4096ull, 4096);
    }
    tap_errno(px_bind(e->p, e->vm, 0, ops, &nr), 0, "16 maps in one call");
    tap_errno(store_at(e, va, value, PAGES), 0, "a job stores to each page");
    for (unsigned i = 0; i < PAGES; i++) {
        wrong += bo_word(&e->data, (PAGES - 1 - i) * 4096ull + i * 4) !=
                 value[i];
    }
    tap_eq(wrong, 0, "every value is in the page it was mapped to");
    tap_errno(px_unmap(e->p, e->vm, TEST_VA, PAGES * 4096), 0,
              "one unmap takes all");
    tap_errno(px_unmap(e->p, e->vm, TEST_VA, PAGES * 4096), 0,
              "an unmap of nothing is fine");
    exec_close(e);
}

static void bind_bad_args(void)
{
    Exec *e = exec_open();
    Bo *bo = &e->data;
    struct drm_panthor_sync_op s = sync_signal_op(e->sync);
    struct drm_panthor_vm_bind b = { .vm_id = e->vm };
    Op op;

    tap_errno(bind_one(e, 0, map_op(bo, 0, TEST_VA + 8, 4096)), -EINVAL,
              "unaligned address");
    tap_errno(bind_one(e, 0, map_op(bo, 0, TEST_VA, 4000)), -EINVAL,
              "unaligned size");
    tap_errno(bind_one(e, 0, map_op(bo, 512, TEST_VA, 4096)), -EINVAL,
              "unaligned offset");
    tap_errno(bind_one(e, 0, map_op(bo, 0, TEST_VA, bo->size + 4096)),
              -EINVAL, "larger than the buffer");
    tap_errno(bind_one(e, 0, map_op(bo, bo->size, TEST_VA, 4096)), -EINVAL,
              "behind the buffer");
    tap_errno(bind_one(e, 0, map_op(bo, ~4095ull, TEST_VA, 8192)), -EINVAL,
              "an offset that wraps");
    op = map_op(bo, 0, TEST_VA, 4096);
    op.bo_handle = 0x777;
    tap_errno(bind_one(e, 0, op), -EINVAL, "no buffer");
    op = map_op(bo, 0, TEST_VA, 4096);
    op.flags |= 1u << 5;
    tap_errno(bind_one(e, 0, op), -EINVAL, "unknown flag of a map");
    op.flags = 3u << 28;
    tap_errno(bind_one(e, 0, op), -EINVAL, "unknown type");
    op = unmap_op(TEST_VA, 4096);
    op.flags |= DRM_PANTHOR_VM_BIND_OP_MAP_READONLY;
    tap_errno(bind_one(e, 0, op), -EINVAL, "unmap with a flag of map");
    op = unmap_op(TEST_VA, 4096);
    op.bo_handle = bo->handle;
    tap_errno(bind_one(e, 0, op), -EINVAL, "unmap with a buffer");
    op = unmap_op(TEST_VA, 4096);
    op.bo_offset = 4096;
    tap_errno(bind_one(e, 0, op), -EINVAL, "unmap with an offset");
    op = map_op(bo, 0, TEST_VA, 4096);
    op.syncs = (struct drm_panthor_obj_array) DRM_PANTHOR_OBJ_ARRAY(1, &s);
    tap_errno(bind_one(e, 0, op), -EINVAL, "a sync object without async");
    op = (Op) { .flags = OP_SYNC, .syncs.stride = sizeof(s) };
    tap_errno(bind_one(e, DRM_PANTHOR_VM_BIND_ASYNC, op), -EINVAL,
              "sync-only without sync objects");
    op.syncs = (struct drm_panthor_obj_array) DRM_PANTHOR_OBJ_ARRAY(1, &s);
    op.va = TEST_VA;
    tap_errno(bind_one(e, DRM_PANTHOR_VM_BIND_ASYNC, op), -EINVAL,
              "sync-only with an address");
    tap_errno(bind_one(e, 0, map_op(bo, 0, TEST_VA, 0)), 0,
              "size 0 is nothing to do");

    op = map_op(bo, 0, TEST_VA, 4096);
    b.ops = (struct drm_panthor_obj_array) DRM_PANTHOR_OBJ_ARRAY(1, &op);
    b.ops.stride = 8;
    tap_errno(px_ioctl(e->p, DRM_IOCTL_PANTHOR_VM_BIND, &b), -EINVAL,
              "stride too small");
    b.ops.stride = sizeof(op);
    b.ops.array = 8;
    tap_errno(px_ioctl(e->p, DRM_IOCTL_PANTHOR_VM_BIND, &b), -EFAULT,
              "an array nowhere");
    b.ops = (struct drm_panthor_obj_array) DRM_PANTHOR_OBJ_ARRAY(1, &op);
    b.vm_id = 31;
    tap_errno(px_ioctl(e->p, DRM_IOCTL_PANTHOR_VM_BIND, &b), -EINVAL,
              "no VM");
    exec_close(e);
}

static void bind_partial(void)
{
    Exec *e = exec_open();
    uint64_t va = TEST_VA + 16;
    uint32_t value = rng_u32();
    Op ops[3] = {
        map_op(&e->data, 0, TEST_VA, 4096),
        map_op(&e->data, 0, TEST_VA + 4097, 4096),
        map_op(&e->data, 4096, TEST_VA + 8192, 4096),
    };
    uint32_t nr = 3;
    uint32_t state;

    tap_errno(px_bind(e->p, e->vm, 0, ops, &nr), -EINVAL,
              "the second of three is bad");
    tap_eq(nr, 1, "the count tells that one was done");
    tap_errno(store_at(e, &va, &value, 1), 0, "a job uses the first");
    tap_eq(exec_word(e, 4), value, "it is mapped");
    tap_errno(px_vm_state(e->p, e->vm, &state), 0, "query the VM");
    tap_eq(state, DRM_PANTHOR_VM_STATE_USABLE, "it stays usable");
    exec_close(e);
}

/* The kernel's own objects live at 2^47 and above. */
static void bind_kernel_range(void)
{
    const uint64_t va = PX_KERNEL_VA + (1ull << 46);
    Exec *e = exec_open();

    if (e->p->minor) {
        tap_errno(bind_one(e, 0, map_op(&e->data, 0, va, 4096)), -EINVAL,
                  "a map in the kernel's range");
        tap_errno(bind_one(e, 0, map_op(&e->data, 0, PX_KERNEL_VA - 4096,
                                        8192)), -EINVAL,
                  "a map across its start");
        tap_errno(bind_one(e, 0, unmap_op(va, 4096)), -EINVAL,
                  "an unmap there");
        tap_errno(bind_one(e, 0, map_op(&e->data, 0, PX_KERNEL_VA - 4096,
                                        4096)), 0, "the last user page");
    } else {
        uint64_t at = va + 32;
        uint32_t value = rng_u32();
        int ret = bind_one(e, 0, map_op(&e->data, 0, va, 4096));

        /* Point releases of 6.12 gained the check of 7.x. */
        tap_ok(!ret || ret == -EINVAL, "accepted or refused, by release");
        if (!ret) {
            tap_errno(store_at(e, &at, &value, 1), 0,
                      "a job stores through an address with bit 47");
            tap_eq(exec_word(e, 8), value, "it is not sign-extended");
            tap_errno(bind_one(e, 0, unmap_op(va, 4096)), 0, "unmap");
        }
    }
    exec_close(e);
}

static int bind_async(Exec *e, Op op, struct drm_panthor_sync_op *syncs,
                      uint32_t nr)
{
    op.syncs = (struct drm_panthor_obj_array)
        DRM_PANTHOR_OBJ_ARRAY(nr, syncs);
    return bind_one(e, DRM_PANTHOR_VM_BIND_ASYNC, op);
}

static void bind_async_order(void)
{
    Exec *e = exec_open();
    uint32_t line = px_syncobj(e->p, false);
    uint32_t done = px_syncobj(e->p, false);
    uint64_t va = TEST_VA + 64;
    uint32_t value[2] = { rng_u32(), rng_u32() };
    struct drm_panthor_sync_op first[2] = {
        sync_wait_point_op(line, 1), sync_signal_point_op(line, 2),
    };
    struct drm_panthor_sync_op last[2] = {
        sync_wait_point_op(line, 2), sync_signal_op(done),
    };
    uint64_t point = 0;

    tap_errno(bind_async(e, map_op(&e->data, 0, TEST_VA, 4096), first, 2),
              -EINVAL, "a wait for a point that nobody promised");
    tap_errno(px_syncobj_signal_point(e->p, line, 1), 0, "point 1 signalled");
    tap_errno(bind_async(e, map_op(&e->data, 0, TEST_VA, 4096), first, 2), 0,
              "a map that waits for 1 and signals 2");
    tap_errno(bind_async(e, (Op) { .flags = OP_SYNC }, last, 2), 0,
              "sync-only: waits for 2, signals another");
    tap_errno(px_wait(e->p, done, PX_WAIT_MS), 0, "that is signalled");
    tap_errno(px_timeline_value(e->p, line, &point), 0, "query the timeline");
    tap_eq(point, 2, "it is at 2");
    tap_errno(store_at(e, &va, &value[0], 1), 0, "a job uses the mapping");
    tap_eq(exec_word(e, 16), value[0], "it is there");

    /* A job in the same VM waits for the map that comes with it. */
    first[0] = sync_wait_point_op(line, 2);
    first[1] = sync_signal_point_op(line, 3);
    tap_errno(bind_async(e, map_op(&e->data, 4096, TEST_VA, 4096), first, 2),
              0, "the same address moves to another page");
    tap_errno(px_wait_point(e->p, line, 3, PX_WAIT_MS), 0, "point 3");
    tap_errno(store_at(e, &va, &value[1], 1), 0, "a job again");
    tap_ok(bo_word(&e->data, 4096 + 64) == value[1] &&
           exec_word(e, 16) == value[0], "it is in the other page");
    exec_close(e);
}

/* A bind after the job that uses the old mapping, in one order by fences. */
static void bind_async_job(void)
{
    enum { ROUNDS = 8 };
    Exec *e = exec_open();
    uint32_t line = px_syncobj(e->p, false);
    uint32_t value[ROUNDS];
    unsigned wrong = 0;
    unsigned failed = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        Stream s = exec_stream(e, i);
        struct drm_panthor_sync_op bind_sync[2] = {
            sync_signal_point_op(line, 2 * i + 1),
            sync_wait_point_op(line, 2 * i),
        };
        struct drm_panthor_sync_op job_sync[2] = {
            sync_wait_point_op(line, 2 * i + 1),
            sync_signal_point_op(line, 2 * i + 2),
        };

        value[i] = rng_u32();
        cs_put32(&s.cs, TEST_VA + 4 * i, value[i]);
        failed += bind_async(e, map_op(&e->data, i * 4096ull, TEST_VA, 4096),
                             bind_sync, i ? 2 : 1) != 0;
        failed += px_submit(e->p, e->group, 0, s.va, cs_bytes(&s.cs),
                            job_sync, 2) != 0;
    }
    tap_eq(failed, 0, "eight times a map and a job after it are queued");
    tap_errno(px_wait_point(e->p, line, 2 * ROUNDS, PX_WAIT_MS), 0,
              "the last is done");
    for (unsigned i = 0; i < ROUNDS; i++) {
        wrong += bo_word(&e->data, i * 4096 + 4 * i) != value[i];
    }
    tap_eq(wrong, 0, "each job saw the mapping of its round");
    exec_close(e);
}

static void bind_async_fail(void)
{
    Exec *e = exec_open();
    struct drm_panthor_sync_op s = sync_signal_op(e->sync);
    Op bad = map_op(&e->data, 0, 1ull << 48, 4096);
    uint32_t state = 9;
    int ret = bind_async(e, bad, &s, 1);

    if (e->p->minor) {
        tap_errno(ret, -EINVAL, "a map beyond all addresses is refused");
        tap_errno(px_vm_state(e->p, e->vm, &state), 0, "query");
        tap_eq(state, DRM_PANTHOR_VM_STATE_USABLE, "the VM stays usable");
    } else if (ret) {
        tap_errno(ret, -EINVAL, "a map beyond all addresses is refused");
    } else {
        tap_ok(!px_wait(e->p, e->sync, PX_WAIT_MS) &&
               px_fence_error(e->p, e->sync) == -EINVAL,
               "a map beyond all addresses fails when it runs");
        tap_errno(px_vm_state(e->p, e->vm, &state), 0, "query");
        tap_eq(state, DRM_PANTHOR_VM_STATE_UNUSABLE, "the VM is unusable");
        tap_errno(bind_one(e, 0, map_op(&e->data, 0, TEST_VA, 4096)), -EINVAL,
                  "it takes no map any more");
        tap_errno(bind_one(e, 0, unmap_op(e->data.va, e->data.size)), 0,
                  "but unmaps");
    }
    exec_close(e);
}

/* A small map into a large one leaves its two ends. */
static void bind_split(void)
{
    Exec *e = exec_open();
    Bo big = px_bo(e->p, e->vm, 64 * KiB, 0);
    const uint64_t at[] = {
        TEST_VA, TEST_VA + 4 * 4096 - 4, TEST_VA + 4 * 4096,
        TEST_VA + 6 * 4096 - 4, TEST_VA + 6 * 4096, TEST_VA + 15 * 4096 + 4,
    };
    uint32_t value[ARRAY_SIZE(at)];

    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        value[i] = rng_u32();
    }
    tap_errno(bind_one(e, 0, map_op(&big, 0, TEST_VA, 64 * KiB)), 0,
              "16 pages");
    tap_errno(bind_one(e, 0, map_op(&e->data, 0, TEST_VA + 4 * 4096, 8192)),
              0, "two of another buffer over their middle");
    tap_errno(store_at(e, at, value, ARRAY_SIZE(at)), 0,
              "a job stores at every edge");
    tap_ok(bo_word(&big, 0) == value[0] &&
           bo_word(&big, 4 * 4096 - 4) == value[1], "left: the old buffer");
    tap_ok(exec_word(e, 0) == value[2] && exec_word(e, 2047) == value[3],
           "middle: the new one");
    tap_ok(bo_word(&big, 6 * 4096) == value[4] &&
           bo_word(&big, 15 * 4096 + 4) == value[5],
           "right: the old one, at its old offset");
    tap_ok(!bo_word(&big, 4 * 4096) && !bo_word(&big, 6 * 4096 - 4),
           "the old buffer's middle is untouched");
    tap_errno(px_unmap(e->p, e->vm, TEST_VA + 2 * 4096, 4096), 0,
              "a hole of one page");
    tap_errno(store_at(e, at, value, ARRAY_SIZE(at)), 0,
              "a job stores around it");
    exec_close(e);
}

/* A 2M block, if the memory came in one, must fall into pages. */
static void bind_block(void)
{
    Exec *e = exec_open();
    Bo big = px_bo(e->p, e->vm, 8 * MiB, 0);
    const uint64_t va = TEST_VA;
    const uint64_t at[] = {
        va, va + 2 * MiB - 4, va + 2 * MiB, va + 3 * MiB - 4,
        va + 3 * MiB + 4096, va + 4 * MiB, va + 8 * MiB - 4,
    };
    uint32_t value[ARRAY_SIZE(at)];
    unsigned wrong = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        value[i] = rng_u32();
    }
    tap_errno(bind_one(e, 0, map_op(&big, 0, va, 8 * MiB)), 0,
              "8 MiB at a multiple of 2 MiB");
    tap_errno(store_at(e, at, value, ARRAY_SIZE(at)), 0, "a job stores");
    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        wrong += bo_word(&big, at[i] - va) != value[i];
        value[i] = rng_u32();
    }
    tap_eq(wrong, 0, "everything is where it belongs");
    tap_errno(px_unmap(e->p, e->vm, va + 3 * MiB, 4096), 0,
              "one page goes out of its middle");
    tap_errno(store_at(e, at, value, ARRAY_SIZE(at)), 0,
              "a job stores around the hole");
    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        wrong += bo_word(&big, at[i] - va) != value[i];
    }
    tap_eq(wrong, 0, "everything is where it belongs");
    tap_errno(bind_one(e, 0, map_op(&e->data, 4096, va + 3 * MiB, 4096)), 0,
              "another buffer's page goes in");
    value[0] = rng_u32();
    tap_errno(store_at(e, (uint64_t[]) { va + 3 * MiB + 8 }, value, 1), 0,
              "a job stores there");
    tap_eq(exec_word(e, 1024 + 2), value[0], "it is in that buffer");
    tap_errno(px_unmap(e->p, e->vm, va, 8 * MiB), 0, "all goes");
    exec_close(e);
}

/* The CPU remaps pages beside one that a running stream reads and writes. */
static void bind_live(void)
{
    enum { ROUNDS = 40 };
    Exec *e = exec_open();
    Bo big = px_bo(e->p, e->vm, 4 * MiB, 0);
    unsigned failed = 0;
    uint32_t count = 20000;

    bind_one(e, 0, map_op(&big, 0, TEST_VA, 4 * MiB));
    cs_move48(&e->cs, R_ADDR, TEST_VA + 4096);
    cs_move32(&e->cs, R_TMP, count);
    cs_load(&e->cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_add_imm32(&e->cs, R_DATA, R_DATA, 1);
    cs_store(&e->cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_add_imm32(&e->cs, R_TMP, R_TMP, -1);
    cs_branch(&e->cs, CS_GT, R_TMP, -7);
    tap_errno(exec_submit(e), 0, "a loop of loads and stores starts");
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t va = TEST_VA + 2 * MiB - 16 * 4096 + i * 4096;

        failed += bind_one(e, 0, map_op(&e->data, 0, va, 4096)) != 0;
        failed += px_unmap(e->p, e->vm, va, 8192) != 0;
    }
    tap_eq(failed, 0, "pages beside come and go meanwhile");
    tap_errno(exec_done(e), 0, "the loop ends without a fault");
    tap_eq(bo_word(&big, 4096), count, "it counted every round");
    exec_close(e);
}

static void bind_sparse(void)
{
    Exec *e = exec_open();
    const uint32_t flags = DRM_PANTHOR_VM_BIND_OP_MAP_SPARSE |
                           DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC;
    const uint64_t at[] = { TEST_VA, TEST_VA + 6 * MiB + 40, e->data.va };
    uint32_t value[] = { 1, 2, rng_u32() };

    tap_errno(px_map(e->p, e->vm, 0, 0, TEST_VA, 8 * MiB,
                     DRM_PANTHOR_VM_BIND_OP_MAP_SPARSE), -EINVAL,
              "sparse and executable");
    tap_errno(px_map(e->p, e->vm, e->data.handle, 0, TEST_VA, 4096, flags),
              -EINVAL, "sparse with a buffer");
    tap_errno(px_map(e->p, e->vm, 0, 4096, TEST_VA, 4096, flags), -EINVAL,
              "sparse with an offset");
    tap_errno(px_map(e->p, e->vm, 0, 0, TEST_VA, 8 * MiB, flags), 0,
              "8 MiB sparse");
    tap_errno(store_at(e, at, value, ARRAY_SIZE(at)), 0,
              "a job may store there");
    tap_eq(exec_word(e, 0), value[2], "and went on");
    tap_errno(px_unmap(e->p, e->vm, TEST_VA, 8 * MiB), 0, "unmap");
    exec_close(e);
}

const GuestTest bind_tests[] = {
    TEST("bind-pages", "pages mapped one by one, in reverse", bind_pages),
    TEST("bind-bad-args", "bad addresses, sizes, flags, arrays",
         bind_bad_args),
    TEST("bind-partial", "a synchronous call tells where it failed",
         bind_partial),
    TEST("bind-kernel-range", "the kernel's part of a VM",
         bind_kernel_range),
    TEST("bind-async", "queued binds keep the order of their fences",
         bind_async_order),
    TEST("bind-async-job", "binds and jobs in one timeline",
         bind_async_job),
    TEST("bind-async-fail", "a queued bind that fails", bind_async_fail),
    TEST("bind-split", "a map into the middle of another", bind_split),
    TEST("bind-block", "holes in 2 MiB blocks", bind_block),
    TEST("bind-live", "binds beside a running stream", bind_live),
    TEST("bind-sparse", "sparse maps", bind_sparse, .minor = 9),
    TEST_END,
};
