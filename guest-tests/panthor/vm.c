/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VM_CREATE, VM_DESTROY, VM_GET_STATE, and what address spaces keep apart.
 */
#include <errno.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define VA_END (1ull << 48)
#define MIN_KERNEL (256 * MiB)
#define MAX_VMS 32

static int create(Px *p, uint64_t range, uint64_t *got, uint32_t *id)
{
    *got = range;
    return px_vm_create(p, 0, got, id);
}

static void vm_create(void)
{
    Px *p = px_open();
    const struct {
        uint64_t ask;
        uint64_t get;
        const char *what;
    } good[] = {
        { 0, PX_KERNEL_VA, "default range" },
        { 4 * GiB, PX_KERNEL_VA, "4 GiB" },
        { PX_KERNEL_VA + GiB, VA_END - (1ull << 46), "more than half" },
        { VA_END - MIN_KERNEL, VA_END - MIN_KERNEL, "all it may" },
    };
    uint64_t got;
    uint32_t id;

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        tap_errno(create(p, good[i].ask, &got, &id), 0, "%s", good[i].what);
        tap_eq(got, good[i].get, "the kernel's part starts at a power of two");
        tap_ok(id > 0, "its ID is not zero");
        tap_errno(px_vm_destroy(p, id), 0, "destroy");
    }
    px_close(p);
}

static void vm_bad_args(void)
{
    Px *p = px_open();
    struct drm_panthor_vm_destroy d = { .pad = 1 };
    uint64_t range = 0;
    uint64_t got;
    uint32_t id;

    tap_errno(px_vm_create(p, 1, &range, &id), -EINVAL, "create with a flag");
    tap_errno(create(p, VA_END - MIN_KERNEL + 4096, &got, &id), -EINVAL,
              "too little left for the kernel");
    tap_errno(create(p, ~0ull, &got, &id), -EINVAL, "a range beyond all");
    tap_errno(px_vm_destroy(p, 0), -EINVAL, "destroy ID 0");
    tap_errno(px_vm_destroy(p, 31), -EINVAL, "destroy an ID never given");
    d.id = px_vm(p);
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_VM_DESTROY, &d), -EINVAL,
              "destroy with padding set");
    tap_errno(px_vm_destroy(p, d.id), 0, "destroy");
    tap_errno(px_vm_destroy(p, d.id), -EINVAL, "destroy again");
    px_close(p);
}

static void vm_limit(void)
{
    Px *p = px_open();
    Px *other = px_open();
    uint32_t ids[MAX_VMS];
    uint64_t got;
    uint32_t id;
    unsigned nr;

    for (nr = 0; nr < MAX_VMS; nr++) {
        if (create(p, 0, &got, &ids[nr])) {
            break;
        }
    }
    tap_eq(nr, MAX_VMS, "32 VMs can be had");
    tap_errno(create(p, 0, &got, &id), -EBUSY, "a 33rd cannot");
    tap_errno(create(other, 0, &got, &id), 0, "but by another open file");
    tap_errno(px_vm_destroy(p, ids[7]), 0, "one goes");
    tap_errno(create(p, 0, &got, &id), 0, "one comes");
    px_close(other);
    px_close(p);
}

static void vm_state(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    uint32_t state = 99;

    tap_errno(px_vm_state(p, vm, &state), 0, "query");
    tap_eq(state, DRM_PANTHOR_VM_STATE_USABLE, "a new VM is usable");
    tap_errno(px_vm_state(p, vm + 1, &state), -EINVAL, "unknown VM");
    px_vm_destroy(p, vm);
    tap_errno(px_vm_state(p, vm, &state), -EINVAL, "destroyed VM");
    px_close(p);
}

/*
 * More VMs than address spaces, each with its own buffer at one and the same
 * address: every job must reach its own.
 */
static void vm_isolation(void)
{
    enum { NR = 20, ROUNDS = 3 };
    Px *p = px_open();
    uint32_t vm[NR];
    uint32_t group[NR];
    uint32_t sync[NR];
    uint32_t want[NR];
    Bo data[NR];
    Bo code[NR];
    unsigned wrong = 0;
    unsigned failed = 0;

    for (unsigned i = 0; i < NR; i++) {
        vm[i] = px_vm(p);
        p->next_va = PX_FIRST_VA;
        data[i] = px_bo(p, vm[i], 4096, DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC);
        code[i] = px_bo(p, vm[i], 4096, 0);
        group[i] = px_group(p, vm[i], 1, 4096);
        sync[i] = px_syncobj(p, false);
    }
    tap_ok(data[0].va == data[NR - 1].va && code[0].va == code[NR - 1].va,
           "%u VMs use the same addresses", NR);
    for (unsigned r = 0; r < ROUNDS; r++) {
        for (unsigned i = 0; i < NR; i++) {
            struct drm_panthor_sync_op s = sync_signal_op(sync[i]);
            Cs cs;

            want[i] = rng_u32();
            cs_init(&cs, code[i].map, code[i].size);
            cs_put32(&cs, data[i].va + 8 * r, want[i]);
            px_syncobj_reset(p, sync[i]);
            failed += px_submit(p, group[i], 0, code[i].va, cs_bytes(&cs), &s,
                                1) != 0;
        }
        failed += px_wait_all(p, sync, NR, PX_WAIT_MS) != 0;
        for (unsigned i = 0; i < NR; i++) {
            failed += px_fence_error(p, sync[i]) != 0;
            wrong += ((volatile uint32_t *)data[i].map)[2 * r] != want[i];
            wrong += ((volatile uint32_t *)data[i].map)[2 * r + 1] != 0;
        }
    }
    tap_eq(failed, 0, "all jobs of %u rounds complete", ROUNDS);
    tap_eq(wrong, 0, "each stored into its own VM's buffer only");
    for (unsigned i = 0; i < NR; i++) {
        px_group_destroy(p, group[i]);
    }
    px_close(p);
}

const GuestTest vm_tests[] = {
    TEST("vm-create", "ranges and their rounding", vm_create),
    TEST("vm-bad-args", "bad flags, ranges, IDs, padding", vm_bad_args),
    TEST("vm-limit", "32 VMs for one open file", vm_limit),
    TEST("vm-state", "VM_GET_STATE", vm_state),
    TEST("vm-isolation", "more VMs than address spaces do not mix",
         vm_isolation),
    TEST_END,
};
