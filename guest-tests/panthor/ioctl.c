/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that a driver does not have, and the files that they are made on.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "panthor.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

/* drivers/gpu/drm/drm_ioctl.c: drm_ioctl() goes by the number alone. */
static void ioctl_unknown(void)
{
    uint64_t arg[32] = { 0 };
    Px *p = px_open();

    tap_errno(px_ioctl(p, DRM_IOW(DRM_COMMAND_BASE + 0x30, arg), arg),
              -EINVAL, "a number behind all that the driver has");
    tap_errno(px_ioctl(p, DRM_IO(DRM_COMMAND_END - 1), NULL), -EINVAL,
              "the last number that a driver may have");
    px_close(p);
}

/* Many files, one after the other and beside each other. */
static void ioctl_files(void)
{
    enum { FILES = 32, ROUNDS = 4 };
    Px p[FILES];
    unsigned failed = 0;

    for (unsigned r = 0; r < ROUNDS; r++) {
        for (unsigned i = 0; i < FILES; i++) {
            failed += px_try_open(&p[i]) != 0;
        }
        for (unsigned i = 0; i < FILES && !failed; i++) {
            failed += p[i].gpu.gpu_id != p[0].gpu.gpu_id;
            close(p[i].fd);
        }
    }
    tap_eq(failed, 0, "%d times %d files are open and answer", ROUNDS, FILES);
}

/*
 * What Tyr's driver.rs: declare_drm_ioctls! leaves out is refused by the
 * number, with arguments that Panthor would take.
 */
static void ioctl_tyr(void)
{
    Px *p = px_open();
    uint64_t range = 0;
    uint64_t size = 4096;
    uint32_t id = 1;
    uint32_t state;
    uint32_t fatal;
    uint64_t offset;
    struct drm_panthor_vm_bind_op op = { .size = 4096 };
    struct drm_panthor_queue_create q[1];
    struct drm_panthor_group_create g = px_group_args(p, 1, q, 1, 4 * KiB);
    struct drm_panthor_tiler_heap_create h = {
        .vm_id = 1, .initial_chunk_count = 1, .chunk_size = 256 * KiB,
        .max_chunks = 8, .target_in_flight = 4,
    };
    struct drm_panthor_bo_set_label label = { 0 };
    struct drm_panthor_set_user_mmio_offset mmio = {
        .offset = DRM_PANTHOR_USER_MMIO_OFFSET_64BIT,
    };
    uint32_t one = 1;
    uint32_t csif = sizeof(p->csif);

    tap_errno(px_vm_create(p, 0, &range, &id), -EINVAL, "VM_CREATE");
    tap_errno(px_vm_destroy(p, 1), -EINVAL, "VM_DESTROY");
    tap_errno(px_bind(p, 1, 0, &op, &one), -EINVAL, "VM_BIND");
    tap_errno(px_vm_state(p, 1, &state), -EINVAL, "VM_GET_STATE");
    tap_errno(px_bo_create(p, &size, 0, 0, &id), -EINVAL, "BO_CREATE");
    tap_errno(px_bo_offset(p, 1, &offset), -EINVAL, "BO_MMAP_OFFSET");
    tap_errno(px_group_create(p, &g), -EINVAL, "GROUP_CREATE");
    tap_errno(px_group_destroy(p, 1), -EINVAL, "GROUP_DESTROY");
    tap_errno(px_submit(p, 1, 0, 0, 0, NULL, 0), -EINVAL, "GROUP_SUBMIT");
    tap_errno(px_group_state(p, 1, &state, &fatal), -EINVAL,
              "GROUP_GET_STATE");
    tap_errno(px_heap_create(p, &h), -EINVAL, "TILER_HEAP_CREATE");
    tap_errno(px_heap_destroy(p, 1), -EINVAL, "TILER_HEAP_DESTROY");
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_BO_SET_LABEL, &label), -EINVAL,
              "BO_SET_LABEL");
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_SET_USER_MMIO_OFFSET, &mmio),
              -EINVAL, "SET_USER_MMIO_OFFSET");
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_CSIF_INFO, &p->csif, &csif),
              -EINVAL, "of DEV_QUERY, csif_info");
    tap_ok(!px_flush_page(p), "the flush-id page cannot be mapped");
    px_close(p);
}

/* device.rs: compute_features(): GEM and render nodes, no sync objects. */
static void core_tyr(void)
{
    Px *p = px_open();
    struct drm_get_cap cap = { .capability = DRM_CAP_SYNCOBJ };
    struct drm_syncobj_create sync = { 0 };

    tap_errno(px_ioctl(p, DRM_IOCTL_GET_CAP, &cap), 0,
              "is there a capability for sync objects");
    tap_eq(cap.value, 0, "there is none");
    tap_errno(px_ioctl(p, DRM_IOCTL_SYNCOBJ_CREATE, &sync), -EOPNOTSUPP,
              "none is created");
    tap_errno(px_gem_close(p, 1), -EINVAL, "there is no buffer to close");
    px_close(p);
}

const GuestTest ioctl_tests[] = {
    TEST("ioctl-unknown", "numbers that no driver has", ioctl_unknown,
         .drivers = DRIVER_MALI),
    TEST("ioctl-files", "many open files", ioctl_files,
         .drivers = DRIVER_MALI),
    TEST("ioctl-tyr", "what Tyr does not have yet", ioctl_tyr,
         .drivers = DRIVER_TYR),
    TEST("core-tyr", "what Tyr has the DRM core do", core_tyr,
         .drivers = DRIVER_TYR),
    TEST_END,
};
